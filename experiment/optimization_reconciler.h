// Makes an Experiment of each OptimizationJob and tells its status back.
#pragma once

#include <functional>
#include <string>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "core/time.h"
#include "resources/experiment.h"
#include "store/object_store.h"

namespace mizan::experiment {

/// Thread: io. Everything given to it outlives it.
class OptimizationReconciler final : public controller::Reconciler {
 public:
  using Experiments = controller::Informer<resources::Experiment>;

  OptimizationReconciler(store::ObjectStore& store, const Clock& clock,
                         controller::Recorder& recorder,
                         controller::Informer<Json>& optimization_jobs, Experiments& experiments);

  /// Listens to both informers, before they run.
  void listen(const std::function<void(const controller::Request&)>& enqueue);

  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

 private:
  using JobPtr = std::shared_ptr<const Json>;
  using ExperimentPtr = std::shared_ptr<const resources::Experiment>;
  Task<Result<>> create(JobPtr job);
  Task<Result<>> write_status(JobPtr job, Json status);

  store::ObjectStore& store_;
  const Clock& clock_;
  controller::Recorder& recorder_;
  controller::Informer<Json>& jobs_;
  Experiments& experiments_;
};

}  // namespace mizan::experiment
