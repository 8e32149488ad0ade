// The interface of early stopping: should this running trial go on?
//
// Pure like Optimizer, and without a cache: a judgement looks at one curve and at those of its
// peers, all of the same experiment.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/evaluation.h"
#include "algorithms/settings.h"

namespace mizan::algorithms {

/// What one trial reported of the first objective, minimised, in order of arrival. Values may be
/// NaN or infinite. `step` is the trial's own (epoch, round) or the report's number from 1.
struct Curve {
  std::vector<CurvePoint> points;
  bool finished = false;  // succeeded or was stopped early: nothing more will come
  bool succeeded = false;
};

struct StoppingQuery {
  const Settings& settings;
  std::span<const Curve* const> peers;  // every other trial that reported something
  const Curve& candidate;               // judged after its newest report, points.back()
};

struct StoppingVerdict {
  bool stop = false;
  // When it stops: the candidate's loss and the bound that it missed, both minimised, at `step`.
  double value = 0, bound = 0, step = 0;
  std::size_t peers = 0;   // how many others the bound was made from
  std::string_view bound_is;  // "median of 5 others' running averages" without the number: "median"
};

/// Without state; safe to use from any thread.
class StoppingRule {
 public:
  virtual ~StoppingRule() = default;
  /// Requires at least one point in the candidate's curve.
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
