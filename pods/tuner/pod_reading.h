// What the tuner reads off a pod: its container's status, how far a resize is, who else resizes it.
// Tolerant; pure.
#pragma once

#include <optional>
#include <string>

#include "core/json.h"
#include "core/time.h"
#include "pods/tuner/pod_watch.h"

namespace mizan::pods {

/// The name under which the tuner writes pods/resize. All managers of mizan's own begin alike.
inline constexpr const char* kTunerManager = "mizan-tuner";

/// The status of the container of that name, else of the first; an empty object when there is none.
const Json& status_of_container(const Json& pod, const std::string& name);
/// resources of it in the spec.
const Json& wished_resources(const Json& pod, const std::string& name);
/// When it started to run, or had when it ended.
std::optional<Time> start_of(const Json& container_status);
std::optional<Time> end_of(const Json& container_status);

struct ResizeReading {
  PodLook::Resize resize = PodLook::Resize::kSettled;
  std::string message;
};
ResizeReading read_resize(const Json& pod);

/// Who resized the pod beside mizan, by metadata.managedFields; "": nobody. Every client of the API
/// has a name there; parts of mizan that write without one are no strangers.
std::string foreign_manager(const Json& pod);

}  // namespace mizan::pods
