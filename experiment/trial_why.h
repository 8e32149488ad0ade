// One sentence for people: why a trial failed, gave no metric, or does not start. Pure.
#pragma once

#include <string>

#include "core/json.h"
#include "experiment/metrics_source.h"
#include "experiment/pod_view.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// How the run object said that it failed.
struct RunFailure {
  std::string reason, message;
};

/// "The command was not found (exit code 127); it said last: ..." `pod` and `last_line` may be null
/// or empty.
std::string why_failed(const resources::Trial& trial, const RunFailure& failure, const PodView* pod,
                       const std::string& last_line);

/// "No line said loss=<number>; there was accuracy; the last line was ..."
std::string why_no_metric(const resources::Trial& trial, const Collected& collected);

/// Why a pod that is there doesn't run yet; empty when there is nothing to say.
std::string why_waiting(const PodView& pod, const std::string& container);

/// Whether the kind is one that nothing here runs: no Job, Pod or TrainJob.
bool is_foreign(const Json& run);

/// That a foreign run object waits for its operator; empty once something has written its status.
std::string why_no_operator(const Json& run);

/// Why a run object that has no pod yet makes none; empty when there is nothing to say.
std::string why_no_pod(const Json& run);

/// A trial that ended with this exit code and a termination message says that its parameters make
/// no sense.
inline constexpr std::int64_t kInfeasibleExitCode = 78;
bool is_infeasible(const resources::Trial& trial, const PodView* pod, std::string& message);

}  // namespace mizan::experiment
