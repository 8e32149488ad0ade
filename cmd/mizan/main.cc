// The entry point. The shim comes first: it must be small, so nothing else may be initialised
// before it.
#include <cstdio>
#include <cstring>

#include "cmd/mizan/commands.h"
#include "cmd/mizan/options.h"
#include "core/log.h"
#include "pods/exec/exec_entry.h"
#include "pods/runner/runner.h"
#include "pods/shim/shim.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "shim") == 0)
    return mizan::pods::shim_main(argc - 1, argv + 1);

  if (argc > 1 && std::strcmp(argv[1], "exec") == 0)
    return mizan::pods::exec_main(argc - 1, argv + 1);

  if (argc > 1 && std::strcmp(argv[1], "runner") == 0)
    return mizan::pods::runner_main(argc - 1, argv + 1);

  using namespace mizan::cmd;
  try {
    const Options options = parse_command_line(argc, argv);
    mizan::configure_log(options.log_level, options.log_json);
    switch (options.command) {
      case Options::Command::kServe:
        return serve(options.serve);
      case Options::Command::kRun:
        return run(options.run);
      case Options::Command::kLogs:
        return logs(options.logs);
      case Options::Command::kWhy:
        return why(options.why);
      case Options::Command::kReplay:
        return replay(options.replay);
      case Options::Command::kSuggest:
        return suggest(options.suggest);
      case Options::Command::kConfirm:
        return confirm(options.confirm);
      case Options::Command::kClone:
        return clone(options.clone);
      case Options::Command::kController:
        return controller(options.controller);
      case Options::Command::kVersion:
        std::puts("mizan " MIZAN_VERSION);
        return 0;
      case Options::Command::kPrintedHelp:
        return 0;
      case Options::Command::kUsageError:
        return kExitUsage;
    }
  } catch (const std::exception& broken) {  // the fence of main: the world is broken
    mizan::log_error("mizan", "ended", {{"because", broken.what()}});
    return kExitBroken;
  }
  return 0;
}
