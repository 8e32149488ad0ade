// The tuner between the store and the model.
#include "pods/tuner/trial_tuner.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/meta.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using controller::EventType;
using controller::Request;
using controller::RequeueAfter;
using resources::Quantity;
using resources::text_field;
using std::chrono::steady_clock;

std::string label_of(const Json& object, std::string_view label) {
  return text_field(resources::object_field(resources::object_field(object, "metadata"), "labels"),
                    label);
}
std::string annotation_of(const Json& object, const char* name) {
  return text_field(
      resources::object_field(resources::object_field(object, "metadata"), "annotations"), name);
}

std::string readable(double bytes) {
  const double mib = bytes / 1048576.0;
  return mib < 10'000 ? fmt::format("{:.0f} MiB", mib) : fmt::format("{:.1f} GiB", mib / 1024);
}

const Json& status_of(const Json& pod, const std::string& container) {
  static const Json none = Json::object();
  const Json& all =
      resources::array_field(resources::object_field(pod, "status"), "containerStatuses");
  for (const Json& status : all) {
    if (text_field(status, "name") == container) return status;
  }
  return all.empty() ? none : all.front();
}

Json about(const resources::Trial& trial) {
  return {{"apiVersion", "kubeflow.org/v1beta1"},
          {"kind", "Trial"},
          {"metadata", {{"namespace", trial.ns}, {"name", trial.name}, {"uid", trial.uid}}}};
}

bool is_deferred(const Json& pod) {
  for (const Json& condition :
       resources::array_field(resources::object_field(pod, "status"), "conditions")) {
    if (text_field(condition, "type") == "PodResizePending") return true;
  }
  return false;
}

std::int64_t peak_of(const resources::Trial& trial) {
  const Json* peak = find(trial.raw, "status.resources.peak.memory");
  const auto amount = peak == nullptr ? std::nullopt : Quantity::from_json(*peak);
  return amount ? amount->units() : 0;
}

}  // namespace

bool was_oom_killed(const Json& pod) {
  for (const Json& status :
       resources::array_field(resources::object_field(pod, "status"), "containerStatuses")) {
    if (string_at(status, "state.terminated.reason") == "OOMKilled") return true;
  }
  return false;
}

TrialTuner::TrialTuner(World world, Timing timing) : world_(std::move(world)), timing_(timing) {}

void TrialTuner::listen(std::function<void(const Request&)> enqueue) {
  world_.pods.on_change([this, enqueue](const controller::Informer<Json>::Event& event) {
    const Json& pod = event.after ? *event.after : *event.before;
    if (!event.after) watched_.erase(resources::uid_of(pod));
    if (event.after && !annotation_of(pod, kSizedAnnotation).empty())
      enqueue({resources::namespace_of(pod), resources::name_of(pod)});
  });
  world_.trials.on_change([this](const controller::Informer<resources::Trial>::Event& event) {
    if (event.after) learn(*event.after);
  });
  world_.experiments.on_change(
      [this](const controller::Informer<resources::Experiment>::Event& event) {
        if (!event.after) learned_.erase(event.before->ns + "/" + event.before->name);
      });
}

TrialTuner::ExperimentPtr TrialTuner::experiment_of(const Json& object) const {
  const std::string name = label_of(object, resources::kExperimentLabel);
  return name.empty() ? nullptr : world_.experiments.get(resources::namespace_of(object), name);
}
TrialTuner::TrialPtr TrialTuner::trial_of(const Json& object) const {
  const std::string name = label_of(object, resources::kTrialLabel);
  return name.empty() ? nullptr : world_.trials.get(resources::namespace_of(object), name);
}

void TrialTuner::learn(const resources::Trial& trial) {
  const std::int64_t peak = peak_of(trial);
  if (peak <= 0) return;
  const auto experiment = world_.experiments.get(trial.ns, trial.experiment);
  if (!experiment) return;
  Learned& learned = learned_[trial.ns + "/" + trial.experiment];
  if (!learned.trials.insert(trial.uid).second) return;
  learned.model.add(point_of(*experiment, trial), static_cast<double>(peak));
}

std::optional<NeedPrediction> TrialTuner::predict(const resources::Experiment& experiment,
                                                  const resources::Trial& trial) const {
  const auto learned = learned_.find(experiment.ns + "/" + experiment.name);
  if (learned == learned_.end()) return std::nullopt;
  return learned->second.model.predict(point_of(experiment, trial));
}

