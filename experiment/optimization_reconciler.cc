// The I/O around optimization_job.
#include "experiment/optimization_reconciler.h"

#include <fmt/format.h>

#include "experiment/optimization_job.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::experiment {
namespace {

using controller::Request;
using controller::RequeueAfter;

using resources::kExperiments;
using resources::kOptimizationJobs;

bool is_owned_by(const Json& experiment, const Json& job) {
  const auto owner = resources::controller_of(experiment);
  return owner && owner->uid == resources::uid_of(job);
}

}  // namespace

OptimizationReconciler::OptimizationReconciler(store::ObjectStore& store, const Clock& clock,
                                               controller::Recorder& recorder,
                                               controller::Informer<Json>& optimization_jobs,
                                               Experiments& experiments)
    : store_(store),
      clock_(clock),
      recorder_(recorder),
      jobs_(optimization_jobs),
      experiments_(experiments) {}

void OptimizationReconciler::listen(const std::function<void(const Request&)>& enqueue) {
  jobs_.on_change([enqueue](const controller::Informer<Json>::Event& event) {
    if (event.after)
      enqueue(Request(resources::namespace_of(*event.after), resources::name_of(*event.after)));
  });
  // Of the same name: also one that stands in the way.
  experiments_.on_change([this, enqueue](const Experiments::Event& event) {
    const resources::Experiment& experiment = event.after ? *event.after : *event.before;
    if (jobs_.get(experiment.ns, experiment.name)) enqueue(Request(experiment.ns, experiment.name));
  });
}

Task<Result<RequeueAfter>> OptimizationReconciler::reconcile(Request request) {
  const JobPtr job = jobs_.get(request.ns, request.name);
  if (!job || resources::is_being_deleted(*job) || is_finished_optimization(*job))
    co_return RequeueAfter();
  const ExperimentPtr experiment = experiments_.get(request.ns, request.name);
  Json status;
  if (!experiment) {
    Result<> made = co_await create(job);
    if (made) co_return RequeueAfter();  // it comes by the watch
    const Code code = made.error().code;
    if (code != Code::kInvalid && code != Code::kBadRequest)
      co_return fail(std::move(made).error());
    status = optimization_status(*job, made.error().message, true, clock_.now());
  } else if (!is_owned_by(experiment->raw, *job)) {
    const std::string problem = fmt::format(
        "there is an Experiment {} that it does not own: delete that one, or give the "
        "OptimizationJob another metadata.name",
        request.name);
    status = optimization_status(*job, problem, false, clock_.now());
  } else {
    status = optimization_status(*job, experiment->raw, clock_.now());
  }
  Result<> written = co_await write_status(job, std::move(status));
  if (!written) co_return fail(std::move(written).error());
  co_return RequeueAfter();
}

Task<Result<>> OptimizationReconciler::create(JobPtr job) {
  auto made =
      co_await store_.create(kExperiments, resources::namespace_of(*job), experiment_of(*job));
  if (made) experiments_.observe(made->object);
  if (made || made.error().code == Code::kAlreadyExists) co_return Result<>();
  co_return fail(made.error());
}

Task<Result<>> OptimizationReconciler::write_status(JobPtr job, Json status) {
  const Json* before = find(*job, "status");
  if (status.empty() || (before != nullptr && *before == status)) co_return Result<>();
  Json change;
  change["status"] = std::move(status);
  store::Key key(kOptimizationJobs, resources::namespace_of(*job), resources::name_of(*job));
  store::Patch patch(store::PatchType::kMerge, std::move(change));
  auto written = co_await store_.patch(std::move(key), "status", std::move(patch));
  if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
  if (!written) co_return Result<>();
  jobs_.observe(written->object);
  if (is_finished_optimization(*written->object)) {
    recorder_.record(*written->object, controller::EventType::kNormal, "Finished",
                     "the OptimizationJob has finished");
  }
  co_return Result<>();
}

}  // namespace mizan::experiment
