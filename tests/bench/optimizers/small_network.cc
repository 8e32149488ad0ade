// See small_network.h.
#include "tests/bench/optimizers/small_network.h"

#include <utility>

#include "algorithms/counter_rng.h"

namespace mizan::bench {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

SmallNetwork::SmallNetwork(std::shared_ptr<const SmallData> data, Index units,
                           Activation activation, double spread, std::uint64_t seed)
    : data_(std::move(data)),
      activation_(activation),
      w1_(kFeatures, units),
      v1_(MatrixXd::Zero(kFeatures, units)),
      w2_(units),
      v2_(VectorXd::Zero(units)) {
  algorithms::CounterRng rng(seed, 7, algorithms::Purpose::kSample);
  for (Index i = 0; i < w1_.size(); ++i) w1_.data()[i] = spread * rng.normal();
  for (double& v : w2_) v = spread * rng.normal();
}

MatrixXd SmallNetwork::act(const MatrixXd& z) const {
  if (activation_ == Activation::kTanh) return z.array().tanh().matrix();
  if (activation_ == Activation::kRectifier) return z.cwiseMax(0);
  return z.array().sin().matrix();
}

MatrixXd SmallNetwork::slope(const MatrixXd& z) const {
  if (activation_ == Activation::kTanh) return (1 - z.array().tanh().square()).matrix();
  if (activation_ == Activation::kRectifier) return (z.array() > 0).cast<double>().matrix();
  return z.array().cos().matrix();
}

void SmallNetwork::train(const Training& training, int epochs) {
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const MatrixXd z = data_->train_x * w1_, h = act(z);
    const VectorXd gap = (h * w2_ - data_->train_y) * (2.0 / kTrain);
    const VectorXd g2 = h.transpose() * gap + training.decay * w2_;
    const MatrixXd g1 =
        data_->train_x.transpose() * ((gap * w2_.transpose()).cwiseProduct(slope(z))) +
        training.decay * w1_;
    v2_ = training.momentum * v2_ - training.step * g2;
    v1_ = training.momentum * v1_ - training.step * g1;
    w2_ += v2_;
    w1_ += v1_;
  }
}

double SmallNetwork::test_error() const {
  return error_of(act(data_->test_x * w1_) * w2_, data_->test_y);
}

}  // namespace mizan::bench
