// See tuned_models.h.
#include "tests/bench/optimizers/tuned_models.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <memory>

#include "tests/bench/optimizers/small_data.h"
#include "tests/bench/optimizers/small_network.h"
#include "tests/bench/optimizers/space_maker.h"

namespace mizan::bench {
namespace {

using algorithms::Parameter;
using algorithms::Point;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

BenchProblem finish(BenchProblem made, std::uint64_t seed) {
  made.best = search_best(made.problem, made.loss, seed);
  return made;
}

}  // namespace

BenchProblem kernel_regression(std::uint64_t seed) {
  const auto data = make_data(seed);
  Parameter degree = whole("degree", 1, 6), width = real_log("width", 4);
  degree.condition = algorithms::Condition{0, {2}};
  width.condition = algorithms::Condition{0, {0, 1, 3}};
  BenchProblem made{"tuned",
                    "kernel regression",
                    problem_of({choice("kernel", 4), real_log("penalty", 8), width, degree,
                                real_log("offset", 3), real_log("feature4", 3)}),
                    nullptr,
                    0,
                    0};
  made.loss = [data](const Point& p) {
    const int kind = static_cast<int>(p.values[0]);
    const double width_value = p.is_active(2) ? 20 * p.values[2] : 1;
    VectorXd scale = VectorXd::Ones(kFeatures);
    scale[3] = scale[4] = p.values[5];
    const auto kernel = [&](const MatrixXd& x, const MatrixXd& z) {
      MatrixXd k(x.rows(), z.rows());
      for (Index j = 0; j < z.rows(); ++j) {
        for (Index i = 0; i < x.rows(); ++i) {
          const VectorXd gap = (x.row(i) - z.row(j)).transpose().cwiseProduct(scale);
          const double dot = x.row(i).dot(z.row(j).transpose().cwiseProduct(scale.cwiseAbs2()));
          switch (kind) {
            case 0:
              k(i, j) = std::exp(-width_value * gap.squaredNorm());
              break;
            case 1:
              k(i, j) = std::exp(-width_value * gap.lpNorm<1>());
              break;
            case 2:
              k(i, j) = std::pow(p.values[4] + dot / 5, p.values[3]);
              break;
            default:
              k(i, j) = std::tanh(width_value * dot + p.values[4]);
          }
        }
      }
      return k;
    };
    MatrixXd k = kernel(data->train_x, data->train_x);
    k.diagonal().array() += 10 * p.values[1];
    const Eigen::LDLT<MatrixXd> factor(k);
    const VectorXd alpha = factor.solve(data->train_y);
    return error_of(kernel(data->test_x, data->train_x) * alpha, data->test_y);
  };
  return finish(std::move(made), seed);
}

BenchProblem gradient_descent(std::uint64_t seed) {
  const auto data = make_data(seed + 1);
  BenchProblem made{
      "tuned",
      "gradient descent",
      problem_of({real_log("step", 5), real("momentum"), real_log("decay", 6),
                  whole_log("batch", 1, 48), choice("schedule", 3), whole("epochs", 1, 12)}),
      nullptr,
      0,
      0};
  made.loss = [data](const Point& p) {
    // Features, their squares and sines; the scales differ, so steps that are too long diverge.
    const auto lift = [](const MatrixXd& x) {
      MatrixXd lifted(x.rows(), 3 * kFeatures);
      lifted << x, 3 * x.array().square().matrix(), (2 * x.array()).sin().matrix();
      return lifted;
    };
    const MatrixXd x = lift(data->train_x);
    const double momentum = (p.values[1] + 3) / 10 * 0.999;
    const auto batch = static_cast<Index>(p.values[3]);
    const auto epochs = static_cast<Index>(p.values[5]);
    VectorXd w = VectorXd::Zero(x.cols()), velocity = w;
    const Index steps = epochs * (kTrain / batch);
    for (Index t = 0; t < steps; ++t) {
      const Index from = (t * batch) % (kTrain - batch + 1);
      const auto rows = x.middleRows(from, batch);
      const VectorXd gradient = rows.transpose() * (rows * w - data->train_y.segment(from, batch)) /
                                static_cast<double>(batch);
      const double progress = static_cast<double>(t) / static_cast<double>(steps);
      const double rate = p.values[0] * (p.values[4] == 0   ? 1
                                         : p.values[4] == 1 ? 1 - progress
                                                            : 1 / (1 + 10 * progress));
      velocity = momentum * velocity - rate * (gradient + p.values[2] * w);
      w += velocity;
    }
    return error_of(lift(data->test_x) * w, data->test_y);
  };
  return finish(std::move(made), seed);
}

BenchProblem nearest_neighbours(std::uint64_t seed) {
  const auto data = make_data(seed + 2);
  BenchProblem made{"tuned",
                    "nearest neighbours",
                    problem_of({whole_log("k", 1, 40), choice("weights", 3), choice("metric", 3),
                                real_log("scale0", 2), real_log("scale1", 2), real_log("scale2", 2),
                                real_log("scale3", 2), real_log("scale4", 2)}),
                    nullptr,
                    0,
                    0};
  made.loss = [data](const Point& p) {
    const auto k = static_cast<std::size_t>(p.values[0]);
    const VectorXd scale = Eigen::Map<const VectorXd>(p.values.data() + 3, kFeatures);
    VectorXd predicted(kTest);
    std::vector<std::pair<double, double>> near(static_cast<std::size_t>(kTrain));
    for (Index i = 0; i < kTest; ++i) {
      for (Index j = 0; j < kTrain; ++j) {
        const VectorXd gap =
            (data->test_x.row(i) - data->train_x.row(j)).transpose().cwiseProduct(scale);
        const double distance = p.values[2] == 0   ? gap.norm()
                                : p.values[2] == 1 ? gap.lpNorm<1>()
                                                   : gap.lpNorm<Eigen::Infinity>();
        near[static_cast<std::size_t>(j)] = {distance, data->train_y[j]};
      }
      std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(k), near.end());
      double sum = 0, total = 0;
      for (std::size_t j = 0; j < k; ++j) {
        const double weight = p.values[1] == 0   ? 1
                              : p.values[1] == 1 ? 1 / (1e-3 + near[j].first)
                                                 : std::exp(-3 * near[j].first);
        sum += weight * near[j].second;
        total += weight;
      }
      predicted[i] = total > 0 ? sum / total : 0;
    }
    return error_of(predicted, data->test_y);
  };
  return finish(std::move(made), seed);
}

BenchProblem small_network(std::uint64_t seed) {
  const auto data = make_data(seed + 3);
  BenchProblem made{"tuned",
                    "small network",
                    problem_of({whole("units", 1, 16), choice("activation", 3), real_log("step", 4),
                                real_log("spread", 3), real_log("decay", 6), real("momentum")}),
                    nullptr,
                    0,
                    0};
  made.loss = [data, seed](const Point& p) {
    SmallNetwork network(data, static_cast<Index>(p.values[0]),
                         static_cast<Activation>(static_cast<int>(p.values[1])), 3 * p.values[3],
                         seed);
    network.train({p.values[2], (p.values[5] + 3) / 10 * 0.99, p.values[4]}, 60);
    return network.test_error();
  };
  return finish(std::move(made), seed);
}

}  // namespace mizan::bench
