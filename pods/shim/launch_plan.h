// Everything a shim needs to know to run one pod, decided by the node beforehand.
//
// The node writes it into the pod's folder (mode 0600: it may hold secrets) before the shim starts;
// a shim never talks to the server. The coding is private to one build of the program, which writes
// and reads it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace mizan::pods {

/// How containers are kept out of each other's way and out of the data directory.
enum class Isolation : std::uint8_t {
  kMounts,      // a mount namespace
  kUserMounts,  // a user namespace with a mount namespace in it
  kLandlock,    // no mounts: Landlock hides the data directory, shared scratch directories can't be
                // written
  kNone,        // neither is to be had
};
std::string_view to_string(Isolation isolation);

enum class RestartPolicy : std::uint8_t { kNever, kOnFailure, kAlways };
enum class Role : std::uint8_t { kInit, kSidecar, kMain };

struct MountPlan {
  std::string source;  // relative to the pod's folder, or absolute
  std::string target;  // absolute, in the container
  bool read_only = false;
  bool tmpfs = false;  // `source` is ignored
  bool operator==(const MountPlan&) const = default;
};

/// The files of a container's cgroup that the shim writes to and reads from. Empty: there is none.
struct CgroupPlan {
  std::vector<std::string> join;  // the container's process writes "0" to each before exec
  std::string oom_file;           // holds the line `oom_kill N`
  std::string peak_file;          // bytes
  std::string cpu_file;           // nanoseconds, or with the line `usage_usec N`
  std::string stat_file;          // memory.stat
  bool operator==(const CgroupPlan&) const = default;
};

struct ContainerPlan {
  std::string name;
  Role role = Role::kMain;
  std::vector<std::string> argv, env;  // env as NAME=value
  std::string working_dir;             // empty: the container's fresh directory
  std::vector<MountPlan> mounts;  // beyond /tmp, /dev/shm, /var/log/katib and the working directory
  std::string termination_log;    // path in the container; empty: none
  bool log_as_message = false;    // terminationMessagePolicy FallbackToLogsOnError
  CgroupPlan cgroup;
  std::uint64_t sampled_memory_limit = 0;  // bytes; 0: none. Only where no cgroup holds the limit
  bool sample_memory = false;              // the peak of anonymous memory is wanted
  std::int32_t oom_score = 0;              // for /proc/self/oom_score_adj
  bool operator==(const ContainerPlan&) const = default;
};

struct LaunchPlan {
  std::string uid;
  std::string boot_id;     // of the machine when the plan was made: a claim may be lost with the
                           // power, the plan isn't
  std::string data_dir;    // hidden from the containers
  std::string folder;      // the pod's folder, absolute; below data_dir
  std::string allocation;  // what the node granted it, as JSON (resize/pod_size.h); not the shim's
  Isolation isolation = Isolation::kMounts;
  RestartPolicy restart = RestartPolicy::kNever;
  std::int64_t deadline_ms = 0;      // Unix time; 0: none
  std::int64_t grace_ms = 30'000;    // between SIGTERM and SIGKILL
  std::int64_t backoff_ms = 10'000;  // before the first restart; doubled up to five minutes
  std::uint64_t log_bytes = 10 * 1024 * 1024;  // of one log file
  std::uint32_t log_files = 5;                 // the present one included
  std::vector<ContainerPlan>
      containers;  // init containers and sidecars first, in the order of their start
  bool operator==(const LaunchPlan&) const = default;
};

/// Whether `path` is `directory` or something in it; both absolute and without `.` and `..`.
bool is_below(const std::string& path, const std::string& directory);

std::string encode(const LaunchPlan& plan);
/// Errors: kBadRequest when `bytes` is not what encode() of this build wrote.
Result<LaunchPlan> decode_plan(std::string_view bytes);

}  // namespace mizan::pods
