// What a Pod may ask for: amounts that parse and agree, its QoS class, and what the subresource
// `resize` may change of them. Pure; the words are those of a Kubernetes API server.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "resources/quantity.h"

namespace mizan::resources {

/// `requests` or `limits` of one container, by resource. What can't be read or is negative is left
/// out.
std::map<std::string, Quantity> container_amounts(const Json& container, const char* which);
/// The same, each request that is absent taken from its limit.
std::map<std::string, Quantity> effective_requests(const Json& container);

/// "Guaranteed", "Burstable" or "BestEffort".
std::string qos_class(const Json& pod);

/// Brings amounts to their one form ("0.1" is "100m") and fills in requests from limits, as at
/// creation. What can't be read stays as it is.
void default_pod_amounts(Json& pod_spec);

/// Amounts that can't be read, are negative, or requests above limits; resizePolicy. `path` is that
/// of the pod's spec. Texts with a placeholder (`${`) are not looked at.
std::vector<FieldError> check_pod_amounts(const Json& pod_spec, const std::string& path);

/// What an update of the pod itself may not change.
std::vector<FieldError> check_pod_update(const Json& current, const Json& next);

struct ResizedPod {
  Json pod;                        // `current` with the wanted resources
  std::vector<FieldError> errors;  // any: refuse
};
/// Only resources of containers and sidecars are taken over; whatever else `wanted` says is
/// ignored.
ResizedPod resize_pod(const Json& current, const Json& wanted);

}  // namespace mizan::resources
