// Applies plans; every step may be repeated.
#include "pods/train/train_reconciler.h"

#include <fmt/format.h>

#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

using controller::Request;
using controller::RequeueAfter;
using resources::name_of;
using resources::namespace_of;
using resources::uid_of;

using resources::kJobs;
using resources::kSecrets;
using resources::kTrainJobs;
constexpr std::string_view kPath = "/apis/trainer.kubeflow.org/v1alpha1/namespaces";

using Event = controller::Informer<Json>::Event;

/// Those that wait for or refer to a runtime that changed.
void enqueue_users(const controller::Informer<Json>& train_jobs, const Json& runtime,
                   const std::function<void(const Request&)>& enqueue) {
  const std::string ns = namespace_of(runtime);
  for (const auto& train_job : train_jobs.all()) {
    const auto [kind, name] = runtime_ref_of(*train_job);
    if (name != name_of(runtime) || (kind == "TrainingRuntime") == ns.empty()) continue;
    if (ns.empty() || ns == namespace_of(*train_job))
      enqueue(Request(namespace_of(*train_job), name_of(*train_job)));
  }
}

}  // namespace

TrainReconciler::TrainReconciler(World world) : world_(world) {}

void TrainReconciler::listen(const std::function<void(const Request&)>& enqueue) {
  world_.train_jobs.on_change([enqueue](const Event& event) {
    if (event.after) enqueue(Request(namespace_of(*event.after), name_of(*event.after)));
  });
  world_.jobs.on_change([enqueue](const Event& event) {
    const Json& job = event.after ? *event.after : *event.before;
    const auto owner = resources::controller_of(job);
    if (owner && owner->kind == "TrainJob") enqueue(Request(namespace_of(job), owner->name));
  });
  for (auto* runtimes : {&world_.cluster_runtimes, &world_.runtimes}) {
    runtimes->on_change([this, enqueue](const Event& event) {
      enqueue_users(world_.train_jobs, event.after ? *event.after : *event.before, enqueue);
    });
  }
}

TrainReconciler::ObjectPtr TrainReconciler::runtime_of(const Json& train_job) const {
  const auto [kind, name] = runtime_ref_of(train_job);
  if (kind == "TrainingRuntime") return world_.runtimes.get(namespace_of(train_job), name);
  return kind == "ClusterTrainingRuntime" ? world_.cluster_runtimes.get("", name) : nullptr;
}

TrainReporting TrainReconciler::reporting_for(const Json& train_job) const {
  if (server_.address.empty()) return {};
  const std::string name = name_of(train_job);
  return {fmt::format("{}{}/{}/trainjobs/{}/status", server_.address, kPath,
                      namespace_of(train_job), name),
          name + "-trainer-token"};
}

Task<Result<RequeueAfter>> TrainReconciler::reconcile(Request request) {
  const ObjectPtr train_job = world_.train_jobs.get(request.ns, request.name);
  if (!train_job || resources::is_being_deleted(*train_job)) co_return RequeueAfter();
  const ObjectPtr runtime = runtime_of(*train_job);
  const TrainView view{.train_job = *train_job,
                       .runtime = runtime.get(),
                       .jobs = world_.jobs.group(uid_of(*train_job)),
                       .reporting = reporting_for(*train_job),
                       .now = world_.clock.now()};
  TrainPlan plan = plan_train(view);
  std::string secret = view.reporting.secret;
  auto applied = co_await apply(train_job, std::move(plan), std::move(secret));
  if (!applied) co_return fail(std::move(applied).error());
  co_return RequeueAfter();
}

Task<Result<>> TrainReconciler::apply(ObjectPtr train_job, TrainPlan plan, std::string secret) {
  const std::string ns = namespace_of(*train_job);
  if (!plan.create.empty() && !secret.empty()) {
    auto made = co_await create_secret(train_job, std::move(secret));
    if (!made) co_return made;
  }
  for (Json& job : plan.create) {
    auto made = co_await create_job(train_job, std::move(job));
    if (!made) co_return made;
  }
  for (const auto& [name, suspend] : plan.suspend) {
    auto changed = co_await suspend_job(ns, name, suspend);
    if (!changed) co_return changed;
  }
  for (const std::string& name : plan.remove) {
    store::Key key(kJobs, ns, name);
    auto removed = co_await world_.store.remove(std::move(key));
    if (!removed && removed.error().code != Code::kNotFound) co_return fail(removed.error());
  }
  if (!plan.status.is_null()) {
    // Merged: `trainerStatus` has another writer.
    Json change;
    for (const char* field : {"conditions", "jobsStatus"}) {
      if (plan.status.contains(field)) change["status"][field] = std::move(plan.status[field]);
    }
    store::Key key(kTrainJobs, ns, name_of(*train_job));
    store::Patch patch(store::PatchType::kMerge, std::move(change));
    auto written = co_await world_.store.patch(std::move(key), "status", std::move(patch));
    if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
    if (written) world_.train_jobs.observe(written->object);
  }
  for (const TrainPlan::Event& event : plan.events) {
    world_.recorder.record(
        *train_job,
        event.warning ? controller::EventType::kWarning : controller::EventType::kNormal,
        event.reason, event.message);
  }
  co_return Result<>{};
}

Task<Result<>> TrainReconciler::create_job(ObjectPtr train_job, Json job) {
  const std::string ns = namespace_of(*train_job), name = name_of(job);
  auto created = co_await world_.store.create(kJobs, ns, std::move(job));
  if (created) {
    world_.jobs.observe(created->object);
    co_return Result<>{};
  }
  if (created.error().code != Code::kAlreadyExists) {
    world_.recorder.record(*train_job, controller::EventType::kWarning, "FailedCreate",
                           "Error creating: " + created.error().message);
    co_return fail(created.error());
  }
  // Ours, not seen yet; or that of an earlier TrainJob of this name, which must go first.
  auto there = co_await world_.store.get(store::Key(kJobs, ns, name));
  if (there) {
    const auto owner = resources::controller_of(**there);
    if (owner && owner->uid == uid_of(*train_job)) co_return Result<>{};
  }
  co_return fail(Code::kConflict, fmt::format("a Job {} of another owner is still there", name));
}

Task<Result<>> TrainReconciler::create_secret(ObjectPtr train_job, std::string name) {
  const std::string ns = namespace_of(*train_job);
  const std::string token = server_.token(ns, name_of(*train_job), uid_of(*train_job));
  Json secret{
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"metadata",
       {{"name", std::move(name)},
        {"ownerReferences", Json::array({resources::controller_reference_to(*train_job)})}}},
      {"stringData", {{"token", token}, {"ca.crt", server_.ca_certificate}}}};
  auto made = co_await world_.store.create(kSecrets, ns, std::move(secret));
  if (!made && made.error().code != Code::kAlreadyExists) co_return fail(made.error());
  co_return Result<>{};
}

Task<Result<>> TrainReconciler::suspend_job(std::string ns, std::string name, bool suspend) {
  Json change;
  change["spec"]["suspend"] = suspend;
  store::Key key(kJobs, std::move(ns), std::move(name));
  store::Patch patch(store::PatchType::kMerge, std::move(change));
  auto changed = co_await world_.store.patch(std::move(key), "", std::move(patch));
  if (!changed && changed.error().code != Code::kNotFound) co_return fail(changed.error());
  if (changed) world_.jobs.observe(changed->object);
  co_return Result<>{};
}

}  // namespace mizan::pods
