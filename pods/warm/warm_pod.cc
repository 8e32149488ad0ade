// From a Job's template to a pod that outlives it.
#include "pods/warm/warm_pod.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "pods/job/job_plan.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

constexpr const char* kUsualTerminationLog = "/dev/termination-log";
constexpr std::int64_t kUsualGrace = 5, kLongestGrace = 60;

const Json& template_of(const Json& job) {
  return object_field(object_field(job, "spec"), "template");
}

/// Where the container writes its last message, when its command speaks of it: laying the file
/// costs, so only then.
std::string termination_log_of(const Json& container) {
  const std::string path = text_field(container, "terminationMessagePath", kUsualTerminationLog);
  const auto mentions = [&](const std::string& text) {
    return text.find(path) != std::string::npos;
  };
  bool any = path != kUsualTerminationLog;
  for (const char* list : {"command", "args"})
    any = any || std::ranges::any_of(resources::texts_field(container, list), mentions);
  for (const Json& variable : array_field(container, "env"))
    any = any || mentions(text_field(variable, "value"));
  return any ? path : std::string();
}

Json variable(const char* name, std::string value) {
  return {{"name", name}, {"value", std::move(value)}};
}
Json variable_from(const char* name, Json source) {
  return {{"name", name}, {"valueFrom", std::move(source)}};
}

std::string with_container(std::string text, const std::string& container) {
  constexpr std::string_view kName = "CONTAINER";
  if (const auto at = text.find(kName); at != std::string::npos)
    text.replace(at, kName.size(), container);
  return text;
}

void put_runner(Json& container, const std::string& reuse, const std::string& pod,
                const WarmPodFacts& facts) {
  const std::string termination_log = termination_log_of(container);
  Json env = Json::array();
  env.push_back(variable_from("MIZAN_POD_UID", {{"fieldRef", {{"fieldPath", "metadata.uid"}}}}));
  env.push_back(
      variable_from("MIZAN_NAMESPACE", {{"fieldRef", {{"fieldPath", "metadata.namespace"}}}}));
  env.push_back(variable("MIZAN_POD", pod));
  env.push_back(variable("MIZAN_REUSE", reuse));
  env.push_back(variable("MIZAN_URL", facts.url));
  if (!facts.url_file.empty())
    env.push_back(
        variable("MIZAN_URL_FILE", with_container(facts.url_file, text_field(container, "name"))));
  env.push_back(
      variable_from("MIZAN_TOKEN", {{"secretKeyRef", {{"name", pod}, {"key", "token"}}}}));
  if (!termination_log.empty()) env.push_back(variable("MIZAN_TERMINATION_LOG", termination_log));
  for (const Json& given : array_field(container, "env")) {
    if (resources::field(given, "valueFrom") != nullptr) env.push_back(given);
  }
  container["env"] = std::move(env);
  container["command"] = {facts.runner, "runner"};
  container.erase("args");
}

}  // namespace

WarmSlot slot_of(const Json& pod) {
  const auto annotations = resources::annotations_of(pod);
  const auto found = annotations.find(kWarmSlotAnnotation);
  WarmSlot place{-1, 0};
  if (found == annotations.end()) return place;
  const char* const end = found->second.data() + found->second.size();
  const auto [dot, error] = std::from_chars(found->second.data(), end, place.slot);
  if (error == std::errc() && dot != end) std::from_chars(dot + 1, end, place.generation);
  return place;
}

std::string warm_pod_name(const resources::Experiment& experiment, WarmSlot place) {
  constexpr std::size_t kLongest = 40;  // with what follows a DNS label
  return job_pod_name(fmt::format("{}-warm-{}", experiment.name.substr(0, kLongest), place.slot),
                      fmt::format("{}/{}", experiment.uid, place.slot),
                      static_cast<int>(place.generation));
}

const Json* primary_container(const Json& pod_spec, const std::string& primary) {
  const Json& containers = array_field(pod_spec, "containers");
  for (const Json& container : containers) {
    if (text_field(container, "name") == primary) return &container;
  }
  return containers.empty() ? nullptr : &containers.front();
}

Json build_warm_pod(const resources::Experiment& experiment, const Json& job,
                    const std::string& primary, WarmSlot place, const WarmPodFacts& facts) {
  const std::string name = warm_pod_name(experiment, place);
  const std::string reuse = text_field(experiment.trial_pods, "reuse", "Pod");
  const Json& given = template_of(job);
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"spec", object_field(given, "spec")}};
  Json& metadata = pod["metadata"];
  metadata["name"] = name;
  metadata["namespace"] = experiment.ns;
  metadata["labels"] = object_field(object_field(given, "metadata"), "labels");
  metadata["labels"][std::string(resources::kExperimentLabel)] = experiment.name;
  metadata["labels"][std::string(resources::kWarmPoolLabel)] = reuse;
  metadata["annotations"] = object_field(object_field(given, "metadata"), "annotations");
  metadata["annotations"][kWarmSlotAnnotation] = fmt::format("{}.{}", place.slot, place.generation);
  metadata["ownerReferences"] = Json::array({resources::controller_reference_to(experiment.raw)});
  Json& spec = pod["spec"];
  spec["restartPolicy"] = "Never";
  spec.erase("activeDeadlineSeconds");  // of each trial, not of the pod
  if (const Json* container = primary_container(spec, primary))
    put_runner(const_cast<Json&>(*container), reuse, name, facts);
  return pod;
}

Json build_token_secret(const resources::Experiment& experiment, const std::string& pod,
                        std::string token) {
  return {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"type", "Opaque"},
      {"metadata",
       {{"name", pod},
        {"namespace", experiment.ns},
        {"labels", {{std::string(resources::kExperimentLabel), experiment.name}}},
        {"ownerReferences", Json::array({resources::controller_reference_to(experiment.raw)})}}},
      {"stringData", {{"token", std::move(token)}}}};
}

resources::WarmLease lease_for(const Json& job, const resources::Trial& trial, std::int64_t attempt,
                               Time now) {
  resources::WarmLease lease;
  lease.trial = trial.name;
  lease.trial_uid = trial.uid;
  lease.job_uid = resources::uid_of(job);
  lease.attempt = attempt;
  lease.trial_attempt = trial.attempts;
  lease.since = now;
  lease.assignments = trial.assignments;
  const Json& spec = object_field(template_of(job), "spec");
  lease.grace_seconds = std::clamp<std::int64_t>(
      resources::integer_field(spec, "terminationGracePeriodSeconds").value_or(kUsualGrace), 0,
      kLongestGrace);
  const Json* container = primary_container(spec, trial.primary_container);
  if (container == nullptr) return lease;
  lease.command = resources::texts_field(*container, "command");
  lease.args = resources::texts_field(*container, "args");
  for (const Json& one : array_field(*container, "env")) {
    if (resources::field(one, "valueFrom") == nullptr)
      lease.env.emplace_back(text_field(one, "name"), text_field(one, "value"));
  }
  lease.working_dir = text_field(*container, "workingDir");
  lease.termination_log = termination_log_of(*container);
  lease.log_as_message =
      text_field(*container, "terminationMessagePolicy") == "FallbackToLogsOnError";
  return lease;
}

}  // namespace mizan::pods
