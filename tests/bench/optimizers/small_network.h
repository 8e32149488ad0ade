// A network of one hidden layer that is trained epoch by epoch, so that a training can be stopped,
// gone on with, and gone on with by other hyperparameters.
#pragma once

#include <cstdint>
#include <memory>

#include "tests/bench/optimizers/small_data.h"

namespace mizan::bench {

enum class Activation { kTanh, kRectifier, kSine };

class SmallNetwork {
 public:
  /// Hyperparameters that may change between epochs.
  struct Training {
    double step = 0, momentum = 0, decay = 0;
  };

  /// Weights are normal with deviation `spread`, drawn from the seed alone.
  SmallNetwork(std::shared_ptr<const SmallData> data, Eigen::Index units, Activation activation,
               double spread, std::uint64_t seed);

  /// Full-batch gradient descent with momentum; may diverge.
  void train(const Training& training, int epochs);
  double test_error() const;

 private:
  Eigen::MatrixXd act(const Eigen::MatrixXd& z) const;
  Eigen::MatrixXd slope(const Eigen::MatrixXd& z) const;

  std::shared_ptr<const SmallData> data_;
  Activation activation_;
  Eigen::MatrixXd w1_, v1_;  // features by units: weights and their velocities
  Eigen::VectorXd w2_, v2_;
};

}  // namespace mizan::bench
