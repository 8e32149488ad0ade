// A problem that optimizers are measured on: a space, a loss that is known exactly, and its best
// value.
//
// Problems are generated: a family, a variant and a seed make one, with its own dimension, shift,
// rotation, tables and data. So tuning an optimizer on one seed says nothing of another's details.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problem.h"

namespace mizan::bench {

struct BenchProblem {
  std::string family, name;
  algorithms::Problem problem;
  /// The loss without noise, minimised. Not finite: the trial fails.
  std::function<double(const algorithms::Point&)> loss;
  double noise = 0;  // standard deviation of what a trial adds to it
  double best =
      0;  // the smallest loss: known by construction, or the best that a long search found
};

/// Families: smooth, wide, mixed, tuned, noisy, diverging, conditional, lists, textbook. Each has
/// four problems.
std::vector<std::string_view> family_names();
std::vector<BenchProblem> make_family(std::string_view family, std::uint64_t seed);

}  // namespace mizan::bench
