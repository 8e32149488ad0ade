// What a shim tells about its pod: the content of status.json and exit.json.
//
// The shim writes it by hand (a JSON library would be most of its memory); the node reads it
// tolerantly, since another version of the program may have written it before an upgrade.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "pods/shim/launch_plan.h"

namespace mizan::pods {

/// How one run of a container ended. Times as RFC 3339 with nanoseconds; "" when it never ran.
struct Termination {
  int exit_code = 0, signal = 0;
  std::string reason, message, started_at, finished_at;
  bool operator==(const Termination&) const = default;
};

struct ContainerReport {
  enum class State : std::uint8_t { kWaiting, kRunning, kTerminated };
  std::string name;
  Role role = Role::kMain;
  State state = State::kWaiting;
  std::string reason = "PodInitializing", message;  // while waiting
  std::string started_at;                           // while running
  Termination ended;                                // when terminated
  bool has_last = false;                            // it was started again
  Termination last;
  std::uint32_t restarts = 0;
  pid_t pid = 0;
  std::uint64_t peak_memory = 0,
                cpu_nanoseconds = 0;  // bytes; of the container's whole life where a cgroup counts
  std::uint64_t peak_anonymous = 0;   // bytes, sampled; 0: it was not asked for
  bool operator==(const ContainerReport&) const = default;
};

struct PodReport {
  std::string phase = "Pending";  // Pending Running Succeeded Failed
  std::string reason, message;    // of the whole pod: DeadlineExceeded, MountNamespaceUnavailable
  std::vector<ContainerReport> containers;
  bool operator==(const PodReport&) const = default;
};

std::string to_json(const PodReport& report);
/// Errors: kBadRequest when it is no such report.
Result<PodReport> read_report(std::string_view json);

}  // namespace mizan::pods
