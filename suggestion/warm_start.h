// spec.warmStart: what an Experiment takes over from the trials of others in its namespace.
//
// Only trials that ended before this Experiment was created count: so what it knows at its start
// never changes, and its draws can be repeated.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/evaluation.h"
#include "algorithms/search_space.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::suggestion {

struct WarmStart {
  /// Results of experiments with sameObjective: known from the start, as if imported.
  std::vector<algorithms::EvaluationPtr> known;
  /// The best points of the others, of which only the order means something: tried first.
  std::vector<algorithms::Point> first;
};

/// So many points of an experiment with another objective are tried first.
inline constexpr std::size_t kFirstOfOthers = 3;

using TrialsOf =
    std::function<std::vector<std::shared_ptr<const resources::Trial>>(const std::string& name)>;
using ObjectiveOf = std::function<const resources::Objective*(const std::string& name)>;

/// Reads spec.warmStart. Points outside this space, and those that lack a parameter, are left out;
/// an experiment that isn't there gives nothing. Pure.
WarmStart take_over(const resources::Experiment& experiment, const algorithms::SearchSpace& space,
                    const TrialsOf& trials_of, const ObjectiveOf& objective_of);

}  // namespace mizan::suggestion
