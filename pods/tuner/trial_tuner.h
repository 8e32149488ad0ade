// Sizes the pods of trials: at creation to what the trial is predicted to need, while they run
// before they reach their limit, after an OOM kill to more. It learns from finished trials alone,
// from what their status says that they used, so a server that comes later knows the same.
//
// It writes status.resources of Trials and the `resize` subresource of Pods;
// the Job controller asks it through PodSizer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "pods/job/pod_sizer.h"
#include "pods/node/embedded_node.h"
#include "pods/tuner/memory_model.h"
#include "pods/tuner/sizing_policy.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/object_store.h"

namespace mizan::pods {

/// On pods that the tuner looks after; its value is JSON: {"expected","upper","basis","evidence",
/// "attempt"}.
inline constexpr const char* kSizedAnnotation = "mizan.kubeflow.org/sized-by-tuner";
/// On pods whose anonymous memory the node shall sample.
inline constexpr const char* kSampleAnnotation = "mizan.kubeflow.org/sample-memory";

/// Thread: io. Everything given to it outlives it.
class TrialTuner final : public controller::Reconciler, public PodSizer {
 public:
  using Usage =
      std::function<Task<Result<std::vector<ContainerUse>>>(std::string ns, std::string pod)>;
  struct World {
    store::ObjectStore& store;
    controller::Informer<resources::Experiment>& experiments;
    controller::Informer<resources::Trial>& trials;
    controller::Informer<Json>& pods;
    controller::Recorder& recorder;
    Usage usage;
  };
  struct Timing {
    std::chrono::milliseconds look_every{250};  // at pods that run
    Timing() {}
  };

  explicit TrialTuner(World world, Timing timing = {});

  /// Listens to the informers, before they run.
  void listen(std::function<void(const controller::Request&)> enqueue);

  /// Of a Pod.
  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

  bool ready() const override { return world_.experiments.synced() && world_.trials.synced(); }
  int oom_retries(const Json& job) const override;
  void size(const Json& job, const ObjectList& pods, Json& pod) override;

 private:
  using PodPtr = std::shared_ptr<const Json>;
  using TrialPtr = std::shared_ptr<const resources::Trial>;
  using ExperimentPtr = std::shared_ptr<const resources::Experiment>;
  struct Learned {
    MemoryModel model;
    std::set<std::string> trials;  // uids
  };
  /// A pod while it runs.
  struct Watched {
    std::int64_t used = 0;
    std::chrono::steady_clock::time_point at, deferred_since;
    std::int64_t asked = 0;  // bytes of the last growth; 0: none yet
    int resizes = 0;
    bool told = false;  // status.resources has its beginning
  };

  ExperimentPtr experiment_of(const Json& object) const;
  TrialPtr trial_of(const Json& object) const;
  void learn(const resources::Trial& trial);
  std::optional<NeedPrediction> predict(const resources::Experiment& experiment,
                                        const resources::Trial& trial) const;
  Task<Result<>> watch_over(PodPtr pod, TrialPtr trial, SizingPolicy policy, Watched& watched);
  Task<Result<>> grow(PodPtr pod, TrialPtr trial, std::string container, std::int64_t bytes,
                      std::int64_t used);
  Task<Result<>> take_back(PodPtr pod, TrialPtr trial, std::string container);
  Task<Result<>> tell(TrialPtr trial, Json resources, int attempts);

  World world_;
  Timing timing_;
  std::map<std::string, Learned> learned_;  // by namespace/experiment
  std::map<std::string, Watched> watched_;  // by pod uid
};

}  // namespace mizan::pods
