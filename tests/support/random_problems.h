// Random problems and histories of every kind, also the nasty ones: what property tests of
// algorithms run on.
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::testing {

/// What a generated problem may contain: an algorithm's capabilities.
algorithms::Problem random_problem(std::uint64_t seed, const algorithms::Capabilities& can);

/// A history and pending trials, as a query needs them.
struct Record {
  algorithms::History history;
  std::vector<algorithms::EvaluationPtr> pending;
};

enum class Outcomes {
  kOrdinary,    // finite values of a smooth function
  kEverything,  // all states, NaN, infinities, 1e300, duplicates, points outside the space,
                // imported, excluded
  kConstant,    // one value for all
  kAllFailed,
};

/// `finished` evaluations and `running` ones of random points of the problem.
Record random_record(const algorithms::Problem& problem, std::uint64_t seed, std::size_t finished,
                     std::size_t running, Outcomes outcomes);

/// A value for a point: smooth in the unit coordinates, best near 0.3.
double smooth_value(const algorithms::Problem& problem, const algorithms::Point& point);

algorithms::EvaluationPtr finished_evaluation(std::uint64_t draw, algorithms::Point point,
                                              double value);
algorithms::EvaluationPtr running_evaluation(std::uint64_t draw, algorithms::Point point);
/// The trial that a proposal becomes, with its lineage.
algorithms::EvaluationPtr drawn_evaluation(std::uint64_t draw,
                                           const algorithms::Proposal& proposal);
/// The same trial, completed with that value.
algorithms::EvaluationPtr finished_evaluation(const algorithms::Evaluation& running, double value);
/// Adds it as completed at its draw's time.
void add(algorithms::History& history, const algorithms::EvaluationPtr& evaluation);

}  // namespace mizan::testing
