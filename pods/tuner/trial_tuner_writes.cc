// The tuner's writes: sizes of pods, the status of Trials, what Experiments saved.
#include <fmt/format.h>

#include "pods/tuner/readable.h"
#include "pods/tuner/watched.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using controller::EventType;
using controller::RequeueAfter;
using std::chrono::steady_clock;

Json about(const resources::Trial& trial) {
  return {{"apiVersion", "kubeflow.org/v1beta1"},
          {"kind", "Trial"},
          {"metadata", {{"namespace", trial.ns}, {"name", trial.name}, {"uid", trial.uid}}}};
}

store::Key key_of(const Json& pod) {
  return {resources::kPods, resources::namespace_of(pod), resources::name_of(pod)};
}

store::Patch resize_patch(const Json& pod, const std::string& container, const Json& resources) {
  Json one{{"name", container}, {"resources", resources}};
  return {store::PatchType::kStrategic,
          {{"metadata", {{"uid", resources::uid_of(pod)}}},
           {"spec", {{"containers", Json::array({std::move(one)})}}}}};
}

/// The object itself is not taken; trying again can't mend it.
bool is_refusal(Code code) {
  return code == Code::kInvalid || code == Code::kForbidden || code == Code::kBadRequest;
}
bool is_gone(Code code) { return code == Code::kNotFound || code == Code::kConflict; }

}  // namespace

void TrialTuner::record(const resources::Trial& trial, EventType type, std::string reason,
                        std::string message) {
  world_.recorder.record(about(trial), type, std::move(reason), std::move(message));
}

Task<Result<>> TrialTuner::resize(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep step) {
  Json copy = *pod;
  const Json& container = *container_of(copy, trial->primary_container);
  const Json sized = sized_resources(container, step.size, SizingPolicy{});
  store::WriteOptions options;
  options.field_manager = kTunerManager;
  store::Key key = key_of(*pod);
  auto written = co_await world_.store.patch(
      std::move(key), "resize", resize_patch(*pod, resources::text_field(container, "name"), sized),
      std::move(options));
  if (!written && is_gone(written.error().code)) co_return Result<>{};
  if (!written && is_refusal(written.error().code)) {
    watched->refused = true;
    metrics_.count_resize("infeasible");
    record(*trial, EventType::kWarning, "ResizeInfeasible", written.error().message);
    co_return Result<>{};
  }
  if (!written) co_return fail(written.error());
  watched->asked_at = steady_clock::now();
  world_.pods.observe(written->object);
  metrics_.count_resize("requested");
  record(*trial, EventType::kNormal, "ResizeRequested", std::move(step.why));
  co_return Result<>{};
}

/// The wish is what is in force again.
Task<Result<>> TrialTuner::take_back(PodPtr pod, TrialPtr trial, std::string why) {
  const Json& status = status_of_container(*pod, trial->primary_container);
  store::WriteOptions options;
  options.field_manager = kTunerManager;
  store::Key key = key_of(*pod);
  auto written =
      co_await world_.store.patch(std::move(key), "resize",
                                  resize_patch(*pod, resources::text_field(status, "name"),
                                               resources::object_field(status, "resources")),
                                  std::move(options));
  if (!written && is_gone(written.error().code)) co_return Result<>{};
  if (!written) co_return fail(written.error());
  world_.pods.observe(written->object);
  metrics_.count_resize("taken_back");
  record(*trial, EventType::kWarning, "ResizeTakenBack", std::move(why));
  co_return Result<>{};
}

/// Killed between any two steps, the next server goes on: the wish is in the trial's status, the
/// mark on the pod.
Task<Result<>> TrialTuner::replace(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep step) {
  auto wished = co_await tell(trial, {{"resources", {{"wished", to_json(step.size)}}}});
  if (!wished) co_return wished;
  Json body{{"metadata",
             {{"uid", resources::uid_of(*pod)}, {"annotations", {{kReplacedAnnotation, "true"}}}}}};
  store::Key key = key_of(*pod);
  auto marked = co_await world_.store.patch(
      std::move(key), "", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!marked && is_gone(marked.error().code)) co_return Result<>{};
  if (!marked) co_return fail(marked.error());
  world_.pods.observe(marked->object);
  if (auto finished = co_await finish(pod, trial, watched, "Replaced"); !finished)
    co_return finished;
  watched_.erase(resources::uid_of(*pod));
  metrics_.count_resize("replaced");
  record(*trial, EventType::kWarning, "PodReplaced", std::move(step.why));
  co_return co_await remove_replaced(marked->object);
}

Task<Result<>> TrialTuner::remove_replaced(PodPtr pod) {
  if (resources::is_being_deleted(*pod)) co_return Result<>{};
  store::RemoveOptions options;
  options.uid = resources::uid_of(*pod);
  store::Key key = key_of(*pod);
  auto removed = co_await world_.store.remove(std::move(key), std::move(options));
  if (!removed && !is_gone(removed.error().code)) co_return fail(removed.error());
  co_return Result<>{};
}

Task<Result<>> TrialTuner::tell(TrialPtr trial, Json status) {
  // Not status.attempts: those are the Trial controller's, which makes a new Job for each.
  Json body{{"metadata", {{"uid", trial->uid}}}, {"status", std::move(status)}};
  store::Key key(resources::kTrials, trial->ns, trial->name);
  auto written = co_await world_.store.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!written && !is_gone(written.error().code)) co_return fail(written.error());
  if (written) world_.trials.observe(written->object);
  co_return Result<>{};
}

/// At most once a second for each experiment; the last ones are not lost.
Task<Result<RequeueAfter>> TrialTuner::write_savings(ExperimentPtr experiment) {
  const std::string name = experiment->ns + "/" + experiment->name;
  const auto known = experiences_.find(name);
  if (known == experiences_.end() || !known->second.savings_changed) co_return RequeueAfter{};
  const auto now = steady_clock::now();
  const auto next = known->second.savings_written + timing_.savings_every;
  if (known->second.savings_written != steady_clock::time_point{} && now < next)
    co_return RequeueAfter{std::chrono::ceil<std::chrono::milliseconds>(next - now)};
  known->second.savings_changed = false;
  known->second.savings_written = now;
  const Savings& savings = known->second.savings();
  metrics_.set_savings(experiment->ns, experiment->name, savings.memory_gib_hours(),
                       savings.cpu_core_hours());
  Json body{{"metadata", {{"uid", experiment->uid}}}, {"status", {{"savings", savings.json()}}}};
  store::Key key(resources::kExperiments, experiment->ns, experiment->name);
  auto written = co_await world_.store.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!written && !is_gone(written.error().code)) co_return fail(written.error());
  if (written) world_.experiments.observe(written->object);
  co_return RequeueAfter{};
}

}  // namespace mizan::pods
