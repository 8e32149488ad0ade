// The command line, as one struct for each subcommand. CLI11 is included by options.cc alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/log.h"

namespace mizan::cmd {

/// What a server is started with; flags over environment (MIZAN_…) over defaults.
struct ServerOptions {
  std::filesystem::path data_dir;
  std::string listen = "127.0.0.1:8080";
  std::vector<std::string> hosts;  // further names or addresses clients may use for it
  std::optional<std::string> node_cpu, node_memory;   // Kubernetes quantities
  std::map<std::string, std::string> node_resources;  // "nvidia.com/gpu" -> "2"
  std::string cgroup_root;
  std::vector<std::filesystem::path> crd_dirs;
  std::filesystem::path token_file;         // empty: none
  std::int64_t keep_finished = 100;         // run objects of finished trials kept per experiment
  std::int64_t keep_changes_seconds = 300;  // so far back watches and pages may go
  std::int64_t keep_events_seconds = 3600;  // after they were last seen
  std::int64_t keep_events = 10'000;        // and no more than so many
  bool allow_host_path = false;
  bool stop_trials = false;  // end the trials' processes with the server
  bool controllers = true;
};

struct ServeOptions {
  ServerOptions server;
  bool json_output = false;
};

struct RunOptions {
  ServerOptions server;
  std::vector<std::filesystem::path> files;
  bool again = false;
  bool quiet = false;
};

struct LogsOptions {
  std::filesystem::path data_dir;
  std::string ns = "default";
  std::string trial;
  bool follow = false;
};

struct WhyOptions {
  std::filesystem::path data_dir;
  std::string ns = "default";
  std::string name;  // of a trial or an experiment
};

struct ReplayOptions {
  std::filesystem::path data_dir;
  std::string ns = "default";
  std::string experiment;
};

struct SuggestOptions {
  std::filesystem::path file;
  std::int64_t count = 10;
  bool json = false;
};

/// The best configurations of an experiment and the default, once more.
struct ConfirmOptions {
  std::filesystem::path data_dir;
  std::string ns = "default";
  std::string experiment;
  std::int64_t top = 3;
  std::int64_t repeats = 5;
  std::map<std::string, std::string> standard;  // the default configuration; empty: chosen
  std::string seed_parameter;                   // empty: the variable MIZAN_SEED
  bool quiet = false;
  bool json = false;
};

struct CloneOptions {
  std::filesystem::path data_dir;
  std::string ns = "default";
  std::string experiment, name;
  std::optional<std::int64_t> trials, parallel;  // absent: as there
  bool history = true;
};

/// Tuning controllers on another server's API.
struct ControllerOptions {
  std::filesystem::path kubeconfig;
  std::string context;  // empty: the current one
  std::filesystem::path data_dir;
  std::int64_t keep_finished = 100;
};

struct Options {
  enum class Command {
    kServe,
    kRun,
    kLogs,
    kWhy,
    kReplay,
    kSuggest,
    kConfirm,
    kClone,
    kController,
    kVersion,
    kPrintedHelp,
    kUsageError
  };
  Command command = Command::kPrintedHelp;
  ServeOptions serve;
  RunOptions run;
  LogsOptions logs;
  WhyOptions why;
  ReplayOptions replay;
  SuggestOptions suggest;
  ConfirmOptions confirm;
  CloneOptions clone;
  ControllerOptions controller;
  LogLevel log_level = LogLevel::kInfo;
  bool log_json = false;
};

/// Prints help and usage errors itself.
Options parse_command_line(int argc, char** argv);

}  // namespace mizan::cmd
