// Pod status from a shim's report, as kubelet would write it.
#include "pods/node/pod_status.h"

#include <algorithm>

#include "pods/node/pod_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;
using State = ContainerReport::State;

/// RFC 3339 with nanoseconds, as the shim writes it, to the whole seconds of the API.
std::string to_seconds(const std::string& time) {
  const std::size_t dot = time.find('.');
  return dot == std::string::npos ? time : time.substr(0, dot) + "Z";
}

/// Conditions keep their transition time for as long as their status stays the same.
class Conditions {
 public:
  Conditions(const Json& pod, Time now)
      : before_(array_field(object_field(pod, "status"), "conditions")),
        now_(format_rfc3339(now)),
        generation_(resources::generation_of(pod)) {}

  void set(const char* type, bool status, const char* reason = "",
           const std::string& message = "") {
    Json condition{{"type", type},
                   {"status", status ? "True" : "False"},
                   {"lastProbeTime", nullptr},
                   {"lastTransitionTime", now_}};
    if (*reason != '\0') condition["reason"] = reason;
    if (!message.empty()) condition["message"] = message;
    if (generation_ > 0) condition["observedGeneration"] = generation_;
    for (const Json& old : before_) {
      if (text_field(old, "type") == type &&
          text_field(old, "status") == text_field(condition, "status"))
        condition["lastTransitionTime"] = text_field(old, "lastTransitionTime", now_);
    }
    all_.push_back(std::move(condition));
  }
  Json take() {
    for (const Json& old : before_) {  // those that others own
      if (text_field(old, "type").starts_with("PodResize")) continue;
      const bool ours =
          std::ranges::any_of(all_, [&](const Json& own) { return own["type"] == old["type"]; });
      if (!ours && old.contains("type")) all_.push_back(old);
    }
    return std::move(all_);
  }

 private:
  const Json& before_;
  std::string now_;
  std::int64_t generation_;
  Json all_ = Json::array();
};

Json base_status(const Json& pod, const StatusFacts& facts, const char* phase, bool on_node) {
  Json status{{"phase", phase}, {"qosClass", qos_class(pod)}};
  if (const std::int64_t generation = resources::generation_of(pod); generation > 0)
    status["observedGeneration"] = generation;
  if (!on_node) return status;
  status["hostIP"] = "127.0.0.1";
  status["startTime"] = string_at(pod, "status.startTime", format_rfc3339(facts.started));
  return status;
}

/// What every container status has.
Json container_base(const Json& container) {
  Json status{{"name", text_field(container, "name")},
              {"image", text_field(container, "image")},
              {"imageID", ""},
              {"ready", false},
              {"started", false},
              {"restartCount", 0},
              {"state", Json::object()},
              {"lastState", Json::object()}};
  return status;
}

void add_resources(Json& status, const ResizeState& resize) {
  const std::string name = text_field(status, "name");
  const auto granted = resize.allocated().find(name), in_force = resize.actual().find(name);
  if (granted == resize.allocated().end() || in_force == resize.actual().end()) return;
  Json allocated = to_json(granted->second), actual = to_json(in_force->second);
  if (allocated.contains("requests"))
    status["allocatedResources"] = std::move(allocated["requests"]);
  if (!actual.empty()) status["resources"] = std::move(actual);
}

Json terminated(const Termination& end, const std::string& id) {
  Json state{{"exitCode", end.exit_code}, {"reason", end.reason}, {"containerID", id}};
  if (end.signal != 0) state["signal"] = end.signal;
  if (!end.message.empty()) state["message"] = end.message;
  if (!end.started_at.empty()) state["startedAt"] = to_seconds(end.started_at);
  if (!end.finished_at.empty()) state["finishedAt"] = to_seconds(end.finished_at);
  return {{"terminated", std::move(state)}};
}

Json container_status(const Json& pod, const Json& container, const ContainerReport& report,
                      const ResizeState& resize) {
  Json status = container_base(container);
  const std::string id = "mizan://" + resources::uid_of(pod) + "/" + report.name + "/";
  const std::string own_id = id + std::to_string(report.restarts);
  status["restartCount"] = report.restarts;
  switch (report.state) {
    case State::kWaiting:
      status["state"]["waiting"] = {{"reason", report.reason}};
      if (!report.message.empty()) status["state"]["waiting"]["message"] = report.message;
      break;
    case State::kRunning:
      status["state"]["running"] = {{"startedAt", to_seconds(report.started_at)}};
      status["started"] = true;
      status["ready"] = report.role != Role::kInit;
      status["containerID"] = own_id;
      break;
    case State::kTerminated:
      status["state"] = terminated(report.ended, own_id);
      if (report.peak_anonymous != 0) status["peakMemoryBytes"] = report.peak_anonymous;
      status["ready"] = report.role == Role::kInit && report.ended.exit_code == 0;
      status["containerID"] = own_id;
      break;
  }
  if (report.state != State::kWaiting || report.has_last) add_resources(status, resize);
  if (report.has_last)
    status["lastState"] = terminated(
        report.last, id + std::to_string(report.restarts == 0 ? 0 : report.restarts - 1));
  return status;
}

const Json* container_named(const Json& pod, const std::string& name) {
  for (const Json* container : all_containers(pod)) {
    if (text_field(*container, "name") == name) return container;
  }
  return nullptr;
}

