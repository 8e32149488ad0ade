// See fit_hyperparameters.h. The gradient follows Rasmussen & Williams 2006, eq. 5.9.
#include "algorithms/bayes/fit_hyperparameters.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "algorithms/bayes/gaussian_process.h"
#include "algorithms/bayes/minimize.h"

namespace mizan::algorithms {
namespace {

struct Prior {
  double mean, sd, low, high;  // of the logarithm
};

Prior lengthscale_prior(Eigen::Index features) {
  return {std::log(0.5 * std::sqrt(static_cast<double>(features))), 1.0, std::log(0.02),
          std::log(50.0)};
}
constexpr Prior kVariancePrior = {0.0, 1.0, -4.6, 4.6};
constexpr Prior kNoisePrior = {-6.0, 2.0, -13.8, 0.5};
constexpr int kMaxIterations = 40;
// With more rows than this the starts are compared on so many of them.
constexpr Eigen::Index kCoarseRows = 80;
constexpr int kFineIterations = 12;

// Adds -log of the prior's density at `value` and its slope.
double penalty(const Prior& prior, double value, double& slope) {
  const double z = (value - prior.mean) / prior.sd;
  slope += z / prior.sd;
  return 0.5 * z * z;
}

// sum over i, j of w_ij (x_i - x_j)^2, or of w_ij where categories differ; w is symmetric, `wx` is
// w * x.
double weighted_spread(const Eigen::MatrixXd& w, const Eigen::VectorXd& w_rows,
                       const Eigen::VectorXd& x, const Eigen::VectorXd& wx, bool is_category) {
  if (!is_category) return 2 * (w_rows.dot(x.cwiseAbs2()) - x.dot(wx));
  double sum = 0;
  for (Eigen::Index j = 0; j < x.size(); ++j)
    sum += (x.array() != x[j]).select(w.col(j).array(), 0.0).sum();
  return sum;
}

// sum over i != j of a_ij b_ij, from the lower triangles of both.
double symmetric_product(const Eigen::MatrixXd& a, const Eigen::MatrixXd& lower) {
  double sum = 0;
  for (Eigen::Index j = 0; j + 1 < a.cols(); ++j) {
    const Eigen::Index below = a.rows() - j - 1;
    sum += a.col(j).tail(below).dot(lower.col(j).tail(below));
  }
  return 2 * sum;
}

// What L-BFGS-B sees; remembers the best point, since a failed line search throws the rest away.
struct FitObjective {
  const Features& x;
  const Eigen::VectorXd& y;
  const FeatureKinds& is_category;
  const Additive& additive;
  double best = std::numeric_limits<double>::infinity();
  Eigen::VectorXd best_at;

  double operator()(const Eigen::VectorXd& packed, Eigen::VectorXd& gradient) {
    const double value = negative_log_posterior(x, y, is_category, packed, gradient, additive);
    if (value < best) {
      best = value;
      best_at = packed;
    }
    return std::isfinite(value) ? value : 1e10;
  }
};

void descend(FitObjective& objective, Eigen::VectorXd start, int iterations) {
  const Eigen::Index features = objective.x.cols();
  Eigen::VectorXd low(features + 2), high(features + 2);
  const Prior lengths = lengthscale_prior(features);
  low.head(features).setConstant(lengths.low);
  high.head(features).setConstant(lengths.high);
  low.tail(2) << kVariancePrior.low, kNoisePrior.low;
  high.tail(2) << kVariancePrior.high, kNoisePrior.high;
  minimize(std::ref(objective), std::move(start), low, high,
           {.memory = 8,
            .gradient = 1e-3,
            .improvement = 1e-5,
            .iterations = iterations,
            .line_search = 20});
}

}  // namespace

Eigen::VectorXd pack(const Hyperparameters& hyper) {
  Eigen::VectorXd packed(hyper.log_lengthscale.size() + 2);
  packed << hyper.log_lengthscale, hyper.log_variance, hyper.log_noise;
  return packed;
}

Hyperparameters unpack(const Eigen::VectorXd& packed) {
  const Eigen::Index features = packed.size() - 2;
  return {packed.head(features), packed[features], packed[features + 1]};
}

Hyperparameters default_hyperparameters(Eigen::Index features) {
  return {Eigen::VectorXd::Constant(features, lengthscale_prior(features).mean),
          kVariancePrior.mean, kNoisePrior.mean};
}

double negative_log_posterior(const Features& x, const Eigen::VectorXd& y,
                              const FeatureKinds& is_category, const Eigen::VectorXd& packed,
                              Eigen::VectorXd& gradient, const Additive& additive) {
  Hyperparameters hyper = unpack(packed);
  hyper.additive = additive;
  const Eigen::Index features = x.cols(), n = x.rows();
  gradient = Eigen::VectorXd::Zero(packed.size());
  const double variance = std::exp(hyper.log_variance);
  const double own_noise = std::exp(hyper.log_noise);
  double noise = own_noise;
  Eigen::MatrixXd w;
  std::vector<Eigen::MatrixXd> lone;
  const Eigen::MatrixXd k = kernel_matrix(x, is_category, hyper, &w, &lone);
  const auto lower = cholesky_with_jitter(k, noise);
  if (!lower) return std::numeric_limits<double>::infinity();

  Eigen::MatrixXd factor_inverse = Eigen::MatrixXd::Identity(n, n);
  lower->triangularView<Eigen::Lower>().solveInPlace(factor_inverse);
  const Eigen::VectorXd alpha = factor_inverse.transpose() * (factor_inverse * y);
  // dL/dt = 1/2 tr((alpha alpha' - K^-1) dK/dt); `a` is the bracket, its lower triangle.
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n, n);
  a.selfadjointView<Eigen::Lower>().rankUpdate(factor_inverse.transpose(), -1);
  a.selfadjointView<Eigen::Lower>().rankUpdate(alpha, 1);
  const double together = variance * (additive.empty() ? 1 : 1 - kAdditiveShare);
  w.array() *= together * a.array();
  w.triangularView<Eigen::StrictlyUpper>() = w.transpose();
  const Eigen::VectorXd w_rows = w.rowwise().sum();
  const Eigen::MatrixXd wx = w * x;  // of all features at once, which is faster
  for (Eigen::Index d = 0; d < features; ++d) {
    const double theta = std::exp(-2 * hyper.log_lengthscale[d]);
    gradient[d] = theta * weighted_spread(w, w_rows, x.col(d), wx.col(d),
                                          is_category[static_cast<std::size_t>(d)]);
  }
  for (std::size_t i = 0; i < lone.size(); ++i)
    gradient[additive[i]] += variance * symmetric_product(a, lone[i]);
  gradient[features] =
      -0.5 * (symmetric_product(a, k) + (a.diagonal().array() * k.diagonal().array()).sum());
  gradient[features + 1] = -0.5 * own_noise * a.trace();

