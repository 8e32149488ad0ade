// asha: at min_resource, eta x min_resource, eta^2 x min_resource … steps (rungs) only the best
// 1/eta of the trials that got there go on.
//
// The stopping variant of asynchronous successive halving (Li et al. 2020, arXiv:1810.05934,
// section 3): nobody waits and nothing is resumed, so it pairs with any search algorithm.
#pragma once

#include <optional>
#include <span>

#include "algorithms/stopping_rule.h"

namespace mizan::algorithms {

std::span<const SettingSpec> asha_settings();
const StoppingRule& asha();

/// The highest rung that the curve's newest report was the first to reach.
std::optional<double> rung_just_reached(const Curve& curve, double min_resource, double eta);

}  // namespace mizan::algorithms
