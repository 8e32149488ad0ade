// From a Pod object to what a shim needs: pure, so that every rule of it is tested without a
// process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/time.h"
#include "pods/node/cgroup.h"
#include "pods/node/machine.h"
#include "pods/node/pod_environment.h"
#include "pods/shim/launch_plan.h"

namespace mizan::pods {

/// What planning needs to know of this node.
struct NodeFacts {
  std::string data_dir;  // canonical
  std::string boot_id;
  std::string search_path;  // PATH of containers that don't set one
  Isolation isolation = Isolation::kMounts;
  bool allow_host_path = false;
  Amounts allocatable;
  const Cgroups* cgroups = nullptr;  // null: none
  std::chrono::milliseconds restart_backoff{10'000};
};

/// A file or directory to make in the pod's folder before the shim starts.
struct VolumeFile {
  std::string path;  // relative to the folder
  bool directory = false;
  std::string bytes;
  mode_t mode = 0644;
};

struct PodPlan {
  LaunchPlan launch;
  std::vector<VolumeFile> files;
};

/// Why a pod is not started now. `fatal`: it never will be, and its phase becomes Failed.
struct PlanRefusal {
  bool fatal = false;
  std::string reason, message;
  std::string event;  // reason of a Warning Event about it; empty: none
};

/// `started`: the pod's status.startTime, from which its deadline counts.
std::expected<PodPlan, PlanRefusal> plan_pod(const Json& pod, const PodSources& sources,
                                             const NodeFacts& facts, Time started);

/// Containers that have neither a command of their own nor, on this host, an image that brings one.
std::vector<std::string> containers_without_command(const Json& pod);

/// DIR/pods/UID
std::string pod_folder_path(const std::string& data_dir, const std::string& uid);

}  // namespace mizan::pods
