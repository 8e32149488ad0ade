// Which early stopping rule an Experiment names, with its settings read.
#pragma once

#include <string>
#include <vector>

#include "algorithms/stopping_rule.h"
#include "resources/experiment.h"

namespace mizan::suggestion {

struct StoppingChoice {
  const algorithms::StoppingAlgorithm* row = nullptr;  // null: none is named, or none is known so
  algorithms::Settings settings;
  std::vector<FieldError> errors;  // at their paths in the Experiment
  std::vector<std::string> warnings;
};

/// Reads spec.earlyStopping. Pure.
StoppingChoice choose_stopping(const resources::Experiment& experiment);

/// "loss 0.71 at step 4 is worse than 0.43, the median of 5 others (medianstop)", in the units and
/// with the sign of the objective.
std::string why_stopped(const resources::Objective& objective, std::string_view rule,
                        const algorithms::StoppingVerdict& verdict);

}  // namespace mizan::suggestion
