// The Node object of this machine: what `kubectl get nodes` and `describe node` show. Pure.
#pragma once

#include <string>

#include "core/json.h"
#include "core/time.h"
#include "pods/node/cgroup.h"
#include "pods/node/machine.h"
#include "pods/shim/launch_plan.h"

namespace mizan::pods {

struct NodeObjectFacts {
  std::string name, version;
  Amounts capacity;
  MachineInfo machine;
  Isolation isolation = Isolation::kMounts;
  bool limits_cpu = true, limits_memory = true;
  std::string cgroups;  // Cgroups::description(); empty: none
};

/// The whole object with status. `before`: what is stored, null when there is none; transition
/// times are kept.
Json node_object(const NodeObjectFacts& facts, Time now, const Json& before);

}  // namespace mizan::pods
