// The subcommands. Each returns the program's exit code.
#pragma once

#include "cmd/mizan/options.h"

namespace mizan::cmd {

inline constexpr int kExitSucceeded = 0;
inline constexpr int kExitFailed = 1;  // the experiment failed, or what was asked for isn't there
inline constexpr int kExitUsage = 2;   // the command line or the file is wrong; nothing was changed
inline constexpr int kExitBroken = 70;        // the machine or the program is broken (EX_SOFTWARE)
inline constexpr int kExitInterrupted = 130;  // Ctrl-C

int serve(const ServeOptions& options);
int run(const RunOptions& options);
int logs(const LogsOptions& options);
int why(const WhyOptions& options);
int replay(const ReplayOptions& options);
int suggest(const SuggestOptions& options);
int confirm(const ConfirmOptions& options);
int clone(const CloneOptions& options);
int controller(const ControllerOptions& options);

}  // namespace mizan::cmd
