// The I/O around plan_pool().
#include "pods/warm/warm_reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "pods/pod_annotations.h"
#include "pods/warm/pool_slot.h"
#include "pods/warm/warm_job.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/warm_lease.h"
#include "resources/warm_template.h"

namespace mizan::pods {
namespace {

using controller::EventType;
using controller::Request;
using controller::RequeueAfter;
using resources::name_of;
using resources::namespace_of;
using resources::uid_of;

using resources::kJobs;
using resources::kPods;
using resources::kSecrets;
using resources::kTrials;
constexpr std::size_t kMostSizes = 1000;

using resources::label_of;

bool is_warm_pod(const Json& pod) { return !label_of(pod, resources::kWarmPoolLabel).empty(); }
bool is_warm(const resources::Experiment& experiment) {
  return resources::text_field(experiment.trial_pods, "reuse", "None") != "None";
}

/// Gone, or changed by somebody meanwhile: the change itself brings the next look.
bool is_outdated(const Error& error) {
  return error.code == Code::kNotFound || error.code == Code::kConflict ||
         error.code == Code::kAlreadyExists;
}

}  // namespace

WarmReconciler::WarmReconciler(World world, PoolTiming timing)
    : world_(std::move(world)), timing_(timing) {}

void WarmReconciler::listen(const std::function<void(const Request&)>& enqueue) {
  world_.jobs.on_change([this, enqueue](const controller::Informer<Json>::Event& event) {
    const Json& job = event.after ? *event.after : *event.before;
    if (!resources::is_warm_job(job)) return;
    const std::string experiment = label_of(job, resources::kExperimentLabel);
    const std::string key = namespace_of(job) + "/" + experiment;
    if (event.after && !is_finished_job(job)) {
      open_jobs_[key][name_of(job)] = event.after;
    } else if (const auto open = open_jobs_.find(key); open != open_jobs_.end()) {
      open->second.erase(name_of(job));
      if (open->second.empty()) open_jobs_.erase(open);
    }
    enqueue({namespace_of(job), experiment});
  });
  world_.pods.on_change([this, enqueue](const controller::Informer<Json>::Event& event) {
    const Json& pod = event.after ? *event.after : *event.before;
    if (!is_warm_pod(pod)) return;
    if (!event.after) announced_.erase(uid_of(pod));
    enqueue({namespace_of(pod), label_of(pod, resources::kExperimentLabel)});
  });
  world_.trials.on_change(
      [this, enqueue](const controller::Informer<resources::Trial>::Event& event) {
        const resources::Trial& trial = event.after ? *event.after : *event.before;
        const auto experiment = world_.experiments.get(trial.ns, trial.experiment);
        if (experiment && has_pool(*experiment)) enqueue({trial.ns, trial.experiment});
      });
  world_.experiments.on_change(
      [this, enqueue](const controller::Informer<resources::Experiment>::Event& event) {
        if (event.after && has_pool(*event.after)) enqueue({event.after->ns, event.after->name});
      });
}

Task<Result<RequeueAfter>> WarmReconciler::reconcile(Request request) {
  const ExperimentPtr experiment = world_.experiments.get(request.ns, request.name);
  if (!experiment || !has_pool(*experiment)) co_return RequeueAfter{};
  const bool ready = world_.experiments.synced() && world_.trials.synced() &&
                     world_.jobs.synced() && world_.pods.synced() &&
                     (world_.sizer == nullptr || world_.sizer->ready());
  if (!ready) co_return RequeueAfter{std::chrono::milliseconds(20)};
  const PoolView view = view_of(*experiment);
  PoolPlan plan = plan_pool(view);
  const auto look_again = plan.look_again;
  co_await announce_to(view.pods);
  if (auto applied = co_await apply(experiment, std::move(plan)); !applied) {
    if (!is_outdated(applied.error())) co_return fail(applied.error());
    co_return RequeueAfter{std::chrono::milliseconds(20)};
  }
  co_return RequeueAfter(look_again);
}

/// It wants warm pods, or has some from when it did.
bool WarmReconciler::has_pool(const resources::Experiment& experiment) const {
  return is_warm(experiment) || open_jobs_.contains(experiment.ns + "/" + experiment.name) ||
         std::ranges::any_of(world_.pods.group(experiment.uid),
                             [](const Object& pod) { return is_warm_pod(*pod); });
}

PoolView WarmReconciler::view_of(const resources::Experiment& experiment) {
  PoolView view{.experiment = experiment,
                .jobs = {},
                .pods = {},
                .job = {},
                .trial = {},
                .oom_retries = {},
                .admits = {},
                .size = {},
                .silent_for = world_.silent_for,
                .facts = world_.facts(),
                .timing = timing_,
                .now = world_.clock.now()};
  for (const Object& pod : world_.pods.group(experiment.uid)) {
    if (is_warm_pod(*pod)) view.pods.push_back(pod);
  }
  const std::string ns = experiment.ns;
  if (const auto open = open_jobs_.find(ns + "/" + experiment.name); open != open_jobs_.end()) {
    for (const auto& [name, job] : open->second) view.jobs.push_back(job);
  }
  std::ranges::stable_sort(view.jobs, {}, [](const Object& job) {
    return resources::creation_time_of(*job).value_or(Time{});
  });
  view.job = [this, ns](const std::string& name) { return world_.jobs.get(ns, name); };
  view.trial = [this, ns](const std::string& name) { return world_.trials.get(ns, name); };
  view.oom_retries = [this](const Json& job) {
    return world_.sizer == nullptr ? 0 : world_.sizer->oom_retries(job);
  };
  view.admits = [this](const Json& job) {
    if (world_.sizer == nullptr) return true;
    const auto trial = world_.trials.get(namespace_of(job), name_of(job));
    return world_.sizer->admits(
        job, killed_pods(attempts_of(job), trial ? trial->primary_container : std::string()));
  };
  view.size = [this](const Json& job, std::int64_t attempt, const Json& pod) {
    return size(job, attempt, pod);
  };
  return view;
}

/// Asked once for each attempt: while a pod grows for it, its wish stays the same.
WantedSize WarmReconciler::size(const Json& job, std::int64_t attempt, const Json& pod) {
  if (world_.sizer == nullptr) return {};
  if (sizes_.size() > kMostSizes) sizes_.clear();
  const auto [known, fresh] =
      sizes_.try_emplace(fmt::format("{}/{}", uid_of(job), attempt), WantedSize{});
  if (!fresh) return known->second;
  const auto trial = world_.trials.get(namespace_of(job), name_of(job));
  const std::string container = trial ? trial->primary_container : std::string();
  Json sized = pod;
  world_.sizer->size(job, killed_pods(attempts_of(job), container), sized);
  known->second.resources = desired_resources(sized, container);
  if (known->second.resources.empty()) known->second.resources = nullptr;
  known->second.note = resources::annotation(sized, kSizedAnnotation);
  return known->second;
}

Task<Result<>> WarmReconciler::apply(ExperimentPtr experiment, PoolPlan plan) {
  Result<> done;
  for (PoolPlan::TrialWrite& write : plan.trials) {
    done = co_await write_trial(std::move(write));
    if (!done) co_return done;
  }
  for (PoolPlan::JobWrite& write : plan.jobs) {
    done = co_await write_job(std::move(write));
    if (!done) co_return done;
  }
  for (PoolPlan::Resize& one : plan.resizes) {
    done = co_await resize(std::move(one));
    if (!done) co_return done;
  }
  for (PoolPlan::PodWrite& write : plan.pods) {
    done = co_await write_pod(std::move(write));
    if (!done) co_return done;
  }
  for (Json& pod : plan.create) {
    done = co_await create(experiment, std::move(pod));
    if (!done) co_return done;
  }
  for (Object& pod : plan.remove) {
    done = co_await remove(std::move(pod));
    if (!done) co_return done;
  }
  for (PoolPlan::Event& event : plan.events) {
    world_.recorder.record(event.about, event.warning ? EventType::kWarning : EventType::kNormal,
                           event.reason, event.message);
  }
  co_return Result<>{};
}

Task<Result<>> WarmReconciler::write_trial(PoolPlan::TrialWrite write) {
  Json body{{"metadata", {{"uid", write.trial->uid}}},
            {"status", {{"resources", std::move(write.resources)}}}};
  store::Key key(kTrials, write.trial->ns, write.trial->name);
  auto written = co_await world_.store.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!written && !is_outdated(written.error())) co_return fail(written.error());
  if (written) world_.trials.observe(written->object);
  co_return Result<>{};
}

