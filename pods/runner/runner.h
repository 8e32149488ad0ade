// The main process of a warm pod: takes leases from the server, runs one trial for each, says how
// it ended.
//
// It is entered before anything else of the program is initialised, like the shim, and stays small:
// it stands beside the trial in its container and shares its limit.
#pragma once

namespace mizan::pods {

/// `runner`, with what it needs in the environment: MIZAN_URL, MIZAN_TOKEN, MIZAN_NAMESPACE,
/// MIZAN_POD, MIZAN_POD_UID, MIZAN_REUSE (Pod or Process); MIZAN_URL_FILE where a server that comes
/// later says where it listens. Single-threaded. Returns the process's exit code: 0 when there are
/// no more trials for it.
int runner_main(int argc, char** argv);

inline constexpr int kRunnerMisused = 64;  // exit code: something it needs is not there

}  // namespace mizan::pods
