// The problems for others: descriptions and values over standard input and output, so that
// optimizers in any language can be measured on the same ones.
#pragma once

#include <vector>

#include "tests/bench/optimizers/bench_problem.h"

namespace mizan::bench {

/// First prints a JSON line for each problem: name, noise, best, and parameters {name, kind, min,
/// max, log, levels, parent, when}. Then answers each line `PROBLEM SEED DRAW VALUE...` (values by
/// parameter: numbers, level indices of lists and categories, nan where inactive) with `EXACT
/// SEEN`, until the input ends.
int serve(const std::vector<BenchProblem>& problems);

}  // namespace mizan::bench
