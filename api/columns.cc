// What kubectl's users are used to see of pods, jobs, events, nodes and maps.
#include "api/columns.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "api/duration.h"

namespace mizan::api {
namespace {

const Json kNothing = Json::array();

/// The array at `path`, or an empty one.
const Json& list_at(const Json& object, std::string_view path) {
  const Json* found = find(object, path);
  return found != nullptr && found->is_array() ? *found : kNothing;
}

std::int64_t integer_at(const Json& object, std::string_view path, std::int64_t otherwise = 0) {
  const Json* found = find(object, path);
  return found != nullptr && found->is_number() ? found->get<std::int64_t>() : otherwise;
}

bool flag_at(const Json& object, std::string_view path) {
  const Json* found = find(object, path);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

bool has_condition(const Json& object, std::string_view type) {
  for (const Json& condition : list_at(object, "status.conditions")) {
    if (string_at(condition, "type") == type) return string_at(condition, "status") == "True";
  }
  return false;
}

/// An init container that keeps running beside the others.
bool is_sidecar(const Json& pod, const Json& status) {
  for (const Json& container : list_at(pod, "spec.initContainers")) {
    if (string_at(container, "name") == string_at(status, "name")) {
      return string_at(container, "restartPolicy") == "Always";
    }
  }
  return false;
}

Json pod_ready(const Json& pod, Time) {
  std::size_t total = list_at(pod, "spec.containers").size();
  std::size_t ready = 0;
  for (const Json& status : list_at(pod, "status.containerStatuses"))
    ready += flag_at(status, "ready") ? 1U : 0U;
  for (const Json& container : list_at(pod, "spec.initContainers")) {
    total += string_at(container, "restartPolicy") == "Always" ? 1U : 0U;
  }
  for (const Json& status : list_at(pod, "status.initContainerStatuses")) {
    ready += is_sidecar(pod, status) && flag_at(status, "ready") ? 1U : 0U;
  }
  return fmt::format("{}/{}", ready, total);
}

/// Why a container ended: its reason, else the signal or the exit code.
std::string ending_of(const Json& terminated) {
  if (const std::string reason = string_at(terminated, "reason"); !reason.empty()) return reason;
  if (const auto signal = integer_at(terminated, "signal"); signal != 0)
    return fmt::format("Signal:{}", signal);
  return fmt::format("ExitCode:{}", integer_at(terminated, "exitCode"));
}

/// "Init:…" while init containers are at work or have failed, else "".
std::string init_status(const Json& pod) {
  const Json& statuses = list_at(pod, "status.initContainerStatuses");
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const Json& status = statuses[i];
    const Json* terminated = find(status, "state.terminated");
    if (terminated != nullptr && integer_at(*terminated, "exitCode") == 0) continue;
    if (is_sidecar(pod, status) && flag_at(status, "started")) continue;
    if (terminated != nullptr) return "Init:" + ending_of(*terminated);
    const std::string waiting = string_at(status, "state.waiting.reason");
    if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
    return fmt::format("Init:{}/{}", i, list_at(pod, "spec.initContainers").size());
  }
  return {};
}

Json pod_status(const Json& pod, Time) {
  const std::string phase = string_at(pod, "status.phase", "Unknown");
  std::string shown = string_at(pod, "status.reason", phase);
  if (const std::string init = init_status(pod); !init.empty()) {
    shown = init;
  } else {
    bool running = false;
    const Json& statuses = list_at(pod, "status.containerStatuses");
    for (auto status = statuses.rbegin(); status != statuses.rend(); ++status) {
      const std::string waiting = string_at(*status, "state.waiting.reason");
      const Json* terminated = find(*status, "state.terminated");
      if (!waiting.empty()) {
        shown = waiting;
      } else if (terminated != nullptr) {
        shown = ending_of(*terminated);
      } else if (flag_at(*status, "ready") && find(*status, "state.running") != nullptr) {
        running = true;
      }
    }
    if (shown == "Completed" && running)
      shown = has_condition(pod, "Ready") ? "Running" : "NotReady";
  }
  const bool ended = phase == "Succeeded" || phase == "Failed";
  if (find(pod, "metadata.deletionTimestamp") != nullptr && !ended) {
    shown = string_at(pod, "status.reason") == "NodeLost" ? "Unknown" : "Terminating";
  }
  return shown;
}

Json pod_restarts(const Json& pod, Time now) {
  std::int64_t count = 0;
  std::string last;  // RFC 3339 in UTC compares as text
  for (const char* path : {"status.initContainerStatuses", "status.containerStatuses"}) {
    for (const Json& status : list_at(pod, path)) {
      count += integer_at(status, "restartCount");
      last = std::max(last, string_at(status, "lastState.terminated.finishedAt"));
    }
  }
  if (count == 0 || last.empty()) return std::to_string(count);
  return fmt::format("{} ({} ago)", count, human_age(last, now));
}

Json job_status(const Json& job, Time) {
  if (has_condition(job, "Complete")) return "Complete";
  if (has_condition(job, "Failed")) return "Failed";
  if (find(job, "metadata.deletionTimestamp") != nullptr) return "Terminating";
  for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (has_condition(job, type)) return type;
  }
  return "Running";
}

Json job_completions(const Json& job, Time) {
  const std::int64_t succeeded = integer_at(job, "status.succeeded");
  if (find(job, "spec.completions") != nullptr) {
    return fmt::format("{}/{}", succeeded, integer_at(job, "spec.completions"));
  }
  const std::int64_t parallel = integer_at(job, "spec.parallelism", 1);
  return parallel > 1 ? fmt::format("{}/1 of {}", succeeded, parallel)
                      : fmt::format("{}/1", succeeded);
}

Json job_duration(const Json& job, Time now) {
  const auto started = parse_rfc3339(string_at(job, "status.startTime"));
  if (!started) return "";
  const auto completed = parse_rfc3339(string_at(job, "status.completionTime"));
  return human_duration(
      std::chrono::floor<std::chrono::seconds>(completed.value_or(now) - *started));
}

Json event_last_seen(const Json& event, Time now) {
  for (const char* path :
       {"series.lastObservedTime", "lastTimestamp", "deprecatedLastTimestamp", "eventTime",
        "firstTimestamp", "deprecatedFirstTimestamp", "metadata.creationTimestamp"}) {
    if (const std::string time = string_at(event, path); !time.empty()) return human_age(time, now);
  }
  return "<unknown>";
}

Json event_object(const Json& event, Time) {
  const std::string about = event.contains("regarding") ? "regarding" : "involvedObject";
  std::string kind = string_at(event, about + ".kind");
  for (char& c : kind) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return fmt::format("{}/{}", kind, string_at(event, about + ".name"));
}

Json map_data(const Json& map, Time) {
  std::size_t count = 0;
  for (const char* path : {"data", "binaryData"}) {
    const Json* data = find(map, path);
    if (data != nullptr && data->is_object()) count += data->size();
  }
  return count;
}

Json node_status(const Json& node, Time) {
  std::string status = "Unknown";
  for (const Json& condition : list_at(node, "status.conditions")) {
    if (string_at(condition, "type") == "Ready")
      status = string_at(condition, "status") == "True" ? "Ready" : "NotReady";
  }
  return flag_at(node, "spec.unschedulable") ? status + ",SchedulingDisabled" : status;
}

Json node_roles(const Json& node, Time) {
  constexpr std::string_view prefix = "node-role.kubernetes.io/";
  std::string roles;
  const Json* labels = find(node, "metadata.labels");
  if (labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->items()) {
      if (key.starts_with(prefix)) roles += (roles.empty() ? "" : ",") + key.substr(prefix.size());
    }
  }
  return roles.empty() ? "<none>" : roles;
}

using Compute = Json (*)(const Json&, Time);

const std::map<std::string_view, Compute>& computed() {
  static const std::map<std::string_view, Compute> table{
      {"podReady", pod_ready},
      {"podStatus", pod_status},
      {"podRestarts", pod_restarts},
      {"jobStatus", job_status},
      {"jobCompletions", job_completions},
      {"jobDuration", job_duration},
      {"eventLastSeen", event_last_seen},
      {"eventObject", event_object},
      {"configMapData", map_data},
      {"nodeStatus", node_status},
      {"nodeRoles", node_roles},
  };
  return table;
}

}  // namespace

Json computed_cell(std::string_view name, const Json& object, Time now) {
  const auto found = computed().find(name);
  return found == computed().end() ? Json() : found->second(object, now);
}

bool is_computed_column(std::string_view name) { return computed().contains(name); }

}  // namespace mizan::api
