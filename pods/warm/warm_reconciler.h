// Runs the trials of experiments with spec.trialPods.reuse on pods that outlive them: reads, plans
// (pool_plan), applies.
//
// It is what spec.managedBy of such a trial's Job names: it writes that Job's status, the pods of
// the pool with their leases, and what a trial on a warm pod used to the trial's status.resources.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "pods/job/pod_sizer.h"
#include "pods/warm/pool_plan.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/object_store.h"

namespace mizan::pods {

/// Thread: io. Everything given to it outlives it.
class WarmReconciler final : public controller::Reconciler {
 public:
  struct World {
    store::ObjectStore& store;
    const Clock& clock;
    controller::Recorder& recorder;
    controller::Informer<resources::Experiment>& experiments;
    controller::Informer<resources::Trial>& trials;
    controller::Informer<Json>& jobs;
    controller::Informer<Json>& pods;  // indexed by controller_uid_index
    PodSizer* sizer = nullptr;         // null: pods are as their template says
    /// The token of a pod's runner.
    std::function<std::string(const std::string& ns, const std::string& pod)> token;
    /// How long a pod's runner has said nothing, as far as this server knows.
    std::function<std::chrono::seconds(const std::string& pod_uid)> silent_for;
    /// Tells a pod of an earlier server where this one listens; may block, on the files pool.
    std::function<Task<>(std::string pod_uid, std::string container)> announce;
    std::function<WarmPodFacts()> facts;
  };

  explicit WarmReconciler(World world, PoolTiming timing = {});

  /// Listens to the informers, before they run.
  void listen(const std::function<void(const controller::Request&)>& enqueue);

  /// Of an Experiment.
  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

 private:
  using Object = PoolView::Object;
  using ExperimentPtr = std::shared_ptr<const resources::Experiment>;

  bool has_pool(const resources::Experiment& experiment) const;
  PoolView view_of(const resources::Experiment& experiment);
  WantedSize size(const Json& job, std::int64_t attempt, const Json& pod);
  Task<Result<>> apply(ExperimentPtr experiment, PoolPlan plan);
  Task<Result<>> write_trial(PoolPlan::TrialWrite write);
  Task<Result<>> write_job(PoolPlan::JobWrite write);
  Task<Result<>> resize(PoolPlan::Resize resize);
  Task<Result<>> write_pod(PoolPlan::PodWrite write);
  Task<Result<>> create(ExperimentPtr experiment, Json pod);
  Task<Result<>> remove(Object pod);
  Task<> announce_to(std::vector<Object> pods);

  World world_;
  PoolTiming timing_;
  std::map<std::string, std::map<std::string, Object>> open_jobs_;  // by ns/experiment, name
  std::map<std::string, WantedSize> sizes_;  // by uid of Job and attempt: asked for once
  std::set<std::string> announced_;          // uids of pods
};

}  // namespace mizan::pods
