// Flags and their help.
#include "cmd/mizan/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cmd/mizan/data_dir.h"

namespace mizan::cmd {
namespace {

void add_data_dir(CLI::App& app, std::filesystem::path& data_dir) {
  data_dir = default_data_dir();
  app.add_option("--data-dir", data_dir, "Where the server keeps everything")
      ->envname("MIZAN_DATA_DIR")
      ->capture_default_str();
}

void add_server_options(CLI::App& app, ServerOptions& server) {
  add_data_dir(app, server.data_dir);
  app.add_option("--listen", server.listen, "Address and port; port 0 picks a free one")
      ->envname("MIZAN_LISTEN")
      ->capture_default_str();
  app.add_option("--host", server.hosts,
                 "A further name or address by which clients reach the server");
  app.add_option(
      "--node-cpu", server.node_cpu,
      "CPU that trials may use in all, as a quantity: 2, 1500m (default: the machine's)");
  app.add_option("--node-memory", server.node_memory,
                 "Memory that trials may use in all: 4Gi (default: the machine's)");
  app.add_option_function<std::vector<std::string>>(
         "--node-resource",
         [&server](const std::vector<std::string>& pairs) {
           for (const std::string& pair : pairs) {
             const auto equals = pair.find('=');
             if (equals == 0 || equals == std::string::npos) {
               throw CLI::ValidationError("--node-resource",
                                          pair + ": wants NAME=QUANTITY, such as nvidia.com/gpu=2");
             }
             server.node_resources[pair.substr(0, equals)] = pair.substr(equals + 1);
           }
         },
         "A further resource of the node, NAME=QUANTITY: nvidia.com/gpu=2")
      ->take_all();
  app.add_option("--cgroup-root", server.cgroup_root, "A cgroup directory delegated to mizan");
  app.add_option("--crd-dir", server.crd_dirs, "Further CustomResourceDefinitions to serve")
      ->check(CLI::ExistingDirectory);
  app.add_option(
         "--token-file", server.token_file,
         "Further users, a line each: TOKEN,NAME,ROLE[,NAMESPACE]; roles are viewer, editor, "
         "admin")
      ->check(CLI::ExistingFile);
  app.add_option("--keep-finished", server.keep_finished,
                 "Jobs and pods of so many finished trials are kept for each experiment")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--keep-changes-seconds", server.keep_changes_seconds,
                 "How far back watches and pages of lists may go; older ones are answered 410")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--keep-events-seconds", server.keep_events_seconds,
                 "How long Events stay after they were last seen")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--keep-events", server.keep_events, "At most so many Events stay")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--allow-host-path", server.allow_host_path, "Let trials mount hostPath volumes");
}

/// "lr=0.01,layers=3" as a map.
void add_assignments(CLI::App& app, const char* flag, const char* help,
                     std::map<std::string, std::string>& assignments) {
  app.add_option_function<std::string>(
      flag,
      [flag, &assignments](const std::string& text) {
        for (std::size_t start = 0; start <= text.size();) {
          const auto end = std::min(text.find(',', start), text.size());
          const std::string pair = text.substr(start, end - start);
          const auto equals = pair.find('=');
          if (equals == 0 || equals == std::string::npos)
            throw CLI::ValidationError(flag, pair + ": wants NAME=VALUE, such as lr=0.01");
          assignments[pair.substr(0, equals)] = pair.substr(equals + 1);
          start = end + 1;
        }
      },
      help);
}

