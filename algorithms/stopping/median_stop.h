// medianstop: a trial whose best value so far is worse than the median of what finished trials
// averaged by the same step has no good prospects.
//
// Katib's rule of that name fixes a bound when a trial is drawn, from the mean of the others' first
// values; this one looks at each report, at the same step, with a true median (Golovin et al. 2017,
// "Google Vizier", section 3.2).
#pragma once

#include <span>

#include "algorithms/stopping_rule.h"

namespace mizan::algorithms {

std::span<const SettingSpec> median_stop_settings();
const StoppingRule& median_stop();

}  // namespace mizan::algorithms
