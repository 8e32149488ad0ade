// The JSON lines between a runner and the worker that serves many trials (reuse: Process). Pure.
//
//   in    {"trial": NAME, "assignments": {"lr": "0.01", ...}}
//         {"stop": NAME}                        the trial is not wanted any more
//   out   {"metric": NAME, "value": NUMBER, "step": N}
//         {"done": TRIAL}   {"done": TRIAL, "error": TEXT}   {"done": TRIAL, "infeasible": TEXT}
#pragma once

#include <string>
#include <string_view>

#include "resources/warm_lease.h"

namespace mizan::pods {

std::string trial_line(const resources::WarmLease& lease);
std::string stop_line(const std::string& trial);

struct WorkerLine {
  enum class Kind { kText, kMetric, kDone } kind = Kind::kText;
  std::string text;               // kText: the line; kMetric: "name=value"
  std::string trial;              // kDone
  std::string error, infeasible;  // kDone; empty: it succeeded
};
/// Never fails: what is no such line is text.
WorkerLine read_worker_line(std::string_view line);

}  // namespace mizan::pods
