// An Experiment as a problem in numbers: text becomes parameters, and a maximised objective changes
// its sign, here and nowhere else.
#pragma once

#include "algorithms/problem.h"
#include "resources/experiment.h"

namespace mizan::suggestion {

/// Errors: kInvalid, with every fault at its path (`spec.parameters[2].feasibleSpace.max`).
Result<algorithms::Problem> make_problem(const resources::Experiment& experiment);

/// What an observed value is multiplied with so that smaller is better: 1 or -1.
double loss_sign(const resources::Objective& objective);

}  // namespace mizan::suggestion
