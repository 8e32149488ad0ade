// Algorithm 2.1 of Rasmussen & Williams 2006, with rows appended to the factor.
#include "algorithms/bayes/gaussian_process.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace mizan::algorithms {
namespace {

constexpr double kSmallestSd = 1e-9;

Features row_of(const Eigen::VectorXd& x) {
  Features row(1, x.size());
  row.row(0) = x.transpose();
  return row;
}

}  // namespace

std::optional<Eigen::MatrixXd> cholesky_with_jitter(const Eigen::MatrixXd& k, double& noise) {
  const double scale = k.diagonal().mean();
  const double base = noise;
  for (double jitter = 0; jitter <= 1e-2; jitter = jitter == 0 ? 1e-8 : 10 * jitter) {
    Eigen::MatrixXd full = k;
    noise = base + jitter * scale;
    full.diagonal().array() += noise;
    const Eigen::LLT<Eigen::MatrixXd> factor(full);
    if (factor.info() == Eigen::Success) {
      Eigen::MatrixXd lower = factor.matrixL();
      if (lower.allFinite()) return lower;
    }
  }
  return std::nullopt;
}

std::optional<GaussianProcess> GaussianProcess::make(Features x, Eigen::VectorXd y,
                                                     FeatureKinds is_category,
                                                     Hyperparameters hyper) {
  GaussianProcess gp;
  gp.x_ = std::move(x);
  gp.y_ = std::move(y);
  gp.is_category_ = std::move(is_category);
  gp.hyper_ = std::move(hyper);
  gp.noise_ = std::exp(gp.hyper_.log_noise);
  auto lower = cholesky_with_jitter(kernel_matrix(gp.x_, gp.is_category_, gp.hyper_), gp.noise_);
  if (!lower) return std::nullopt;
  gp.lower_ = *std::move(lower);
  for (const Eigen::Index d : gp.hyper_.additive)
    gp.lone_.emplace_back(gp.x_.col(d).array(), gp.is_category_[static_cast<std::size_t>(d)],
                          gp.hyper_.log_lengthscale[d]);
  gp.solve();
  return gp;
}

void GaussianProcess::solve() {
  alpha_ = lower_.triangularView<Eigen::Lower>().solve(y_);
  lower_.triangularView<Eigen::Lower>().transpose().solveInPlace(alpha_);
}

void GaussianProcess::append(const Eigen::VectorXd& x, double y) { extend(x, y, noise_); }

void GaussianProcess::extend(const Eigen::VectorXd& x, double y, double noise) {
  const Eigen::Index n = size();
  const Eigen::VectorXd k = kernel_matrix(x_, row_of(x), is_category_, hyper_).col(0);
  const Eigen::VectorXd row = lower_.triangularView<Eigen::Lower>().solve(k);
  const double variance = std::exp(hyper_.log_variance);
  const double rest = variance + noise - row.squaredNorm();
  lower_.conservativeResize(n + 1, n + 1);
  lower_.col(n).setZero();
  lower_.row(n).head(n) = row.transpose();
  // A point on top of others leaves nothing but rounding: a little jitter keeps the factor regular.
  lower_(n, n) = std::sqrt(std::max(rest, 1e-8 * variance));
  x_.conservativeResize(n + 1, Eigen::NoChange);
  x_.row(n) = x.transpose();
  y_.conservativeResize(n + 1);
  y_[n] = y;
  for (std::size_t i = 0; i < lone_.size(); ++i) lone_[i].append(x[hyper_.additive[i]]);
  solve();
}

void GaussianProcess::believe(const Eigen::VectorXd& x) {
  const Eigen::VectorXd k = kernel_matrix(x_, row_of(x), is_category_, hyper_).col(0);
  extend(x, k.dot(alpha_), 0);
}

void GaussianProcess::predict(const Features& points, Eigen::VectorXd& means,
                              Eigen::VectorXd& sds) const {
  Eigen::MatrixXd k = kernel_matrix(x_, points, is_category_, hyper_);
  means = k.transpose() * alpha_;
  lower_.triangularView<Eigen::Lower>().solveInPlace(k);
  const double variance = std::exp(hyper_.log_variance);
  sds = (variance - k.colwise().squaredNorm().transpose().array())
            .max(kSmallestSd * kSmallestSd)
            .sqrt()
            .matrix();
}

Prediction GaussianProcess::predict(const Eigen::VectorXd& x) const {
  const double variance = std::exp(hyper_.log_variance);
  const Eigen::ArrayXXd s =
      scaled_distances(x_, row_of(x), is_category_, hyper_.log_lengthscale).array();
  const double together = variance * (hyper_.additive.empty() ? 1 : 1 - kAdditiveShare);
  Eigen::VectorXd k = (together * matern52(s)).matrix().col(0);
  const Eigen::ArrayXd slope = together * matern52_slope(s).col(0);
  const Eigen::MatrixXd alone = add_lone_parts(x, k);
  Eigen::VectorXd v = lower_.triangularView<Eigen::Lower>().solve(k);

  Prediction p;
  p.mean = k.dot(alpha_);
  const double left = variance - v.squaredNorm();
  p.sd = std::sqrt(std::max(left, kSmallestSd * kSmallestSd));
  lower_.triangularView<Eigen::Lower>().transpose().solveInPlace(v);  // now K^-1 k
  p.mean_slope = Eigen::VectorXd::Zero(x.size());
  p.sd_slope = Eigen::VectorXd::Zero(x.size());
  for (Eigen::Index d = 0; d < x.size(); ++d) {
    if (is_category_[static_cast<std::size_t>(d)]) continue;
    const double theta = std::exp(-2 * hyper_.log_lengthscale[d]);
    const Eigen::ArrayXd dk =
        (slope + alone.col(d).array()) * (2 * theta) * (x[d] - x_.col(d).array());
    p.mean_slope[d] = (dk * alpha_.array()).sum();
    if (left > kSmallestSd * kSmallestSd) p.sd_slope[d] = -(dk * v.array()).sum() / p.sd;
  }
  return p;
}

// Adds what features do alone to the covariances `k` with x; returns dk/ds_d, rows of x_ by
// features.
Eigen::MatrixXd GaussianProcess::add_lone_parts(const Eigen::VectorXd& x,
                                                Eigen::VectorXd& k) const {
  Eigen::MatrixXd slopes = Eigen::MatrixXd::Zero(size(), x.size());
  const double weight = std::exp(hyper_.log_variance) * kAdditiveShare /
                        static_cast<double>(std::max<std::size_t>(1, hyper_.additive.size()));
  Eigen::ArrayXd part(size()), slope;
  for (std::size_t i = 0; i < lone_.size(); ++i) {
    const Eigen::Index d = hyper_.additive[i];
    lone_[i].against(x[d], 0, part, &slope);
    k.array() += weight * part;
    slopes.col(d) = (weight * slope).matrix();
  }
  return slopes;
}

Eigen::VectorXd GaussianProcess::fitted() const { return y_ - noise_ * alpha_; }

double GaussianProcess::log_likelihood() const {
  const auto n = static_cast<double>(size());
  return -0.5 * y_.dot(alpha_) - lower_.diagonal().array().log().sum() -
         0.5 * n * std::log(2 * std::numbers::pi);
}

}  // namespace mizan::algorithms
