// Sizes the pods of trials: at creation to what the trial is predicted to need, while they run
// before they reach their limit, after an OOM kill to more. It learns from finished trials alone,
// from what their status says that they used, so a server that comes later knows the same.
//
// It writes status.resources of Trials, status.savings of Experiments and the `resize` subresource
// of Pods; the Job controller asks it through PodSizer.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "core/time.h"
#include "pods/job/pod_sizer.h"
#include "pods/node/embedded_node.h"
#include "pods/tuner/experience.h"
#include "pods/tuner/resize_history.h"
#include "pods/tuner/sized_note.h"
#include "pods/tuner/tuner_metrics.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/object_store.h"

namespace mizan::pods {

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
    const Clock& clock;
    Usage usage;
    std::function<TrialSize()> node;          // what the largest node has; empty: not known
    prometheus::Registry* metrics = nullptr;  // null: nobody asks
  };
  struct Timing {
    std::chrono::milliseconds look_every{250};  // at pods that run and may be resized
    std::chrono::milliseconds savings_every{1000};
    Timing() {}
  };

  explicit TrialTuner(World world, Timing timing = {});
  ~TrialTuner() override;

  /// Listens to the informers, before they run.
  void listen(std::function<void(const controller::Request&)> enqueue);

  /// Of a Pod; or "trial/NAME", of a Trial that can't run.
  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

  bool ready() const override { return world_.experiments.synced() && world_.trials.synced(); }
  int oom_retries(const Json& job) const override;
  bool admits(const Json& job, const ObjectList& pods) override;
  void size(const Json& job, const ObjectList& pods, Json& pod) override;

  /// What a pod for that trial shall get. `given`: what it would have otherwise; `killed_at`: bytes
  /// of the largest attempt that was killed for want of memory, 0 when there was none.
  struct Need {
    TrialSize size;  // of the resources that are controlled; 0: as it is
    std::optional<NeedPrediction> memory, cpu;
    std::string impossible;  // why no allowed size would do; empty: one does
  };
  Need need(const resources::Experiment& experiment, const resources::Trial& trial,
            const TrialSize& given, std::int64_t killed_at) const;

  /// How many trials of `experiment` may run at once now (trialPods.elasticParallelism),
  /// `completed` of them having ended. nullopt: as many as it says itself.
  std::optional<std::int64_t> trials_at_once(const resources::Experiment& experiment,
                                             std::int64_t completed) const;

  const ResizeHistory& history() const { return history_; }

 private:
  struct Watched;
  using WatchedPtr = std::shared_ptr<Watched>;
  using PodPtr = std::shared_ptr<const Json>;
  using TrialPtr = std::shared_ptr<const resources::Trial>;
  using ExperimentPtr = std::shared_ptr<const resources::Experiment>;

  ExperimentPtr experiment_of(const Json& object) const;
  TrialPtr trial_of(const Json& object) const;
  SizingPolicy policy_of(const resources::Experiment& experiment) const;
  void pod_changed(const controller::Informer<Json>::Event& event);
  Task<Result<controller::RequeueAfter>> end_infeasible(TrialPtr trial);

  // a pod while it runs, in trial_tuner_watch.cc
  Task<Result<controller::RequeueAfter>> follow(PodPtr pod);
  WatchedPtr watched_of(const Json& pod, const resources::Trial& trial, const SizedNote& note);
  Task<Result<>> begin(PodPtr pod, TrialPtr trial, SizedNote note, WatchedPtr watched);
  Task<Result<>> look_at(PodPtr pod, TrialPtr trial, SizingPolicy policy, WatchedPtr watched);
  PodLook look_of(const Json& pod, const resources::Trial& trial, const Watched& watched,
                  const ContainerUse& use) const;
  Task<Result<>> act(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep step);
  Task<Result<>> tell_news(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep::News news);
  Task<Result<>> finish(PodPtr pod, TrialPtr trial, WatchedPtr watched, std::string ended);
  Task<Result<>> leave_to(PodPtr pod, TrialPtr trial, WatchedPtr watched, std::string owner);

  // writing, in trial_tuner_writes.cc
  Task<Result<>> resize(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep step);
  Task<Result<>> take_back(PodPtr pod, TrialPtr trial, std::string why);
  Task<Result<>> replace(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep step);
  Task<Result<>> remove_replaced(PodPtr pod);
  Task<Result<>> tell(TrialPtr trial, Json status);
  Task<Result<controller::RequeueAfter>> write_savings(ExperimentPtr experiment);
  void record(const resources::Trial& trial, controller::EventType type, std::string reason,
              std::string message);

  World world_;
  Timing timing_;
  std::function<void(const controller::Request&)> enqueue_;
  std::map<std::string, Experience> experiences_;         // by namespace/experiment
  std::map<std::string, WatchedPtr> watched_;             // by pod uid
  std::map<std::string, std::set<std::string>> pods_of_;  // names, by namespace/trial
  ResizeHistory history_;
  TunerMetrics metrics_;
};

}  // namespace mizan::pods
