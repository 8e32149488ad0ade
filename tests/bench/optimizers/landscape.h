// Test functions of numbers: smallest at 0 with value 0, around a random shift and in random
// directions.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "algorithms/counter_rng.h"

namespace mizan::bench {

enum class Shape {
  kBowl,     // quadratic, condition 10 to 1000
  kValley,   // a bent narrow valley
  kRipples,  // a bowl with many shallow minima
  kFunnel,   // flat outside, steep and rippled towards the middle
  kHills,    // a few broad minima of different depth
  kCreases,  // sharp: roots of absolute values
  kCount
};

class Landscape {
 public:
  /// A random one of `dimensions` unit coordinates; `rotated` false keeps to the axes. `relevant`
  /// of the coordinates matter much, the others a hundredth of that.
  Landscape(Shape shape, Eigen::Index dimensions, Eigen::Index relevant, bool rotated,
            std::uint64_t seed);

  /// Where it is smallest, in unit coordinates; may be moved to a level.
  Eigen::VectorXd& optimum() { return optimum_; }
  /// About 0 to 1 over most of the unit cube.
  double at(const Eigen::VectorXd& u) const;

 private:
  double raw(const Eigen::VectorXd& z) const;

  Shape shape_;
  Eigen::VectorXd optimum_, weights_;
  Eigen::MatrixXd rotation_, centres_;
  Eigen::VectorXd depths_;
  double scale_ = 1;
};

/// A random rotation.
Eigen::MatrixXd random_rotation(Eigen::Index dimensions, algorithms::CounterRng& rng);

}  // namespace mizan::bench
