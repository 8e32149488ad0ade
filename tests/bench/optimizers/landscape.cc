// Own variants of the shapes that everybody tests on; scaled by their median over the cube.
#include "tests/bench/optimizers/landscape.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace mizan::bench {

using algorithms::CounterRng;
using algorithms::Purpose;

Eigen::MatrixXd random_rotation(Eigen::Index dimensions, CounterRng& rng) {
  Eigen::MatrixXd normals(dimensions, dimensions);
  for (Eigen::Index i = 0; i < normals.size(); ++i) normals.data()[i] = rng.normal();
  return Eigen::HouseholderQR<Eigen::MatrixXd>(normals).householderQ();
}

Landscape::Landscape(Shape shape, Eigen::Index dimensions, Eigen::Index relevant, bool rotated,
                     std::uint64_t seed)
    : shape_(shape) {
  CounterRng rng(seed, 0, Purpose::kSample);
  optimum_.resize(dimensions);
  for (double& u : optimum_) u = 0.12 + 0.76 * rng.uniform();
  rotation_ = rotated ? random_rotation(dimensions, rng)
                      : Eigen::MatrixXd::Identity(dimensions, dimensions);
  weights_ = Eigen::VectorXd::Ones(dimensions);
  const double condition = std::pow(10.0, 1 + 2 * rng.uniform());
  for (Eigen::Index d = 0; d < dimensions; ++d) {
    if (shape == Shape::kBowl && dimensions > 1)
      weights_[d] =
          std::pow(condition, -static_cast<double>(d) / static_cast<double>(dimensions - 1));
    if (d >= relevant) weights_[d] *= 0.01;
  }
  std::vector<Eigen::Index> order(static_cast<std::size_t>(dimensions));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Eigen::Index>(i);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  Eigen::VectorXd shuffled(dimensions);
  for (Eigen::Index d = 0; d < dimensions; ++d)
    shuffled[d] = weights_[order[static_cast<std::size_t>(d)]];
  weights_ = shuffled;

  constexpr Eigen::Index kHills = 5;
  centres_.resize(kHills, dimensions);
  for (Eigen::Index i = 0; i < centres_.size(); ++i)
    centres_.data()[i] = 0.9 * (rng.uniform() - 0.5);
  depths_.resize(kHills);
  for (double& depth : depths_) depth = 0.5 + 0.4 * rng.uniform();

  std::vector<double> values;
  Eigen::VectorXd u(dimensions);
  for (int i = 0; i < 301; ++i) {
    for (double& coordinate : u) coordinate = rng.uniform();
    values.push_back(at(u));
  }
  std::nth_element(values.begin(), values.begin() + 150, values.end());
  scale_ = 1 / std::max(values[150], 1e-12);
}

double Landscape::raw(const Eigen::VectorXd& z) const {
  const auto n = static_cast<double>(z.size());
  const double squares = (weights_.array() * z.array().square()).sum();
  switch (shape_) {
    case Shape::kBowl:
      return squares;
    case Shape::kValley: {
      double sum = 0;
      for (Eigen::Index i = 0; i < z.size(); ++i) {
        const double here = 1 + 2 * z[i];
        sum += weights_[i] * 4 * z[i] * z[i];
        if (i + 1 < z.size()) sum += weights_[i] * 30 * std::pow(1 + 2 * z[i + 1] - here * here, 2);
      }
      return sum;
    }
    case Shape::kRipples:
      return squares +
             0.06 * (weights_.array() * (1 - (2 * std::numbers::pi * 4 * z.array()).cos())).sum();
    case Shape::kFunnel: {
      const double mean = squares / n;
      const double waves =
          (weights_.array() * (2 * std::numbers::pi * 3 * z.array()).cos()).sum() / weights_.sum();
      return 8 * (1 - std::exp(-2 * std::sqrt(mean))) + 0.5 * (std::numbers::e - std::exp(waves));
    }
    case Shape::kHills: {
      double lowest = 1 - std::exp(-6 * squares / n);
      for (Eigen::Index i = 0; i < centres_.rows(); ++i) {
        const double gap =
            (weights_.array() * (z.transpose() - centres_.row(i)).transpose().array().square())
                .sum();
        lowest = std::min(lowest, 1 - depths_[i] * std::exp(-4 * gap / n));
      }
      return lowest + 0.1 * squares / n;
    }
    case Shape::kCreases:
    case Shape::kCount:
      break;
  }
  return (weights_.array() * z.array().abs().sqrt()).sum() + squares;
}

double Landscape::at(const Eigen::VectorXd& u) const {
  return scale_ * raw(rotation_ * (u - optimum_));
}

}  // namespace mizan::bench
