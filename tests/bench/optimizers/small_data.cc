// See small_data.h.
#include "tests/bench/optimizers/small_data.h"

#include <cmath>

#include "algorithms/counter_rng.h"

namespace mizan::bench {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::shared_ptr<const SmallData> make_data(std::uint64_t seed) {
  algorithms::CounterRng rng(seed, 0, algorithms::Purpose::kSample);
  auto data = std::make_shared<SmallData>();
  VectorXd a(kFeatures), b(kFeatures);
  for (double& v : a) v = rng.normal();
  for (double& v : b) v = 1.5 * rng.normal();
  a.tail(2) *= 0.05;
  b.tail(2) *= 0.05;
  const auto fill = [&](MatrixXd& x, VectorXd& y, Index rows) {
    x.resize(rows, kFeatures);
    y.resize(rows);
    for (Index i = 0; i < rows; ++i) {
      for (Index d = 0; d < kFeatures; ++d) x(i, d) = rng.normal();
      y[i] = std::sin(x.row(i).dot(b)) + 0.5 * x.row(i).dot(a) + 0.15 * rng.normal();
    }
  };
  fill(data->train_x, data->train_y, kTrain);
  fill(data->test_x, data->test_y, kTest);
  return data;
}

double error_of(const VectorXd& predicted, const VectorXd& truth) {
  return (predicted - truth).squaredNorm() / static_cast<double>(truth.size());
}

}  // namespace mizan::bench