int TrialTuner::oom_retries(const Json& job) const {
  const ExperimentPtr experiment = experiment_of(job);
  if (!experiment) return 0;
  const SizingPolicy policy = read_policy(experiment->trial_pods);
  return policy.mode >= SizingMode::kInitial && policy.memory ? policy.oom_retries : 0;
}

void TrialTuner::size(const Json& job, const ObjectList& pods, Json& pod) {
  const ExperimentPtr experiment = experiment_of(job);
  const TrialPtr trial = trial_of(job);
  if (!experiment || !trial) return;
  const SizingPolicy policy = read_policy(experiment->trial_pods);
  Json* container = container_of(pod, trial->primary_container);
  if (policy.mode == SizingMode::kOff || !policy.memory || container == nullptr) return;

  std::int64_t killed_at = 0;
  int attempt = 1;
  for (const PodPtr& before : pods) {
    if (!was_oom_killed(*before)) continue;
    ++attempt;
    const Json& status = status_of(*before, trial->primary_container);
    killed_at = std::max(killed_at, memory_of_container(status));
  }
  const auto said = predict(*experiment, *trial);
  const double given = static_cast<double>(memory_of_container(*container));
  const double need = killed_at > 0 ? after_oom(static_cast<double>(killed_at), said)
                      : said        ? said->upper
                                    : given;
  const std::int64_t bytes = bounded(need, policy);

  Json note{{"attempt", attempt}, {"memory", Quantity::of_bytes(bytes).text()}};
  if (given > 0) note["requested"] = Quantity::of_bytes(memory_of_container(*container)).text();
  if (said) {
    note["expected"] = Quantity::of_bytes(static_cast<std::int64_t>(said->expected)).text();
    note["upper"] = Quantity::of_bytes(static_cast<std::int64_t>(said->upper)).text();
    note["basis"] = said->basis;
    note["evidence"] = said->evidence;
  }
  pod["metadata"]["annotations"][kSizedAnnotation] = note.dump();
  pod["metadata"]["annotations"][kSampleAnnotation] = "true";
  if (policy.mode == SizingMode::kRecommend) return;
  (*container)["resources"] = sized_resources(*container, bytes, policy);
  if (killed_at > 0)
    world_.recorder.record(
        about(*trial), EventType::kWarning, "OOMRetry",
        fmt::format("Attempt {} was killed at its limit of {}; attempt {} gets {}", attempt - 1,
                    readable(static_cast<double>(killed_at)), attempt,
                    readable(static_cast<double>(bytes))));
}

Task<Result<RequeueAfter>> TrialTuner::reconcile(Request request) {
  const PodPtr pod = world_.pods.get(request.ns, request.name);
  if (!pod) co_return RequeueAfter{};
  const std::string uid = resources::uid_of(*pod);
  const TrialPtr trial = trial_of(*pod);
  const ExperimentPtr experiment = experiment_of(*pod);
  const Json note = Json::parse(annotation_of(*pod, kSizedAnnotation), nullptr, false);
  if (!trial || !experiment || !note.is_object()) co_return RequeueAfter{};
  const int attempt = static_cast<int>(resources::integer_field(note, "attempt").value_or(1));
  const std::string phase = string_at(*pod, "status.phase");
  const Json& status = status_of(*pod, trial->primary_container);
  const std::int64_t in_force = memory_of_container(status);

  if (phase == "Succeeded" || phase == "Failed") {
    const auto peak = resources::integer_field(status, "peakMemoryBytes").value_or(0);
    const auto seen = watched_.find(uid);
    const int resizes = seen == watched_.end() ? 0 : seen->second.resizes;
    watched_.erase(uid);
    if (peak_of(*trial) > 0) co_return RequeueAfter{};
    Json told{{"resizes", resizes}};
    if (in_force > 0) told["allocated"] = {{"memory", Quantity::of_bytes(in_force).text()}};
    // A run that was killed or failed did not show all that it needs.
    if (phase == "Succeeded" && peak > 0)
      told["peak"] = {{"memory", Quantity::of_bytes(peak).text()}};
    if (auto done = co_await tell(trial, std::move(told), attempt); !done)
      co_return fail(done.error());
    co_return RequeueAfter{};
  }
  if (phase != "Running") co_return RequeueAfter{};
  Watched& watched = watched_[uid];
  if (!watched.told) {
    Json told{{"predicted", note}};
    if (note.contains("requested")) told["requested"] = {{"memory", note["requested"]}};
    if (in_force > 0) told["allocated"] = {{"memory", Quantity::of_bytes(in_force).text()}};
    if (auto done = co_await tell(trial, std::move(told), attempt); !done)
      co_return fail(done.error());
    watched_[uid].told = true;
  }
  const SizingPolicy policy = read_policy(experiment->trial_pods);
  if (policy.mode != SizingMode::kInPlace || !policy.memory) co_return RequeueAfter{};
  if (auto looked = co_await watch_over(pod, trial, policy, watched_[uid]); !looked)
    co_return fail(looked.error());
  co_return RequeueAfter{timing_.look_every};
}

