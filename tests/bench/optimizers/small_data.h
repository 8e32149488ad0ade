// A small regression problem for models that are really trained: made from a seed.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>

namespace mizan::bench {

constexpr Eigen::Index kTrain = 48, kTest = 48, kFeatures = 5;

struct SmallData {
  Eigen::MatrixXd train_x, test_x;  // rows by kFeatures
  Eigen::VectorXd train_y, test_y;
};

/// A smooth function of three of five features, with noise.
std::shared_ptr<const SmallData> make_data(std::uint64_t seed);

/// The mean of the squares.
double error_of(const Eigen::VectorXd& predicted, const Eigen::VectorXd& truth);

}  // namespace mizan::bench
