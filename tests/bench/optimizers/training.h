// Algorithms that decide how long to train, hyperband and pbt, beside random search with as many
// epochs.
//
// A small network is trained for up to 81 epochs. Random search trains every configuration to the
// end; hyperband trains many for an epoch or three and few to the end; pbt trains a population to
// the end whose step, momentum and decay change on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tests/bench/optimizers/small_network.h"

namespace mizan::bench {

struct TrainingProblem {
  std::string_view name;
  std::shared_ptr<const SmallData> data;
  Eigen::Index units = 0;
  Activation activation = Activation::kTanh;
  std::uint64_t seed = 0;  // of the first weights
};

/// Four.
std::vector<TrainingProblem> make_trainings(std::uint64_t seed);

/// `algorithm`: random, hyperband or pbt. `budgets`: whole trainings that may be paid for,
/// ascending. By budget: the smallest error of any network trained by then.
std::vector<double> run_training(const TrainingProblem& problem, std::string_view algorithm,
                                 std::uint64_t seed, std::span<const std::size_t> budgets);

}  // namespace mizan::bench
