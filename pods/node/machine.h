// What this machine has for pods, and what it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/result.h"
#include "resources/quantity.h"

namespace mizan::pods {

/// Amounts by resource name: "cpu", "memory", "pods", "nvidia.com/gpu".
using Amounts = std::map<std::string, resources::Quantity>;

/// What the flags say; empty texts: as found.
struct NodeSize {
  std::string cpu, memory;                   // quantities
  std::map<std::string, std::string> extra;  // further resources, as given
};

/// The least of the machine, the cgroups that this process is in, and the flags (which may only
/// lower cpu and memory when the machine has less; they raise nothing). Errors: kInvalid for a
/// quantity that can't be read.
Result<Amounts> node_capacity(const NodeSize& size);

struct MachineInfo {
  std::string hostname, machine_id, boot_id, kernel, os_image, architecture;
};
MachineInfo machine_info();

/// The parts of node_capacity, for tests: CPUs and bytes that the chain of cgroups from `path` up
/// to `mount` allows.
std::int64_t cgroup_cpu_milli(const std::string& mount, const std::string& path,
                              bool v2);  // 0: no limit
std::int64_t cgroup_memory_bytes(const std::string& mount, const std::string& path,
                                 bool v2);  // 0: no limit

}  // namespace mizan::pods
