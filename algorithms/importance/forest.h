// A random forest over the unit cube whose averages along one or two parameters are exact: what the
// objective does, on average, as one parameter or two change and all others vary.
//
// Source: Hutter, Hoos, Leyton-Brown 2014, "An efficient approach for assessing hyperparameter
// importance", ICML (functional ANOVA); trees as in Geurts et al. 2006, "Extremely randomized
// trees".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/importance/importance.h"

namespace mizan::algorithms {

/// Averages at the points asked for. Objective values, minimised.
struct Average {
  std::vector<double> mean, sd;  // sd: how far the trees differ
};

/// Immutable. Inactive parameters count as being in the middle of their range.
class MarginalForest {
 public:
  /// From the completed results; nullopt when there are fewer than kLeastForImportance. Values far
  /// out on the bad side are drawn in first. At most 1,000 results for each tree.
  static std::optional<MarginalForest> make(const SearchSpace& space, const EvaluationTable& table,
                                            std::uint64_t seed);

  std::size_t results() const { return results_; }

  /// The part of the objective's variance that each parameter explains by itself. `interactions`:
  /// the part that only several together explain; with it all shares sum to 1.
  Importance main_effects(double& interactions) const;

  /// Average objective at each `u` (in [0, 1]) of one parameter.
  Average along(std::size_t parameter, std::span<const double> u) const;
  /// At each pair, row by row: result[i * y.size() + j] is at (x[i], y[j]). Requires two different
  /// parameters.
  Average across(std::size_t parameter_x, std::span<const double> x, std::size_t parameter_y,
                 std::span<const double> y) const;

 private:
  struct Leaf {
    double value = 0, volume = 0;
    std::vector<double> low, high;  // its box
  };
  using Tree = std::vector<Leaf>;
  class Builder;

  MarginalForest() = default;

  std::size_t dimensions_ = 0, results_ = 0;
  std::vector<Tree> trees_;
};

}  // namespace mizan::algorithms
