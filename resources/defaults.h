// What an Experiment means where it says nothing: Katib's defaults.
#pragma once

#include <cstdint>

#include "core/json.h"

namespace mizan::resources {

/// What parallelTrialCount is by default, at most.
inline constexpr std::int64_t kDefaultParallelTrials = 3;

/// Fills in metric strategies, distributions, the collector, parallelTrialCount (3, or less where
/// maxTrialCount is; none for client-run experiments), resumePolicy, and by the template's kind the
/// conditions and pod labels. Leaves mistyped fields alone: validation speaks of them. The
/// algorithm stays absent when none is named. Pure and idempotent. Thread: any.
void default_experiment(Json& experiment);

}  // namespace mizan::resources
