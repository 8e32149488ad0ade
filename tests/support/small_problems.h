// Problems that a test of an algorithm writes out by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "algorithms/problem.h"
#include "algorithms/search_space.h"

namespace mizan::testing {

/// One loss over `parameters`, which must fit together.
inline algorithms::Problem problem_of(std::vector<algorithms::Parameter> parameters) {
  algorithms::Problem problem;
  problem.space = *algorithms::SearchSpace::make(std::move(parameters));
  problem.objectives.push_back({"loss"});
  return problem;
}

/// A number from 0 to 1.
inline algorithms::Parameter unit(std::string name) {
  return *algorithms::make_double(std::move(name), {"0", "1", ""},
                                  algorithms::Distribution::kUniform);
}

}  // namespace mizan::testing
