// Applies plans; every step may be repeated.
#include "pods/job/job_reconciler.h"

#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

using resources::kJobs;
using resources::kPods;

/// As Kubernetes has it: such a Job is somebody else's.
bool is_managed_by_another(const Json& job) {
  const std::string manager = string_at(job, "spec.managedBy");
  return !manager.empty() && manager != "kubernetes.io/job-controller";
}

}  // namespace

std::string controller_uid_index(const Json& pod) {
  const auto controller = resources::controller_of(pod);
  return controller ? controller->uid : "";
}

JobReconciler::JobReconciler(store::ObjectStore& store, const Clock& clock,
                             controller::Recorder& recorder, controller::Informer<Json>& jobs,
                             controller::Informer<Json>& pods, JobTiming timing)
    : store_(store),
      clock_(clock),
      recorder_(recorder),
      jobs_(jobs),
      pods_(pods),
      timing_(timing) {}

void JobReconciler::listen(std::function<void(const controller::Request&)> enqueue) {
  jobs_.on_change([enqueue](const controller::Informer<Json>::Event& event) {
    if (event.after)
      enqueue(controller::Request(resources::namespace_of(*event.after),
                                  resources::name_of(*event.after)));
  });
  pods_.on_change([enqueue = std::move(enqueue)](const controller::Informer<Json>::Event& event) {
    const Json& pod = event.after ? *event.after : *event.before;
    const auto controller = resources::controller_of(pod);
    if (controller && controller->kind == "Job")
      enqueue(controller::Request(resources::namespace_of(pod), controller->name));
  });
}

Task<Result<controller::RequeueAfter>> JobReconciler::reconcile(controller::Request request) {
  const auto job = jobs_.get(request.ns, request.name);
  if (job && is_managed_by_another(*job)) co_return controller::RequeueAfter{};
  if (!job || resources::is_being_deleted(*job)) co_return controller::RequeueAfter{};
  if (sizer_ != nullptr && !sizer_->ready())
    co_return controller::RequeueAfter{std::chrono::milliseconds(20)};
  const auto pods = pods_.group(resources::uid_of(*job));
  if (sizer_ != nullptr && !sizer_->admits(*job, pods))
    co_return controller::RequeueAfter{std::chrono::milliseconds(500)};
  JobTiming timing = timing_;
  if (sizer_ != nullptr) timing.oom_retries = sizer_->oom_retries(*job);
  JobPlan plan = plan_job(*job, pods, clock_.now(), timing);
  if (sizer_ != nullptr) {
    for (Json& pod : plan.create) sizer_->size(*job, pods, pod);
  }
  const auto look_again = plan.look_again;
  if (auto applied = co_await apply(job, std::move(plan)); !applied)
    co_return fail(applied.error());
  co_return controller::RequeueAfter(look_again);
}

Task<Result<>> JobReconciler::apply(std::shared_ptr<const Json> job, JobPlan plan) {
  const std::string ns = resources::namespace_of(*job);
  const std::string name = resources::name_of(*job);
  if (plan.remove_job) {
    store::Key key(kJobs, ns, name);
    store::RemoveOptions options;
    options.uid = resources::uid_of(*job);
    auto removed = co_await store_.remove(std::move(key), std::move(options));
    if (!removed && removed.error().code != Code::kNotFound) co_return fail(removed.error());
    co_return Result<>{};
  }
  for (Json& pod : plan.create) {
    auto created = co_await store_.create(kPods, ns, std::move(pod));
    if (created) pods_.observe(created->object);
    if (!created && created.error().code != Code::kAlreadyExists) {
      recorder_.record(*job, controller::EventType::kWarning, "FailedCreate",
                       "Error creating: " + created.error().message);
      co_return fail(created.error());
    }
  }
  for (const std::string& pod : plan.remove) {
    store::Key key(kPods, ns, pod);
    auto removed = co_await store_.remove(std::move(key));
    if (!removed && removed.error().code != Code::kNotFound) co_return fail(removed.error());
  }
  if (!plan.status.is_null()) {
    // Replaced as a whole, since nobody else writes it; the resourceVersion guards against our own
    // stale view.
    Json next = *job;
    next["status"] = std::move(plan.status);
    store::Key key(kJobs, ns, name);
    auto written = co_await store_.update(std::move(key), "status", std::move(next));
    if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
    if (written) jobs_.observe(written->object);
  }
  for (const JobEvent& event : plan.events) {
    recorder_.record(
        *job, event.warning ? controller::EventType::kWarning : controller::EventType::kNormal,
        event.reason, event.message);
  }
  co_return Result<>{};
}

}  // namespace mizan::pods
