// Whether a failed trial is started again, by the class of its failure. Pure.
#pragma once

#include <string_view>

#include "experiment/pod_view.h"
#include "experiment/trial_why.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// OOMKilled, Preempted, DeadlineExceeded or Error. `pod` may be null.
std::string_view failure_class(const resources::Trial& trial, const PodView* pod,
                               const RunFailure& failure);

/// The rule by which the trial begins another attempt; null: it has failed for good.
const resources::RetryRule* retry_rule(const resources::Trial& trial, const PodView* pod,
                                       const RunFailure& failure);

/// Which attempt a run object is: 1 unless it says so.
std::int64_t attempt_of(const Json& run);

}  // namespace mizan::experiment
