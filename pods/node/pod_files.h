// The node's work on pods' folders. Everything here waits for a disk: files pool only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "pods/node/pod_planner.h"
#include "pods/shim/pod_folder.h"
#include "pods/shim/report.h"

namespace mizan::pods {

/// What a folder says about its pod.
struct FolderState {
  bool claimed = false;  // it was started, or may have been before the machine was started anew
  std::optional<Claim> claim;
  bool alive = false;               // the claimer runs
  bool other_boot = false;          // that was before the machine was started anew
  std::optional<PodReport> report;  // the newest
  bool final = false;               // `report` is exit.json
};
FolderState inspect_folder(const std::string& folder);

/// Nothing will be written any more by that run (`attempt`) of the container.
bool has_container_ended(const std::string& folder, const std::string& container,
                         std::uint32_t attempt);

/// Makes the folder with its volumes and the plan; all of it is on disk when it returns. May be
/// repeated as long as the pod is not claimed. Errors: kAlreadyExists when it is; kInternal.
Result<> prepare_folder(const PodPlan& plan);

/// Removes the folder with all that is in it. Never follows a link out of it.
void remove_folder(const std::string& folder);

/// UIDs of the folders in DIR/pods.
std::vector<std::string> list_folders(const std::string& data_dir);

/// Kills what a pod whose shim was killed left behind: by its cgroup where there is one, else by
/// its environment.
void kill_leftovers(const Cgroups* cgroups, const std::string& uid);

}  // namespace mizan::pods
