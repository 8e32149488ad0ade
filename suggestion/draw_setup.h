// Everything that draws of an Experiment depend on besides its own trials: worked out when it is
// first met, and again the same at any later time.
#pragma once

#include <memory>
#include <vector>

#include "algorithms/problem.h"
#include "suggestion/algorithm_choice.h"
#include "suggestion/warm_start.h"

namespace mizan::suggestion {

struct DrawSetup {
  std::shared_ptr<const algorithms::Problem> problem;
  AlgorithmChoice choice;
  std::uint64_t seed = 0;
  std::vector<algorithms::Point> first;          // tried before the algorithm's own draws
  std::vector<algorithms::EvaluationPtr> known;  // of other experiments
};

/// Errors: kInvalid with every fault at its path.
Result<DrawSetup> set_up_draws(const resources::Experiment& experiment, const TrialsOf& trials_of,
                               const ObjectiveOf& objective_of);

}  // namespace mizan::suggestion
