// Points as rows of features for a Gaussian process, and back.
//
// Ordered parameters give their unit coordinate, categories their index. An inactive parameter gets
// the middle or no category (-1): points that differ in what is active are told apart by the
// parent's value.
#pragma once

#include <Eigen/Core>
#include <span>

#include "algorithms/bayes/kernel.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {

class FeatureMap {
 public:
  /// `space` outlives it.
  explicit FeatureMap(const SearchSpace& space);

  const FeatureKinds& kinds() const { return kinds_; }
  /// Of parameters that always count: their own effect is the same everywhere, or may be.
  const Additive& unconditional() const { return unconditional_; }
  Eigen::Index size() const { return static_cast<Eigen::Index>(kinds_.size()); }

  /// From SearchSpace::to_unit coordinates, NaN where inactive.
  Eigen::VectorXd features(std::span<const double> unit) const;
  Eigen::VectorXd features(const Point& point) const { return features(space_.to_unit(point)); }
  /// The nearest point of the space: levels snapped, inactive parameters cleared.
  Point point(const Eigen::VectorXd& features) const;

 private:
  const SearchSpace& space_;
  FeatureKinds kinds_;
  Additive unconditional_;
};

}  // namespace mizan::algorithms
