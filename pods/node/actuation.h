// Brings a granted size into force: cgroup limits in an order that never leaves a container above
// its pod, all of them or none; orders to the shim where no cgroup holds the memory limit. Waits
// for the kernel: files pool only.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "pods/node/cgroup.h"
#include "pods/resize/pod_size.h"
#include "pods/shim/report.h"

namespace mizan::pods {

struct Actuation {
  Json pod;                             // its object
  std::string folder;                   // of the pod
  PodSize from, to;                     // in force, granted
  PodReport report;                     // which containers run, and as what
  std::vector<std::string> restarting;  // containers that don't run now: usage does not bind them
  Cgroups* cgroups = nullptr;           // null: none
};

struct Actuated {
  bool ordered = false;  // the shim has to be told that there are orders
};

/// May be repeated; with from == to it makes sure. Errors: kConflict when a memory limit is below
/// usage, in kubelet's words: nothing has changed then. kInternal.
Result<Actuated> actuate(const Actuation& actuation);

/// Orders that end these runs and hold the containers until actuate().
Result<> hold_containers(const std::string& folder, const PodReport& report,
                         const std::vector<std::string>& names);

/// Writes down what was granted, for a server that comes after this one.
Result<> keep_allocation(const std::string& folder, const PodSize& allocated);
/// What was granted last; `otherwise` when the folder doesn't say.
PodSize kept_allocation(const std::string& folder, PodSize otherwise);

/// `believed`, with the memory limits that the kernel says are in force.
PodSize size_the_kernel_has(const Json& pod, const Cgroups& cgroups, PodSize believed);

}  // namespace mizan::pods
