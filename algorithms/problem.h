// What is to be solved: the space, what is measured, and what may be spent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/search_space.h"

namespace mizan::algorithms {

/// Every objective is minimised; whoever maximises flips the sign once, outside
/// (suggestion/problem).
struct Objective {
  std::string name;
  bool operator==(const Objective&) const = default;
};

/// Held when the measured value is at most 0.
struct Constraint {
  std::string name;
  bool operator==(const Constraint&) const = default;
};

struct Problem {
  SearchSpace space;
  std::vector<Objective> objectives;  // at least one
  std::vector<Constraint> constraints;
  std::optional<std::size_t>
      fidelity_parameter;                    // the parameter that buys precision: epochs, samples
  std::optional<std::uint64_t> budget_left;  // draws still to come; nullopt: no bound is known
  std::uint64_t parallelism = 1;             // trials that run at once
  bool operator==(const Problem&) const = default;
};

}  // namespace mizan::algorithms
