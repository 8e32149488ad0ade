// Tolerant reading of core/v1 Pods.
#include "experiment/pod_view.h"

#include "resources/meta.h"
#include "resources/trial.h"
#include "resources/warm_lease.h"

namespace mizan::experiment {
namespace {

std::int64_t integer_at(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

ContainerView read_container(const Json& status) {
  ContainerView view;
  view.name = string_at(status, "name");
  view.restarts = integer_at(status, "restartCount");
  const auto is_object = [](const Json* value) { return value != nullptr && value->is_object(); };
  const Json* const terminated = find(status, "state.terminated");
  const Json* const running = find(status, "state.running");
  const Json* state = nullptr;
  if (is_object(terminated)) {
    state = terminated;
    view.state = ContainerView::State::kTerminated;
    view.exit_code = integer_at(*state, "exitCode");
    view.signal = integer_at(*state, "signal");
  } else if (is_object(running)) {
    state = running;
    view.state = ContainerView::State::kRunning;
  } else {
    state = find(status, "state.waiting");
  }
  if (is_object(state)) {
    view.reason = string_at(*state, "reason");
    view.message = string_at(*state, "message");
  }
  return view;
}

std::string ended_reason(const resources::WarmResult& result) {
  if (result.exit_code == 0) return "Completed";
  if (result.oom_killed) return "OOMKilled";
  return result.exit_code == 128 && result.signal == 0 ? "StartError" : "Error";
}

/// A warm pod as the pod of the one trial that it runs now.
void apply_lease(const Json& pod, PodView& view) {
  const auto lease = resources::lease_of(pod);
  if (!lease || lease->end || lease->trial != view.trial) return;
  view.lease = lease->key();
  view.lease_since = lease->since;
  view.uid += "/" + lease->key();
  const auto result = resources::lease_result_of(pod);
  if (!result) return;
  view.phase = result->succeeded() ? "Succeeded" : "Failed";
  // A runner may be done with its first trial before the node has said that it runs.
  const Json* declared = view.containers.empty() ? find(pod, "spec.containers") : nullptr;
  if (declared != nullptr && declared->is_array()) {
    for (const Json& container : *declared) {
      view.containers.emplace_back().name = string_at(container, "name");
    }
  }
  for (ContainerView& container : view.containers) {
    container.state = ContainerView::State::kTerminated;
    container.exit_code = result->exit_code;
    container.signal = result->signal;
    container.reason = ended_reason(*result);
    container.message = result->message;
  }
}

}  // namespace

const ContainerView* PodView::container(std::string_view wanted) const {
  for (const ContainerView& one : containers) {
    if (one.name == wanted) return &one;
  }
  return containers.empty() ? nullptr : &containers.front();
}

PodView read_pod_view(const Json& pod) {
  PodView view;
  view.ns = resources::namespace_of(pod);
  view.name = resources::name_of(pod);
  view.uid = resources::uid_of(pod);
  view.labels = resources::labels_of(pod);
  if (const auto label = view.labels.find(std::string(resources::kTrialLabel));
      label != view.labels.end()) {
    view.trial = label->second;
  }
  view.created = resources::creation_time_of(pod);
  view.address = string_at(pod, "status.podIP", string_at(pod, "status.hostIP"));
  view.phase = string_at(pod, "status.phase", "Pending");
  view.reason = string_at(pod, "status.reason");
  view.message = string_at(pod, "status.message");
  if (const Json* conditions = find(pod, "status.conditions");
      conditions != nullptr && conditions->is_array()) {
    for (const Json& condition : *conditions) {
      if (string_at(condition, "type") == "PodScheduled" &&
          string_at(condition, "status") == "False") {
        view.unscheduled = string_at(condition, "message");
      }
    }
  }
  if (const Json* statuses = find(pod, "status.containerStatuses");
      statuses != nullptr && statuses->is_array()) {
    for (const Json& status : *statuses) {
      if (status.is_object()) view.containers.push_back(read_container(status));
    }
  }
  apply_lease(pod, view);
  return view;
}

}  // namespace mizan::experiment
