// Small models that are really trained: their validation losses as functions of hyperparameters.
//
// Data are synthetic and made from a seed; every model takes well below a millisecond. Unlike test
// functions, these losses are skewed, flat in places, cut by failures, and nobody chose where they
// are best.
#pragma once

#include <cstdint>

#include "tests/bench/optimizers/bench_problem.h"

namespace mizan::bench {

BenchProblem kernel_regression(std::uint64_t seed);   // kernel, widths, penalty, degree
BenchProblem gradient_descent(std::uint64_t seed);    // step, momentum, decay, batch: diverges
BenchProblem nearest_neighbours(std::uint64_t seed);  // k, weights, metric, scales of features
BenchProblem small_network(std::uint64_t seed);       // units, activation, step, decay, epochs

}  // namespace mizan::bench
