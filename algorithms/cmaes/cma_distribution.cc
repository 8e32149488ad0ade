// The update equations; numbers in brackets are those of arXiv:1604.00772.
#include "algorithms/cmaes/cma_distribution.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

namespace mizan::algorithms {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSmallestEigenvalue = 1e-20;
constexpr double kSpareLength = 3;  // how much longer than sqrt(d) a step may be
constexpr double kMostGrowth = 1;   // of log sigma in one generation
constexpr double kSmallestSigma = 1e-18, kLargestSigma = 1e6;

// Positive weights sum to 1, negative ones to what keeps the covariance positive definite.
VectorXd make_weights(double n, std::size_t population, double c_1, double c_mu,
                      const VectorXd& raw, std::size_t parents) {
  const auto mu = static_cast<Index>(parents);
  const auto rest = static_cast<Index>(population) - mu;
  const double positive = raw.head(mu).sum();
  const double negative = -raw.tail(rest).sum();
  const double mu_eff_minus =
      raw.tail(rest).sum() * raw.tail(rest).sum() / std::max(raw.tail(rest).squaredNorm(), 1e-300);
  const double limit = std::min(
      {1 + c_1 / c_mu, 1 + 2 * mu_eff_minus / (mu_eff_minus + 2), (1 - c_1 - c_mu) / (n * c_mu)});
  VectorXd weights = raw;
  weights.head(mu) /= positive;
  if (negative > 0) weights.tail(rest) *= std::max(0.0, limit) / negative;
  return weights;
}

}  // namespace

CmaConstants CmaConstants::make(std::size_t dimensions, std::size_t population, bool separable) {
  CmaConstants c;
  const auto n = static_cast<double>(dimensions);
  const auto lambda = static_cast<double>(population);
  c.population = population;
  c.parents = population / 2;
  VectorXd raw(static_cast<Index>(population));  // (49)
  for (Index i = 0; i < raw.size(); ++i)
    raw[i] = std::log((lambda + 1) / 2) - std::log(static_cast<double>(i + 1));
  const VectorXd best = raw.head(static_cast<Index>(c.parents));
  c.mu_eff = best.sum() * best.sum() / best.squaredNorm();
  c.c_1 = 2 / ((n + 1.3) * (n + 1.3) + c.mu_eff);  // (57)
  c.c_mu = std::min(1 - c.c_1 - 1e-8, 2 * (0.25 + c.mu_eff + 1 / c.mu_eff - 2) /
                                          ((n + 2) * (n + 2) + c.mu_eff));  // (58)
  if (separable) {  // Ros and Hansen 2008: a diagonal has (n + 2) / 3 times less to learn
    c.c_1 = std::min(0.5, c.c_1 * (n + 2) / 3);
    c.c_mu = std::min(1 - c.c_1 - 1e-8, c.c_mu * (n + 2) / 3);
  }
  c.weights = make_weights(n, population, c.c_1, c.c_mu, raw, c.parents);  // (53)
  c.c_sigma = (c.mu_eff + 2) / (n + c.mu_eff + 5);                         // (55)
  c.d_sigma = 1 + 2 * std::max(0.0, std::sqrt((c.mu_eff - 1) / (n + 1)) - 1) + c.c_sigma;
  c.c_c = (4 + c.mu_eff / n) / (n + 4 + 2 * c.mu_eff / n);  // (56)
  c.chi = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  return c;
}

CmaDistribution::CmaDistribution(VectorXd mean, double sigma, std::size_t population)
    : constants_(CmaConstants::make(static_cast<std::size_t>(mean.size()), population,
                                    static_cast<std::size_t>(mean.size()) > kMaxFullDimensions)),
      separable_(static_cast<std::size_t>(mean.size()) > kMaxFullDimensions),
      mean_(std::move(mean)),
      scale_(VectorXd::Ones(mean_.size())),
      sigma_(sigma),
      covariance_(MatrixXd::Identity(mean_.size(), mean_.size())),
      axes_(MatrixXd::Identity(mean_.size(), mean_.size())),
      lengths_(VectorXd::Ones(mean_.size())),
      path_sigma_(VectorXd::Zero(mean_.size())),
      path_c_(VectorXd::Zero(mean_.size())) {}

double CmaDistribution::deviation(Index axis) const {
  return sigma_ * scale_[axis] * std::sqrt(covariance_(axis, axis));
}

double CmaDistribution::condition() const {
  const double ratio = lengths_.maxCoeff() / lengths_.minCoeff();
  return ratio * ratio;
}

