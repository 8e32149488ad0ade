// What the benchmark is asked for on its command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mizan::bench {

extern const std::string_view kHelp;

struct Options {
  std::vector<std::string> algorithms = {"sobol", "tpe", "multivariate-tpe", "bayesianoptimization",
                                         "auto"};
  std::vector<std::string> families;
  std::uint64_t problems = 1;
  std::size_t seeds = 5, budget = 100, workers = 1;
  std::string csv, peers, summary;
  bool each = false, serves = false, costs = false, trains = false;
};

/// nullopt: an argument is unknown or lacks its value.
std::optional<Options> read_options(int argc, char** argv);

}  // namespace mizan::bench
