// Which algorithm an Experiment names, with its settings read and its refusals asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/registry.h"
#include "resources/experiment.h"

namespace mizan::suggestion {

struct AlgorithmChoice {
  const algorithms::Algorithm* named = nullptr;  // the row of the name; null: there is none
  const algorithms::Algorithm* row = nullptr;    // the row that does the work
  algorithms::Settings settings;
  std::vector<FieldError> errors;  // at their paths in the Experiment
  std::vector<std::string> warnings;
};

/// Reads spec.algorithm. Without a name it is `auto`.
AlgorithmChoice choose_algorithm(const resources::Experiment& experiment);

/// Adds what keeps the chosen algorithm from this problem.
void check_fit(AlgorithmChoice& choice, const resources::Experiment& experiment,
               const algorithms::Problem& problem);

/// random_state when it is given, else one made from the experiment's uid: the same after a
/// restart, another for each experiment.
std::uint64_t effective_seed(const algorithms::Settings& settings, std::string_view uid);

/// The settings in effect as status shows them: those given, and the seed.
std::vector<resources::NamedSetting> effective_settings(const resources::Experiment& experiment,
                                                        std::uint64_t seed);

/// A 64-bit hash of text, the same on every machine (FNV-1a, mixed).
std::uint64_t hash_text(std::string_view text);

}  // namespace mizan::suggestion
