// One optimizer on one problem: asks and tells with some workers, and remembers how far off the
// best known point was.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/registry.h"
#include "tests/bench/optimizers/bench_problem.h"

namespace mizan::bench {

struct RunPlan {
  const algorithms::Algorithm* algorithm = nullptr;
  algorithms::Settings settings;
  std::uint64_t seed = 0;
  std::size_t workers = 1;               // at once; the one with the shortest duration ends first
  std::span<const std::size_t> budgets;  // ascending: numbers of finished evaluations
};

struct RunResult {
  /// By budget: the exact loss of the point that would be used then. Without noise that is the best
  /// one so far; with noise the one that algorithms::recommend names.
  std::vector<double> losses;
  double seconds = 0;  // CPU spent in the optimizer
};

struct Measurement {
  double exact = 0, seen = 0;  // without and with noise
};
/// The noise of a draw is the same for every optimizer.
Measurement measure_loss(const BenchProblem& problem, const algorithms::Point& point,
                         std::uint64_t seed, std::uint64_t draw);

/// Every evaluation takes a random time, so workers end in any order; the same for every optimizer.
RunResult run(const BenchProblem& problem, const RunPlan& plan);

}  // namespace mizan::bench
