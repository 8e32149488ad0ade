// What a Hyperband run does on paper: which amounts of the resource (rungs), and how many trials
// start and go on in each bracket.
//
// Source: Li et al. 2018, "Hyperband: a novel bandit-based approach to hyperparameter
// optimization", JMLR 18, algorithm 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "algorithms/parameter.h"

namespace mizan::algorithms {

/// One bracket: from `first` on, each rung lets the best part of the one before go on.
struct BracketPlan {
  std::size_t first = 0;           // the rung that new configurations start at
  std::vector<std::size_t> sizes;  // trials at rung first, first + 1, … up to the last
};

/// The rungs as values of the resource parameter, ascending and different: r_l x eta^-k, whole for
/// int, on the parameter's grid, not below its min or above its max.
std::vector<double> rung_values(const Parameter& resource, double r_l, std::uint64_t eta);

/// Bracket `index` of an endless run: widest first, after the one that starts at the last rung the
/// widest again. Requires rungs > 0, eta > 1.
BracketPlan bracket_plan(std::size_t index, std::size_t rungs, std::uint64_t eta);

}  // namespace mizan::algorithms
