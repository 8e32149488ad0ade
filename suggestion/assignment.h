// Points as the assignments that trials carry: text, in the order of the experiment's parameters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "algorithms/search_space.h"
#include "resources/trial.h"

namespace mizan::suggestion {

/// Inactive parameters are left out; templates render them as their inactiveValue.
std::vector<resources::Assignment> assignments_of(const algorithms::SearchSpace& space,
                                                  const algorithms::Point& point);

/// The point of assignments, exactly the one they were made from. Tolerant: a text that the space
/// doesn't know becomes algorithms::kUnknownValue, names that it doesn't have are ignored, missing
/// parameters are inactive; SearchSpace::contains tells whether the point is one of the space's.
algorithms::Point point_of(const algorithms::SearchSpace& space,
                           const std::vector<resources::Assignment>& assignments);

/// spec.initialTrials[i].assignments in the same form.
std::vector<resources::Assignment> to_assignments(const std::map<std::string, std::string>& texts);

}  // namespace mizan::suggestion
