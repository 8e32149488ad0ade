// How large a pod is, container by container: what its spec wants, what its status says is granted
// and in force, and what was written beside it for a server that comes later. Pure.
#pragma once

#include <map>
#include <string>

#include "core/json.h"
#include "pods/node/machine.h"

namespace mizan::pods {

struct ContainerSize {
  Amounts requests, limits;
  bool operator==(const ContainerSize&) const = default;
};
using PodSize = std::map<std::string, ContainerSize>;  // by container, init containers included

/// spec.containers[].resources
PodSize wanted_size(const Json& pod);
/// status.containerStatuses[].resources over `otherwise`, for containers whose status says nothing.
PodSize size_in_force(const Json& pod, PodSize otherwise);

/// `pod` with these resources in its spec instead of its own.
Json with_size(Json pod, const PodSize& size);

Json to_json(const ContainerSize& size);  // {"limits": …, "requests": …}; what is empty is absent
Json to_json(const PodSize& size);
/// Tolerant: what can't be read is left out.
PodSize read_size(const Json& json);

}  // namespace mizan::pods
