// Experiment.status as JSON: counts, capped name lists, the best trial, conditions in Katib's
// order. Pure.
#pragma once

#include "experiment/experiment_verdict.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// Each name list holds the newest of these many.
inline constexpr std::size_t kListedNames = 1000;

/// The conditions as they are to be, after `verdict`. The same array when nothing changes.
Json conditions_after(const ExperimentView& view, const Verdict& verdict);

/// The whole status as it is to be. `best` is the Trial that tally.best() names (null: none, or not
/// known); `conditions` is what conditions_after() gave.
Json status_after(const ExperimentView& view, const Verdict& verdict, Json conditions,
                  const resources::Trial* best);

/// A merge patch that turns `before` into `after`; an empty object when they are equal.
Json difference(const Json& before, const Json& after);

}  // namespace mizan::experiment
