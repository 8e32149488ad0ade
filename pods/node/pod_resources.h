// What a Pod asks for and may use, as the scheduler and kubelet add it up.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "pods/node/cgroup.h"
#include "pods/node/machine.h"

namespace mizan::pods {

/// What the pod takes from the node: the sum of its containers and sidecars, or the largest init
/// container where that is more. A request that is absent is the limit. Unreadable quantities count
/// as none.
Amounts pod_requests(const Json& pod);

/// requests (or limits) of one container.
Amounts container_amounts(const Json& container, const char* which);

CgroupLimits container_limits(const Json& container);
/// The sum over the containers; a limit only where each has one.
CgroupLimits pod_limits(const Json& pod);

/// "Guaranteed", "Burstable" or "BestEffort".
std::string qos_class(const Json& pod);

/// All containers in the order in which they are started: init containers and sidecars, then the
/// others.
std::vector<const Json*> all_containers(const Json& pod);
bool is_sidecar(const Json& init_container);  // restartPolicy: Always

}  // namespace mizan::pods
