// The interface of early stopping: should this running trial go on?
//
// Pure like Optimizer: a judgement looks at one curve and at those of its peers, all of the same
// experiment. What is known of the finished ones may be handed along, and changes no judgement.
#pragma once

#include <span>
#include <string_view>

#include "algorithms/settings.h"
#include "algorithms/stopping/curve.h"
#include "algorithms/stopping/finished_averages.h"

namespace mizan::algorithms {

struct StoppingQuery {
  const Settings& settings;
  std::span<const Curve* const> peers;   // every other trial that reported something
  const Curve& candidate;                // judged after its newest report
  FinishedAverages* finished = nullptr;  // of the finished ones among them; null: walk over peers
};

struct StoppingVerdict {
  bool stop = false;
  // When it stops: the candidate's loss and the bound that it missed, both minimised, at `step`.
  double value = 0, bound = 0, step = 0;
  std::size_t peers = 0;      // how many others the bound was made from
  std::string_view bound_is;  // for people, before a count: "the median of"
};

/// Without state; safe to use from any thread.
class StoppingRule {
 public:
  virtual ~StoppingRule() = default;
  /// Requires at least one report in the candidate's curve.
  virtual StoppingVerdict judge(const StoppingQuery& query) const = 0;
};

/// One row of the table of stopping rules.
struct StoppingAlgorithm {
  std::string_view name;
  std::string_view summary;
  std::span<const SettingSpec> settings;
  const StoppingRule* rule;
};

/// Ordered by name.
std::span<const StoppingAlgorithm> stopping_algorithms();
const StoppingAlgorithm* find_stopping_algorithm(std::string_view name);

}  // namespace mizan::algorithms
