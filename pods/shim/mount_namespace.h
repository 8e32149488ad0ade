// A container's own view of the file system: the host's, with private scratch directories and
// volumes laid over it and the data directory taken out.
//
// Nothing is ever mounted in the host's namespace, and no directory is made on the host: where a
// mount's target is missing, its nearest existing parent is rebuilt as a small tmpfs that shows the
// same entries and has room for one more.
#pragma once

#include <string>
#include <vector>

#include "pods/shim/launch_plan.h"

namespace mizan::pods {

/// Moves the calling process (single-threaded) into a new mount namespace, with a user namespace
/// around it when `with_user_namespace`, in which nothing propagates to or from the host. Errors:
/// kInternal with the system's words.
Result<> enter_private_namespace(bool with_user_namespace);

/// Lays `mounts` over what is there, parents before children. Relative sources are below `folder`.
/// Call only in a namespace of one's own.
Result<> lay_mounts(int folder, std::vector<MountPlan> mounts);

}  // namespace mizan::pods
