// Which finished evaluation to use: the best one, or under noise the one that is best on average.
#pragma once

#include <cstddef>
#include <optional>

#include "algorithms/history.h"
#include "algorithms/problem.h"

namespace mizan::algorithms {

struct Recommendation {
  std::size_t index = 0;  // in the history
  /// What to expect of the loss there (minimised), without noise; empty when no model says.
  std::optional<double> mean, sd;
};

/// The evaluation with the best posterior mean of a Gaussian process; the one with the smallest
/// loss when the results show no noise. Of equals the earliest. nullopt: none is complete with a
/// finite value. Pure; the same on every machine. Cost: that of fitting to at most 200 evaluations
/// (tens of milliseconds).
std::optional<Recommendation> recommend(const Problem& problem, const History& history);

}  // namespace mizan::algorithms