/// "containers with unready status: [main]"
std::string unready(const Json& statuses) {
  std::string names;
  for (const Json& status : statuses) {
    if (status["ready"] == true) continue;
    if (!names.empty()) names += ' ';
    names += text_field(status, "name");
  }
  return names.empty() ? "" : "containers with unready status: [" + names + "]";
}

void set_conditions(Json& status, const Json& pod, const StatusFacts& facts, bool initialized) {
  Conditions conditions(pod, facts.now);
  const std::string phase = status["phase"];
  if (phase == "Succeeded" || phase == "Failed") {
    const char* reason = phase == "Succeeded" ? "PodCompleted" : "PodFailed";
    conditions.set("PodReadyToStartContainers", false);
    conditions.set("Initialized", initialized, phase == "Succeeded" ? "PodCompleted" : "");
    conditions.set("Ready", false, reason);
    conditions.set("ContainersReady", false, reason);
  } else {
    const std::string message = unready(status["containerStatuses"]);
    const char* reason = message.empty() ? "" : "ContainersNotReady";
    conditions.set("PodReadyToStartContainers", true);
    conditions.set("Initialized", initialized, initialized ? "" : "ContainersNotInitialized");
    conditions.set("Ready", message.empty(), reason, message);
    conditions.set("ContainersReady", message.empty(), reason, message);
  }
  conditions.set("PodScheduled", true);
  status["conditions"] = conditions.take();
}

void put_container(Json& status, Role role, Json container) {
  const char* list = role == Role::kMain ? "containerStatuses" : "initContainerStatuses";
  if (!status.contains(list)) status[list] = Json::array();
  status[list].push_back(std::move(container));
}

}  // namespace

bool is_finished(const Json& pod) {
  const std::string phase = string_at(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed";
}

Json unschedulable_status(const Json& pod, const StatusFacts& facts, const std::string& message) {
  Json status = base_status(pod, facts, "Pending", false);
  Conditions conditions(pod, facts.now);
  conditions.set("PodScheduled", false, "Unschedulable", message);
  status["conditions"] = conditions.take();
  return status;
}

Json waiting_status(const Json& pod, const StatusFacts& facts, const std::string& reason,
                    const std::string& message) {
  Json status = base_status(pod, facts, "Pending", true);
  for (const Json* container : all_containers(pod)) {
    Json one = container_base(*container);
    one["state"]["waiting"] = {{"reason", reason}, {"message", message}};
    const bool init = std::ranges::any_of(array_field(object_field(pod, "spec"), "initContainers"),
                                          [&](const Json& each) { return &each == container; });
    put_container(status, init ? Role::kInit : Role::kMain, std::move(one));
  }
  set_conditions(status, pod, facts,
                 array_field(object_field(pod, "spec"), "initContainers").empty());
  return status;
}

Json status_from_report(const Json& pod, const StatusFacts& facts, const PodReport& report,
                        const ResizeState& resize) {
  Json status = base_status(pod, facts, report.phase.c_str(), true);
  if (!report.reason.empty()) status["reason"] = report.reason;
  if (!report.message.empty()) status["message"] = report.message;
  bool initialized = true;
  for (const ContainerReport& container : report.containers) {
    const Json* spec = container_named(pod, container.name);
    if (spec == nullptr) continue;
    if (container.role == Role::kInit)
      initialized =
          initialized && container.state == State::kTerminated && container.ended.exit_code == 0;
    put_container(status, container.role, container_status(pod, *spec, container, resize));
  }
  set_conditions(status, pod, facts, initialized);
  const bool ended = status["phase"] == "Succeeded" || status["phase"] == "Failed";
  Json resizing = ended ? Json::array() : resize.conditions(facts.now);
  for (Json& condition : status["conditions"]) resizing.push_back(std::move(condition));
  status["conditions"] = std::move(resizing);
  return status;
}

Json lost_status(const Json& pod, const StatusFacts& facts, const std::string& reason,
                 const std::string& message) {
  Json status = base_status(pod, facts, "Failed", true);
  status["reason"] = reason;
  status["message"] = message;
  const std::string now = format_rfc3339(facts.now);
  const Json& before = object_field(pod, "status");
  for (const Json* container : all_containers(pod)) {
    Json one = container_base(*container);
    const bool init = std::ranges::any_of(array_field(object_field(pod, "spec"), "initContainers"),
                                          [&](const Json& each) { return &each == container; });
    for (const Json& old :
         array_field(before, init ? "initContainerStatuses" : "containerStatuses")) {
      if (text_field(old, "name") == text_field(*container, "name")) one = old;
    }
    if (!object_field(one, "state").contains("terminated")) {
      const std::string started = string_at(one, "state.running.startedAt", now);
      one["state"] = {{"terminated",
                       {{"exitCode", 137},
                        {"reason", "ContainerStatusUnknown"},
                        {"message", message},
                        {"startedAt", started},
                        {"finishedAt", now}}}};
    }
    one["ready"] = false;
    put_container(status, init ? Role::kInit : Role::kMain, std::move(one));
  }
  set_conditions(status, pod, facts, true);
  return status;
}

}  // namespace mizan::pods