VectorXd CmaDistribution::at(const VectorXd& normal) const {
  const VectorXd stretched = lengths_.cwiseProduct(normal);
  const VectorXd step = separable_ ? stretched : VectorXd(axes_ * stretched);
  return mean_ + sigma_ * scale_.cwiseProduct(step);
}

// C^(-1/2) step.
VectorXd CmaDistribution::whiten(const VectorXd& step) const {
  if (separable_) return step.cwiseQuotient(lengths_);
  return axes_ * (axes_.transpose() * step).cwiseQuotient(lengths_);
}

void CmaDistribution::update(const MatrixXd& points) {
  const CmaConstants& c = constants_;
  const auto n = static_cast<double>(mean_.size());
  const double longest = std::sqrt(n) + kSpareLength;
  MatrixXd steps(points.rows(), points.cols());
  VectorXd squares(points.cols());  // Mahalanobis lengths
  for (Index i = 0; i < points.cols(); ++i) {
    VectorXd step = (points.col(i) - mean_).cwiseQuotient(sigma_ * scale_);
    double length = whiten(step).norm();
    if (length > longest) {
      step *= longest / length;
      length = longest;
    }
    steps.col(i) = step;
    squares[i] = length * length;
  }
  const auto mu = static_cast<Index>(c.parents);
  const VectorXd mean_step = steps.leftCols(mu) * c.weights.head(mu);  // (41)
  mean_ += sigma_ * scale_.cwiseProduct(mean_step);                    // (42)
  path_sigma_ = (1 - c.c_sigma) * path_sigma_ +
                std::sqrt(c.c_sigma * (2 - c.c_sigma) * c.mu_eff) * whiten(mean_step);  // (43)
  ++generation_;
  const double settled =
      std::sqrt(1 - std::pow(1 - c.c_sigma, 2 * static_cast<double>(generation_)));
  const bool is_slow = path_sigma_.norm() / settled < (1.4 + 2 / (n + 1)) * c.chi;
  path_c_ = (1 - c.c_c) * path_c_;  // (45)
  if (is_slow) path_c_ += std::sqrt(c.c_c * (2 - c.c_c) * c.mu_eff) * mean_step;

  VectorXd weights = c.weights;  // (46)
  for (Index i = mu; i < weights.size(); ++i) weights[i] *= n / std::max(squares[i], 1e-8);
  const double lost = is_slow ? 0 : c.c_1 * c.c_c * (2 - c.c_c);
  const double kept = 1 + lost - c.c_1 - c.c_mu * c.weights.sum();
  if (separable_) {
    VectorXd diagonal = kept * covariance_.diagonal() + c.c_1 * path_c_.cwiseAbs2() +
                        c.c_mu * (steps.cwiseAbs2() * weights);
    covariance_.diagonal() = diagonal.cwiseMax(kSmallestEigenvalue);
  } else {  // (47)
    covariance_ = kept * covariance_ + c.c_1 * path_c_ * path_c_.transpose() +
                  c.c_mu * steps * weights.asDiagonal() * steps.transpose();
  }
  const double growth = c.c_sigma / c.d_sigma * (path_sigma_.norm() / c.chi - 1);  // (44)
  sigma_ =
      std::clamp(sigma_ * std::exp(std::min(kMostGrowth, growth)), kSmallestSigma, kLargestSigma);
  // The eigenvectors change little in one generation: they need not be new each time.
  const double change = 1 / (10 * n * (c.c_1 + c.c_mu));
  if (static_cast<double>(generation_ - decomposed_at_) >= change) decompose();
}

void CmaDistribution::decompose() {
  decomposed_at_ = generation_;
  if (separable_) {
    lengths_ = covariance_.diagonal().cwiseSqrt();
    return;
  }
  covariance_ = 0.5 * (covariance_ + covariance_.transpose().eval());
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance_);
  if (solver.info() != Eigen::Success || !solver.eigenvalues().allFinite()) {
    covariance_.setIdentity();
    axes_.setIdentity();
    lengths_.setOnes();
    return;
  }
  axes_ = solver.eigenvectors();
  VectorXd values = solver.eigenvalues();
  if (values.minCoeff() < kSmallestEigenvalue) {
    values = values.cwiseMax(kSmallestEigenvalue);
    covariance_ = axes_ * values.asDiagonal() * axes_.transpose();
  }
  lengths_ = values.cwiseSqrt();
}

void CmaDistribution::adjust(Index axis, double mean, double deviation) {
  mean_[axis] = mean;
  const double own = sigma_ * std::sqrt(covariance_(axis, axis));
  if (own > 0 && deviation > 0) scale_[axis] = deviation / own;
}

}  // namespace mizan::algorithms
