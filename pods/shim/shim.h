// The small process that stands between the node and one pod's containers.
//
// It outlives the server: it claims the pod's folder, starts the containers, keeps their logs,
// reaps what they leave behind and writes down how they ended. The server reads all of that from
// the folder, whenever it likes.
#pragma once

namespace mizan::pods {

/// `shim FOLDER` supervises the pod whose plan lies in FOLDER and returns when it has ended. `shim
/// --host` takes folders over the socket on descriptor 0 and forks such a shim for each
/// (shim_host.h). Called first thing in main(): single-threaded, nothing initialised. Returns the
/// process's exit code.
int shim_main(int argc, char** argv);

inline constexpr int kShimAlreadyClaimed = 75;  // exit code: another shim has this pod
inline constexpr int kShimBroken = 70;          // exit code: the folder or its plan can't be used

}  // namespace mizan::pods