  double value = 0.5 * y.dot(alpha) + lower->diagonal().array().log().sum();
  const Prior lengths = lengthscale_prior(features);
  for (Eigen::Index d = 0; d < features; ++d) value += penalty(lengths, packed[d], gradient[d]);
  value += penalty(kVariancePrior, packed[features], gradient[features]);
  return value + penalty(kNoisePrior, packed[features + 1], gradient[features + 1]);
}

Eigen::VectorXd prior_means(Eigen::Index features) {
  return pack(default_hyperparameters(features));
}

Eigen::VectorXd prior_deviations(Eigen::Index features) {
  Eigen::VectorXd deviations(features + 2);
  deviations.head(features).setConstant(lengthscale_prior(features).sd);
  deviations.tail(2) << kVariancePrior.sd, kNoisePrior.sd;
  return deviations;
}

namespace {

constexpr double kWorst = std::numeric_limits<double>::infinity();
const Additive kNone;

// The best of all starts, or nothing when every covariance was singular.
Eigen::VectorXd climb_from_starts(const Features& x, const Eigen::VectorXd& y,
                                  const FeatureKinds& is_category) {
  FitObjective objective{x, y, is_category, kNone, kWorst, {}};
  const Hyperparameters usual = default_hyperparameters(x.cols());
  descend(objective, pack(usual), kMaxIterations);
  Hyperparameters wiggly = usual;  // much structure, little noise
  wiggly.log_lengthscale.array() -= 1.2;
  descend(objective, pack(wiggly), kMaxIterations);
  Hyperparameters noisy = usual;  // a broad trend under noise
  noisy.log_noise = -1.5;
  descend(objective, pack(noisy), kMaxIterations);
  return objective.best_at;
}

// Climbs on for a few steps; infinity when no covariance could be factored.
FitObjective improved(const Features& x, const Eigen::VectorXd& y, const FeatureKinds& is_category,
                      const Additive& additive, const Eigen::VectorXd& start) {
  FitObjective objective{x, y, is_category, additive, kWorst, {}};
  descend(objective, start, kFineIterations);
  return objective;
}

}  // namespace

Hyperparameters fit_hyperparameters(const Features& x, const Eigen::VectorXd& y,
                                    const FeatureKinds& is_category,
                                    const Additive& may_act_alone) {
  const Hyperparameters usual = default_hyperparameters(x.cols());
  const Eigen::Index n = x.rows(), coarse = std::min(n, kCoarseRows);
  Features coarse_x(coarse, x.cols());
  Eigen::VectorXd coarse_y(coarse);
  for (Eigen::Index i = 0; i < coarse; ++i) {
    coarse_x.row(i) = x.row(i * n / coarse);
    coarse_y[i] = y[i * n / coarse];
  }
  Eigen::VectorXd start = climb_from_starts(coarse_x, coarse_y, is_category);
  if (start.size() == 0) start = pack(usual);
  const FitObjective together = improved(x, y, is_category, kNone, start);
  Hyperparameters best = std::isfinite(together.best) ? unpack(together.best_at) : usual;
  if (may_act_alone.empty()) return best;
  const FitObjective alone = improved(x, y, is_category, may_act_alone, pack(best));
  if (alone.best < together.best) {
    best = unpack(alone.best_at);
    best.additive = may_act_alone;
  }
  return best;
}

}  // namespace mizan::algorithms