Task<Result<>> TrialTuner::watch_over(PodPtr pod, TrialPtr trial, SizingPolicy policy,
                                      Watched& remembered) {
  const std::string uid = resources::uid_of(*pod);
  const Watched before = remembered;
  auto uses = co_await world_.usage(resources::namespace_of(*pod), resources::name_of(*pod));
  if (!uses) co_return Result<>{};  // it has just ended
  const Json& status = status_of(*pod, trial->primary_container);
  const std::string container = text_field(status, "name");
  const auto use = std::ranges::find(*uses, container, &ContainerUse::container);
  if (use == uses->end()) co_return Result<>{};
  const auto now = steady_clock::now();
  const double seconds = before.at == steady_clock::time_point{}
                             ? 0
                             : std::chrono::duration<double>(now - before.at).count();
  Watched after = before;
  after.used = use->anonymous_bytes;
  after.at = now;
  const std::int64_t limit = memory_of_container(status);

  if (is_deferred(*pod)) {
    if (after.deferred_since == steady_clock::time_point{}) after.deferred_since = now;
    if (now - after.deferred_since >= std::chrono::seconds(policy.deferred_seconds)) {
      after.deferred_since = {};
      if (auto taken = co_await take_back(pod, trial, container); !taken) co_return taken;
    }
  } else {
    after.deferred_since = {};
    const auto wanted = grown(after.used, before.used, seconds, limit, policy);
    if (wanted && *wanted != before.asked) {
      after.asked = *wanted;
      ++after.resizes;
      if (auto asked = co_await grow(pod, trial, container, *wanted, after.used); !asked)
        co_return asked;
    }
  }
  if (const auto still = watched_.find(uid); still != watched_.end()) still->second = after;
  co_return Result<>{};
}

Task<Result<>> TrialTuner::grow(PodPtr pod, TrialPtr trial, std::string container,
                                std::int64_t bytes, std::int64_t used) {
  Json copy = *pod;
  const Json sized = sized_resources(*container_of(copy, container), bytes, SizingPolicy{});
  Json one{{"name", container}, {"resources", sized}};
  Json body{{"metadata", {{"uid", resources::uid_of(*pod)}}},
            {"spec", {{"containers", Json::array({std::move(one)})}}}};
  store::Key key({"", "pods"}, resources::namespace_of(*pod), resources::name_of(*pod));
  auto written = co_await world_.store.patch(
      std::move(key), "resize", store::Patch(store::PatchType::kStrategic, std::move(body)));
  if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
  world_.recorder.record(
      about(*trial), EventType::kNormal, "ResizeRequested",
      fmt::format("Memory of its pod is raised to {}: {} are in use",
                  readable(static_cast<double>(bytes)), readable(static_cast<double>(used))));
  co_return Result<>{};
}

Task<Result<>> TrialTuner::take_back(PodPtr pod, TrialPtr trial, std::string container) {
  Json one{{"name", container},
           {"resources", resources::object_field(status_of(*pod, container), "resources")}};
  Json body{{"spec", {{"containers", Json::array({std::move(one)})}}}};
  store::Key key({"", "pods"}, resources::namespace_of(*pod), resources::name_of(*pod));
  auto written = co_await world_.store.patch(
      std::move(key), "resize", store::Patch(store::PatchType::kStrategic, std::move(body)));
  if (!written && written.error().code != Code::kNotFound) co_return fail(written.error());
  world_.recorder.record(about(*trial), EventType::kWarning, "ResizeDeferred",
                         "The node had no room for more memory in time; the trial goes on at its "
                         "present size");
  co_return Result<>{};
}

Task<Result<>> TrialTuner::tell(TrialPtr trial, Json resources, int attempts) {
  // Not status.attempts: those are the Trial controller's, which makes a new Job for each.
  resources["attempts"] = attempts;
  Json body{{"metadata", {{"uid", trial->uid}}}, {"status", {{"resources", std::move(resources)}}}};
  store::Key key({"kubeflow.org", "trials"}, trial->ns, trial->name);
  auto written = co_await world_.store.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!written && written.error().code != Code::kNotFound &&
      written.error().code != Code::kConflict)
    co_return fail(written.error());
  co_return Result<>{};
}

}  // namespace mizan::pods
