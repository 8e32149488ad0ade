// Runs batch/v1 Jobs in the embedded cluster: reads, plans (job_plan), applies.
#pragma once

#include <functional>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "pods/job/job_plan.h"
#include "pods/job/pod_sizer.h"
#include "store/object_store.h"

namespace mizan::pods {

/// Thread: io. Everything given to it outlives it.
class JobReconciler final : public controller::Reconciler {
 public:
  /// `pods` is indexed by controller_uid_index.
  JobReconciler(store::ObjectStore& store, const Clock& clock, controller::Recorder& recorder,
                controller::Informer<Json>& jobs, controller::Informer<Json>& pods,
                JobTiming timing = {});

  /// Listens to both informers, before they run.
  void listen(std::function<void(const controller::Request&)> enqueue);

  /// Who is asked for the size of each new pod; it outlives this. Before the first reconcile.
  void size_with(PodSizer& sizer) { sizer_ = &sizer; }

  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

 private:
  Task<Result<>> apply(std::shared_ptr<const Json> job, JobPlan plan);

  store::ObjectStore& store_;
  const Clock& clock_;
  controller::Recorder& recorder_;
  controller::Informer<Json>& jobs_;
  controller::Informer<Json>& pods_;
  JobTiming timing_;
  PodSizer* sizer_ = nullptr;
};

/// The uid of the object that controls `pod`, "" when none does: what the informer of Pods is
/// indexed by.
std::string controller_uid_index(const Json& pod);

}  // namespace mizan::pods
