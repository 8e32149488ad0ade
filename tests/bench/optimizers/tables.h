// Relative regrets for the eye and for plot.py.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/optimizers/bench_problem.h"
#include "tests/bench/optimizers/options.h"
#include "tests/bench/optimizers/peers.h"

namespace mizan::bench {

/// `all` has random search and each of options.algorithms, by name. A table for each budget: over
/// all problems, with an interval, and by family.
void print_tables(const std::map<std::string, Measured>& all, const Options& options,
                  const std::vector<BenchProblem>& problems,
                  const std::vector<std::size_t>& budgets);
/// A line for each problem.
void print_each(const std::map<std::string, Measured>& all, const Options& options,
                const std::vector<BenchProblem>& problems, const std::vector<std::size_t>& budgets);
/// To options.summary: algorithm,workers,family,budget,mean,low,high; the family `all` is all.
void append_summary(const std::map<std::string, Measured>& all, const Options& options,
                    const std::vector<BenchProblem>& problems,
                    const std::vector<std::size_t>& budgets);

}  // namespace mizan::bench
