// Control groups of pods: one interface over the two versions of the kernel's.
//
// Each pod has a group `pod<UID>` below a directory that belongs to this data directory alone, each
// container of a pod with several one below that. Requests become shares, limits become quotas; the
// shim only ever sees file names.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "pods/shim/launch_plan.h"

namespace mizan::pods {

/// What a cgroup enforces. 0: not set.
struct CgroupLimits {
  std::int64_t cpu_request_milli = 0, cpu_limit_milli = 0;
  std::int64_t memory_limit = 0;  // bytes
  bool operator==(const CgroupLimits&) const = default;
};

struct ContainerLimits {
  std::string name;
  CgroupLimits limits;
};

struct CgroupUsage {
  std::uint64_t memory_bytes = 0;     // without page cache that could be dropped at once
  std::uint64_t cpu_nanoseconds = 0;  // since the group was made
  std::uint64_t anonymous_bytes = 0;  // what can't be dropped: anonymous and shared memory
  // Of the CPU limit, since the group was made: periods that had work, those of them in which it
  // was used up, and how long its threads had to wait then.
  std::uint64_t cpu_periods = 0, throttled_periods = 0, throttled_nanoseconds = 0;
};

/// Thread: any (the files pool); different pods at once. Every call may be repeated.
class Cgroups {
 public:
  virtual ~Cgroups() = default;

  /// Makes the pod's groups and sets what they enforce. `pod` is the whole pod's.
  virtual Result<> create(const std::string& uid, const CgroupLimits& pod,
                          const std::vector<ContainerLimits>& containers) = 0;
  /// Changes what a container's group enforces, or the pod's when `container` is empty. Errors:
  /// kConflict when the memory limit is below what is in use; it is as before then.
  virtual Result<> set(const std::string& uid, const std::string& container,
                       const CgroupLimits& limits) = 0;
  /// For the shim. `alone`: the pod has no other container, which then has the pod's group.
  virtual CgroupPlan plan(const std::string& uid, const std::string& container,
                          bool alone) const = 0;
  virtual CgroupUsage usage(const std::string& uid, const std::string& container,
                            bool alone) const = 0;

  /// The memory limit that is in force, in bytes; 0: none, or no such group.
  virtual std::int64_t memory_limit(const std::string& uid, const std::string& container,
                                    bool alone) const = 0;

  /// Every process in the pod's groups.
  virtual std::vector<pid_t> processes(const std::string& uid) const = 0;
  /// Kills what is in the pod's groups and removes them. Errors: kInternal when something won't go.
  virtual Result<> remove(const std::string& uid) = 0;
  /// The pods that have groups here: left over when nobody knows them.
  virtual std::vector<std::string> pods() const = 0;
  /// Removes the directory of this data directory when no pod is in it.
  virtual void remove_root() = 0;

  virtual bool limits_cpu() const = 0;
  virtual bool limits_memory() const = 0;
  virtual std::string description() const = 0;  // for the log: "v1 /mizan/0a1b2c3d4e5f"
};

struct CgroupChoice {
  std::string root;      // --cgroup-root; empty: found
  std::string data_dir;  // canonical; names the group
};

/// The first that works of: the given root, a delegated v2 subtree, `/mizan` at the top of v2 or
/// v1. Null: none. May move the calling process into a leaf of its own group (v2 demands it).
/// Blocks: files pool.
std::unique_ptr<Cgroups> choose_cgroups(const CgroupChoice& choice);

/// "mizan/" and twelve hexadecimal digits: the same for every server on that data directory.
std::string cgroup_name(const std::string& data_dir);

/// `mounts` maps each controller to the directory where this server's groups are. For
/// choose_cgroups and tests.
struct V1Mounts {
  std::string memory, cpu, cpuacct;  // empty: not there
};
std::unique_ptr<Cgroups> make_cgroups_v1(V1Mounts mounts, std::string description);
std::unique_ptr<Cgroups> make_cgroups_v2(std::string root, std::string description);

}  // namespace mizan::pods
