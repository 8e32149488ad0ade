// From the shim to the container's command: fork, isolate, exec.
#pragma once

#include <sys/types.h>

#include "core/result.h"
#include "pods/shim/launch_plan.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {

struct StartedContainer {
  pid_t pid = 0;  // a session of its own
  Fd out, err;    // the read ends of its output, non-blocking
};

/// Makes the container's directories below `folder`. Safe to repeat.
Result<> prepare_container(int folder, const ContainerPlan& container);

/// Resumes when the command has been executed. Errors: kUnavailable when the isolation that the
/// plan wants is refused; kNotFound when there is no such command; kInternal.
Result<StartedContainer> start_container(const LaunchPlan& plan, const ContainerPlan& container);

/// Joins what the container's process `running` lives in (cgroups, namespaces or Landlock's rules,
/// working directory, capabilities) and becomes `container.argv`. Call in a process of one thread;
/// returns only when it failed. Errors: kNotFound when there is no such command; kUnavailable,
/// kInternal.
Error exec_in_container(const LaunchPlan& plan, const ContainerPlan& container, pid_t running);

/// What `plan.isolation` would do, tried in a process of its own. `data_dir` is what has to be
/// hidden.
Isolation best_isolation();

/// Directories that all processes of a machine share: private under mounts, read-only under
/// Landlock.
inline constexpr const char* kSharedScratch[] = {"/tmp", "/var/tmp", "/dev/shm", "/var/log/katib"};

}  // namespace mizan::pods
