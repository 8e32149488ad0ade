// A further process in a container that runs: `kubectl exec`.
#pragma once

namespace mizan::pods {

/// `exec FOLDER CONTAINER COMMAND…`, called like shim_main first thing in main(): joins the
/// cgroups, namespaces and directory of the container whose pod's folder that is, and becomes the
/// command. Descriptors 0 to 2 are the command's; a terminal on 0 becomes its controlling terminal.
/// Returns, with an exit code, only when that failed; what failed is said on descriptor 2.
int exec_main(int argc, char** argv);

}  // namespace mizan::pods
