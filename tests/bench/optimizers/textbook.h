// Functions from the literature, in places of their own: coordinates are swapped and mirrored by
// the seed, and some ranges are logarithmic, so that nobody can know where they are best.
#pragma once

#include <cstdint>

#include "tests/bench/optimizers/bench_problem.h"

namespace mizan::bench {

BenchProblem branin(std::uint64_t seed);  // two numbers, three equally good places
BenchProblem hartmann(
    std::uint64_t seed);  // six numbers, a narrow best place beside a wider good one
BenchProblem michalewicz(std::uint64_t seed);  // four numbers, steep valleys in flat land
BenchProblem best_in_a_corner(
    std::uint64_t seed);  // six numbers; most tuned models are best at some border

}  // namespace mizan::bench