void add_confirm(CLI::App& app, ConfirmOptions& options) {
  add_data_dir(app, options.data_dir);
  app.add_option("EXPERIMENT", options.experiment, "Name of the experiment")->required();
  app.add_option("-n,--namespace", options.ns, "Its namespace")->capture_default_str();
  app.add_option("--top", options.top, "How many of its best configurations")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--repeats", options.repeats, "How often each is run")
      ->check(CLI::Range(2, 1'000))
      ->capture_default_str();
  add_assignments(app, "--default",
                  "The configuration to compare with, NAME=VALUE,...; what is left out comes from "
                  "the first of spec.initialTrials, else from the middle of each range",
                  options.standard);
  app.add_option("--seed-parameter", options.seed_parameter,
                 "A parameter of the experiment that is a seed (default: trials get the seed in "
                 "the variable MIZAN_SEED)");
  app.add_flag("-q,--quiet", options.quiet, "Print the result only");
  app.add_flag("--json", options.json, "Print the result as JSON");
}

void add_clone(CLI::App& app, CloneOptions& options) {
  add_data_dir(app, options.data_dir);
  app.add_option("EXPERIMENT", options.experiment, "Name of the experiment")->required();
  app.add_option("NEW", options.name, "What the new one is called")->required();
  app.add_option("-n,--namespace", options.ns, "Their namespace")->capture_default_str();
  app.add_option("--trials", options.trials, "spec.maxTrialCount of the new one")
      ->check(CLI::PositiveNumber);
  app.add_option("--parallel", options.parallel, "spec.parallelTrialCount of the new one")
      ->check(CLI::PositiveNumber);
  app.add_flag("!--without-history", options.history,
               "Begin anew: the results of the old one aren't known to the new one");
}

LogLevel level_named(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

}  // namespace

Options parse_command_line(int argc, char** argv) {
  Options options;
  CLI::App app("mizan tunes hyperparameters, and the resources that trials cost.", "mizan");
  app.require_subcommand(1);
  app.set_version_flag("--version", MIZAN_VERSION);
  std::string level;
  app.add_option("--log-level", level,
                 "debug, info, warn or error (default: info for serve, warn for the rest)")
      ->envname("MIZAN_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  app.add_flag("--log-json", options.log_json, "Log JSON lines");
  app.fallthrough();

  CLI::App* serve = app.add_subcommand(
      "serve", "Run the server: the API for kubectl and REST, the dashboard, the trials");
  add_server_options(*serve, options.serve.server);
  serve->add_flag("--stop-trials", options.serve.server.stop_trials,
                  "End the trials' processes with the server; they start again with the next one");
  serve->add_flag("!--no-controllers", options.serve.server.controllers,
                  "Serve the API and run pods, but leave tuning to a controller elsewhere");
  std::string output = "text";
  serve
      ->add_option("--output", output,
                   "text, or json: one line with the address on standard output")
      ->check(CLI::IsMember({"text", "json"}));

  CLI::App* run =
      app.add_subcommand("run", "Run experiments from YAML files and wait for the best trial");
  add_server_options(*run, options.run.server);
  run->add_option("FILE", options.run.files, "Experiment YAML; - is standard input")->required();
  run->add_flag("--again", options.run.again,
                "Run a finished experiment once more, under a new name");
  run->add_flag("-q,--quiet", options.run.quiet, "Print the result only");

  CLI::App* logs =
      app.add_subcommand("logs", "Print the log of a trial, also after its pod is gone");
  add_data_dir(*logs, options.logs.data_dir);
  logs->add_option("TRIAL", options.logs.trial, "Name of the trial")->required();
  logs->add_option("-n,--namespace", options.logs.ns, "Its namespace")->capture_default_str();
  logs->add_flag("-f,--follow", options.logs.follow, "Go on until the trial has ended");
  CLI::App* why = app.add_subcommand(
      "why", "Say why a trial or an experiment is as it is, and what happened to it");
  add_data_dir(*why, options.why.data_dir);
  why->add_option("NAME", options.why.name, "Name of the trial or the experiment")->required();
  why->add_option("-n,--namespace", options.why.ns, "Its namespace")->capture_default_str();

  CLI::App* replay = app.add_subcommand(
      "replay", "Draw every point of an experiment once more, and say whether the same come out");
  add_data_dir(*replay, options.replay.data_dir);
  replay->add_option("EXPERIMENT", options.replay.experiment, "Name of the experiment")->required();
  replay->add_option("-n,--namespace", options.replay.ns, "Its namespace")->capture_default_str();

  CLI::App* suggest = app.add_subcommand(
      "suggest", "Show the first draws of an experiment without starting any trial");
  suggest->add_option("FILE", options.suggest.file, "Experiment YAML; - is standard input")
      ->required();
  suggest->add_option("-n,--count", options.suggest.count, "How many draws")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  suggest->add_flag("--json", options.suggest.json, "One line of JSON for each draw");

  CLI::App* confirm = app.add_subcommand(
      "confirm",
      "Run the best configurations of an experiment and the default again, with fresh seeds, and "
      "say how sure the difference is");
  add_confirm(*confirm, options.confirm);
  CLI::App* clone = app.add_subcommand(
      "clone", "Make a new experiment of one that is there; it knows the results from its start");
  add_clone(*clone, options.clone);

  CLI::App* controller = app.add_subcommand(
      "controller", "Run the tuning controllers on the API server that a kubeconfig names");
  options.controller.data_dir = default_data_dir() / "controller";
  controller->add_option("--kubeconfig", options.controller.kubeconfig, "The kubeconfig")
      ->envname("KUBECONFIG")
      ->required()
      ->check(CLI::ExistingFile);
  controller->add_option("--context", options.controller.context,
                         "Its context (default: the current one)");
  controller
      ->add_option("--data-dir", options.controller.data_dir,
                   "Where the curves of running trials are kept")
      ->capture_default_str();
  controller
      ->add_option("--keep-finished", options.controller.keep_finished,
                   "Jobs and pods of so many finished trials are kept for each experiment")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();

  CLI::App* version = app.add_subcommand("version", "Print the version");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    options.command =
        app.exit(problem) == 0 ? Options::Command::kPrintedHelp : Options::Command::kUsageError;
    return options;
  }
  options.serve.json_output = output == "json";
  options.run.server.stop_trials = true;
  if (*serve) options.command = Options::Command::kServe;
  if (*run) options.command = Options::Command::kRun;
  if (*logs) options.command = Options::Command::kLogs;
  if (*why) options.command = Options::Command::kWhy;
  if (*replay) options.command = Options::Command::kReplay;
  if (*suggest) options.command = Options::Command::kSuggest;
  if (*confirm) options.command = Options::Command::kConfirm;
  if (*clone) options.command = Options::Command::kClone;
  if (*controller) options.command = Options::Command::kController;
  if (*version) options.command = Options::Command::kVersion;
  options.log_level = level.empty() ? (*serve || *controller ? LogLevel::kInfo : LogLevel::kWarn)
                                    : level_named(level);
  return options;
}

}  // namespace mizan::cmd
