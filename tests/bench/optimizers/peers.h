// Results of other optimizers on the same problems, from a file that some program kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/optimizers/bench_problem.h"

namespace mizan::bench {

struct Measured {
  std::vector<std::vector<std::vector<double>>> losses;  // [problem][seed][budget]
  double seconds = 0;                                    // CPU of all suggestions
  std::size_t suggestions = 0;
};

/// Rows `algorithm,workers,problem,seed,budget,loss`; `#` begins a comment. Peers that lack one of
/// the problems or budgets are left out with a message. Throws when the file can't be read.
std::map<std::string, Measured> read_peers(const std::string& path, std::size_t workers,
                                           const std::vector<BenchProblem>& problems,
                                           const std::vector<std::size_t>& budgets);

}  // namespace mizan::bench