Task<Result<>> WarmReconciler::write_job(PoolPlan::JobWrite write) {
  const std::string ns = namespace_of(*write.job), name = name_of(*write.job);
  Object job = write.job;
  if (!write.attempts.empty()) {
    // First what failed, then what follows from it: killed in between, it is seen again.
    Json metadata{{"uid", uid_of(*job)},
                  {"annotations", {{kWarmAttemptsAnnotation, write.attempts}}}};
    Json body{{"metadata", std::move(metadata)}};
    store::Key key(kJobs, ns, name);
    auto written = co_await world_.store.patch(
        std::move(key), "", store::Patch(store::PatchType::kMerge, std::move(body)));
    if (!written) co_return fail(written.error());
    world_.jobs.observe(written->object);
    job = written->object;
  }
  if (write.status.is_null()) co_return Result<>{};
  Json next = *job;
  next["status"] = std::move(write.status);
  store::Key key(kJobs, ns, name);
  auto written = co_await world_.store.update(std::move(key), "status", std::move(next));
  if (!written) co_return fail(written.error());
  world_.jobs.observe(written->object);
  co_return Result<>{};
}

Task<Result<>> WarmReconciler::resize(PoolPlan::Resize resize) {
  const Json* container =
      primary_container(resources::object_field(*resize.pod, "spec"), resize.container);
  if (container == nullptr) co_return Result<>{};
  Json one{{"name", resources::text_field(*container, "name")},
           {"resources", std::move(resize.resources)}};
  Json body{{"metadata", {{"uid", uid_of(*resize.pod)}}},
            {"spec", {{"containers", Json::array({std::move(one)})}}}};
  store::Key key(kPods, namespace_of(*resize.pod), name_of(*resize.pod));
  store::WriteOptions options;
  options.field_manager = "mizan-warm-pods";
  store::Patch patch(store::PatchType::kStrategic, std::move(body));
  auto written =
      co_await world_.store.patch(std::move(key), "resize", std::move(patch), std::move(options));
  if (!written) co_return fail(written.error());
  world_.pods.observe(written->object);
  co_return Result<>{};
}

