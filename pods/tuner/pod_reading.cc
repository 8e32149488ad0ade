// Readings of core/v1 Pods.
#include "pods/tuner/pod_reading.h"

#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

constexpr std::string_view kOwn = "mizan-";

const Json& named(const Json& containers, const std::string& name) {
  static const Json none = Json::object();
  for (const Json& container : containers) {
    if (text_field(container, "name") == name) return container;
  }
  return containers.empty() ? none : containers.front();
}

std::optional<Time> time_in_state(const Json& status, const char* state, const char* key) {
  return parse_rfc3339(text_field(object_field(object_field(status, "state"), state), key));
}

}  // namespace

const Json& status_of_container(const Json& pod, const std::string& name) {
  return named(array_field(object_field(pod, "status"), "containerStatuses"), name);
}

const Json& wished_resources(const Json& pod, const std::string& name) {
  return object_field(named(array_field(object_field(pod, "spec"), "containers"), name),
                      "resources");
}

std::optional<Time> start_of(const Json& status) {
  const auto running = time_in_state(status, "running", "startedAt");
  return running ? running : time_in_state(status, "terminated", "startedAt");
}
std::optional<Time> end_of(const Json& status) {
  return time_in_state(status, "terminated", "finishedAt");
}

ResizeReading read_resize(const Json& pod) {
  using Resize = PodLook::Resize;
  const Json& status = object_field(pod, "status");
  ResizeReading found;
  for (const Json& condition : array_field(status, "conditions")) {
    const std::string type = text_field(condition, "type");
    const std::string reason = text_field(condition, "reason");
    if (type == "PodResizePending") {
      found.resize = reason == "Infeasible" ? Resize::kInfeasible : Resize::kDeferred;
    } else if (type == "PodResizeInProgress" && found.resize == Resize::kSettled) {
      found.resize = reason == "Error" ? Resize::kRefused : Resize::kInProgress;
    } else {
      continue;
    }
    found.message = text_field(condition, "message");
  }
  const auto seen = resources::integer_field(status, "observedGeneration");
  if (found.resize == Resize::kSettled && seen && *seen < resources::generation_of(pod))
    found.resize = Resize::kInProgress;
  return found;
}

std::string foreign_manager(const Json& pod) {
  for (const Json& entry : array_field(object_field(pod, "metadata"), "managedFields")) {
    std::string manager = text_field(entry, "manager");
    if (text_field(entry, "subresource") == "resize" && manager != "mizan" &&
        !manager.starts_with(kOwn))
      return manager;
  }
  return "";
}

}  // namespace mizan::pods
