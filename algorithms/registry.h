// Which algorithms there are. One row each: name, settings, what it can do, how to check and make
// it.
//
// A list in one place, not static constructors: a static library would drop those, and nobody sees
// their order.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/optimizer.h"
#include "algorithms/settings.h"

namespace mizan::algorithms {

/// What an algorithm doesn't support is refused here, not by the types.
struct Capabilities {
  bool several_objectives = false;
  bool constraints = false;
  bool conditions = false;
  bool fidelity = false;
  bool categorical = true;    // unordered parameters
  bool continuous = true;     // doubles without a step
  bool history_free = false;  // proposals don't depend on results: any number can be prepared ahead
  bool elastic = true;        // more parallel trials than planned don't harm it
};

/// What an algorithm says of a problem before it runs.
struct Findings {
  struct Fault {
    std::string setting;  // name of the setting at fault; empty: the space or the problem
    std::string message;
  };
  std::vector<Fault> errors;
  std::vector<std::string> warnings;
};

struct Algorithm {
  std::string_view name;
  std::string_view summary;  // one line for docs and messages
  std::span<const SettingSpec> settings;
  Capabilities can;
  /// What is wrong beyond settings and capabilities; `total_budget` 0: none is set. May be null.
  void (*check)(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
                Findings& findings);
  std::unique_ptr<const Optimizer> (*make)();
  std::string_view runs_as;  // of an alias: the algorithm that does the work
};

/// Ordered by name.
std::span<const Algorithm> builtin_algorithms();
const Algorithm* find_algorithm(std::string_view name);
/// The names that users can write, in order.
std::vector<std::string_view> algorithm_names();
/// The row that does the work: of an alias its target, else the row itself.
const Algorithm& resolve(const Algorithm& algorithm);

/// Everything that keeps `algorithm` from solving `problem`, and what is odd about it.
Findings check_problem(const Algorithm& algorithm, const Problem& problem, const Settings& settings,
                       std::uint64_t total_budget);

}  // namespace mizan::algorithms