Task<Result<>> WarmReconciler::write_pod(PoolPlan::PodWrite write) {
  write.metadata["uid"] = uid_of(*write.pod);
  Json body{{"metadata", std::move(write.metadata)}};
  store::Key key(kPods, namespace_of(*write.pod), name_of(*write.pod));
  auto written = co_await world_.store.patch(
      std::move(key), "", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!written) co_return fail(written.error());
  world_.pods.observe(written->object);
  co_return Result<>{};
}

Task<Result<>> WarmReconciler::create(ExperimentPtr experiment, Json pod) {
  const std::string name = name_of(pod);
  Json secret = build_token_secret(*experiment, name, world_.token(experiment->ns, name));
  auto kept = co_await world_.store.create(kSecrets, experiment->ns, std::move(secret));
  if (!kept && kept.error().code != Code::kAlreadyExists) co_return fail(kept.error());
  auto created = co_await world_.store.create(kPods, experiment->ns, std::move(pod));
  if (created) {
    announced_.insert(uid_of(*created->object));  // it knows this server from its environment
    world_.pods.observe(created->object);
  }
  if (!created) {
    if (is_outdated(created.error())) co_return fail(created.error());  // not seen yet
    world_.recorder.record(experiment->raw, EventType::kWarning, "FailedCreate",
                           "Error creating a warm pod: " + created.error().message);
    co_return fail(created.error());
  }
  world_.recorder.record(experiment->raw, EventType::kNormal, "WarmPodCreated",
                         "Created warm pod: " + name);
  co_return Result<>{};
}

Task<Result<>> WarmReconciler::remove(Object pod) {
  store::RemoveOptions options;
  options.uid = uid_of(*pod);
  store::Key key(kPods, namespace_of(*pod), name_of(*pod));
  auto removed = co_await world_.store.remove(std::move(key), options);
  if (!removed && !is_outdated(removed.error())) co_return fail(removed.error());
  store::Key secret(kSecrets, namespace_of(*pod), name_of(*pod));
  auto forgotten = co_await world_.store.remove(std::move(secret));
  if (!forgotten && forgotten.error().code != Code::kNotFound) co_return fail(forgotten.error());
  co_return Result<>{};
}

/// Pods of an earlier server look for it where it was.
Task<> WarmReconciler::announce_to(std::vector<Object> pods) {
  if (!world_.announce) co_return;
  for (const Object& pod : pods) {
    if (string_at(*pod, "status.phase") != "Running" || !announced_.insert(uid_of(*pod)).second)
      continue;
    for (const Json& container :
         resources::array_field(resources::object_field(*pod, "spec"), "containers")) {
      const Json& env = resources::array_field(container, "env");
      const bool runs = std::ranges::any_of(env, [](const Json& variable) {
        return resources::text_field(variable, "name") == "MIZAN_URL_FILE";
      });
      if (!runs) continue;
      std::string uid = uid_of(*pod);
      std::string name = resources::text_field(container, "name");
      co_await world_.announce(std::move(uid), std::move(name));
    }
  }
}

}  // namespace mizan::pods
