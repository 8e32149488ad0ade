// See kernel.h.
#include "algorithms/bayes/kernel.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mizan::algorithms {
namespace {

// Adds what one feature contributes to s: a column of its values against one value.
void add_scaled_distance(Eigen::Ref<Eigen::VectorXd> s,
                         const Eigen::Ref<const Eigen::ArrayXd>& column, double value,
                         bool is_category, double theta) {
  if (is_category) {
    s.array() += theta * (column != value).cast<double>();
  } else {
    s.array() += theta * (column - value).square();
  }
}

}  // namespace

Eigen::MatrixXd scaled_distances(const Features& a, const Features& b,
                                 const FeatureKinds& is_category,
                                 const Eigen::VectorXd& log_lengthscale) {
  // Differences are taken before squaring: |a|^2 + |b|^2 - 2ab would lose the small distances near
  // an optimum.
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(a.rows(), b.rows());
  const Eigen::ArrayXXd columns = a.array();  // by features: rows of `a` lie apart
  const Eigen::ArrayXd theta = (-2 * log_lengthscale.array()).exp();
  // Feature by feature within a column of s, which stays in the nearest cache meanwhile.
  for (Eigen::Index j = 0; j < b.rows(); ++j) {
    for (Eigen::Index d = 0; d < a.cols(); ++d)
      add_scaled_distance(s.col(j), columns.col(d), b(j, d),
                          is_category[static_cast<std::size_t>(d)], theta[d]);
  }
  return s;
}

Eigen::MatrixXd scaled_distances(const Features& x, const FeatureKinds& is_category,
                                 const Eigen::VectorXd& log_lengthscale) {
  const Eigen::Index n = x.rows();
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(n, n);
  const Eigen::ArrayXXd columns = x.array();
  const Eigen::ArrayXd theta = (-2 * log_lengthscale.array()).exp();
  for (Eigen::Index j = 0; j < n; ++j) {
    for (Eigen::Index d = 0; d < x.cols(); ++d)
      add_scaled_distance(s.col(j).tail(n - j), columns.col(d).tail(n - j), x(j, d),
                          is_category[static_cast<std::size_t>(d)], theta[d]);
  }
  return s;
}

Eigen::ArrayXXd matern52(const Eigen::ArrayXXd& s) {
  const Eigen::ArrayXXd root = (5 * s).sqrt();
  return (1 + root + (5.0 / 3) * s) * (-root).exp();
}

Eigen::ArrayXXd matern52_slope(const Eigen::ArrayXXd& s) {
  const Eigen::ArrayXXd root = (5 * s).sqrt();
  return (-5.0 / 6) * (1 + root) * (-root).exp();
}

LoneFeature::LoneFeature(Eigen::ArrayXd values, bool is_category, double log_lengthscale)
    : is_category_(is_category),
      log_lengthscale_(log_lengthscale),
      rate_(std::sqrt(5.0) * std::exp(-log_lengthscale)),
      values_(std::move(values)) {
  constexpr double kLargestExponent = 300;  // products of two stay within a double
  if (is_category_ || rate_ * values_.abs().maxCoeff() > kLargestExponent) return;
  falling_ = (-rate_ * values_).exp();
  rising_ = falling_.inverse();
}

void LoneFeature::against(double z, Eigen::Index first, Eigen::Ref<Eigen::ArrayXd> k,
                          Eigen::ArrayXd* slope) const {
  const Eigen::Index rows = values_.size() - first;
  const double* const x = values_.data() + first;
  if (slope != nullptr) slope->resize(rows);
  if (is_category_) {
    const double fall = std::exp(-rate_);
    const double apart = (1 + rate_ + rate_ * rate_ / 3) * fall, steepness = (1 + rate_) * fall;
    for (Eigen::Index i = 0; i < rows; ++i) k[i] = x[i] == z ? 1 : apart;
    for (Eigen::Index i = 0; slope != nullptr && i < rows; ++i)
      (*slope)[i] = (-5.0 / 6) * (x[i] == z ? 1 : steepness);
    return;
  }
  // Plain loops: an expression would allocate for each pair of a feature and a row.
  double* const fall = k.data();
  if (falling_.size() == values_.size()) {
    const double up = rows > 0 && x[0] == z ? rising_[first] : std::exp(rate_ * z), down = 1 / up;
    const double *const falling = falling_.data() + first, *const rising = rising_.data() + first;
    for (Eigen::Index i = 0; i < rows; ++i) fall[i] = std::min(falling[i] * up, rising[i] * down);
  } else {
    for (Eigen::Index i = 0; i < rows; ++i) fall[i] = std::exp(-rate_ * std::abs(x[i] - z));
  }
  if (slope != nullptr) {
    double* const into = slope->data();
    for (Eigen::Index i = 0; i < rows; ++i)
      into[i] = (-5.0 / 6) * (1 + rate_ * std::abs(x[i] - z)) * fall[i];
  }
  for (Eigen::Index i = 0; i < rows; ++i) {
    const double root = rate_ * std::abs(x[i] - z);
    fall[i] *= 1 + root + root * root / 3;
  }
}

void LoneFeature::append(double value) {
  Eigen::ArrayXd values(values_.size() + 1);
  values << values_, value;
  *this = LoneFeature(std::move(values), is_category_, log_lengthscale_);
}

Eigen::MatrixXd kernel_matrix(const Features& x, const FeatureKinds& is_category,
                              const Hyperparameters& hyper, Eigen::MatrixXd* slope,
                              std::vector<Eigen::MatrixXd>* lone_slopes) {
  const Eigen::Index n = x.rows();
  const double variance = std::exp(hyper.log_variance);
  Eigen::MatrixXd k = scaled_distances(x, is_category, hyper.log_lengthscale);
  const double together = variance * (hyper.additive.empty() ? 1 : 1 - kAdditiveShare);
  if (slope != nullptr) *slope = Eigen::MatrixXd::Zero(n, n);
  Eigen::ArrayXd root, fall;
  for (Eigen::Index j = 0; j < n; ++j) {
    auto s = k.col(j).tail(n - j).array();
    root = (5 * s).sqrt();
    fall = (-root).exp();
    if (slope != nullptr) slope->col(j).tail(n - j) = ((-5.0 / 6) * (1 + root) * fall).matrix();
    s = together * (1 + root + (5.0 / 3) * s) * fall;
  }
  if (hyper.additive.empty()) return k;

  const double share = kAdditiveShare / static_cast<double>(hyper.additive.size());
  Eigen::ArrayXd part(n), part_slope;
  for (const Eigen::Index d : hyper.additive) {
    const bool category = is_category[static_cast<std::size_t>(d)];
    const double theta = std::exp(-2 * hyper.log_lengthscale[d]);
    const LoneFeature feature(x.col(d).array(), category, hyper.log_lengthscale[d]);
    if (lone_slopes != nullptr) lone_slopes->emplace_back(Eigen::MatrixXd::Zero(n, n));
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index below = n - j;
      feature.against(x(j, d), j, part.head(below), lone_slopes != nullptr ? &part_slope : nullptr);
      k.col(j).tail(below).array() += variance * share * part.head(below);
      if (lone_slopes == nullptr) continue;
      auto into = lone_slopes->back().col(j).tail(below).array();
      if (category) {
        into =
            share * theta * (x.col(d).tail(below).array() != x(j, d)).cast<double>() * part_slope;
      } else {
        into = share * theta * (x.col(d).tail(below).array() - x(j, d)).square() * part_slope;
      }
    }
  }
  return k;
}

Eigen::MatrixXd kernel_matrix(const Features& a, const Features& b, const FeatureKinds& is_category,
                              const Hyperparameters& hyper) {
  const Eigen::MatrixXd s = scaled_distances(a, b, is_category, hyper.log_lengthscale);
  Eigen::MatrixXd k = matern52(s.array()).matrix();
  if (!hyper.additive.empty()) {
    const double share = kAdditiveShare / static_cast<double>(hyper.additive.size());
    k *= 1 - kAdditiveShare;
    Eigen::ArrayXd part(a.rows());
    for (const Eigen::Index d : hyper.additive) {
      const LoneFeature feature(a.col(d).array(), is_category[static_cast<std::size_t>(d)],
                                hyper.log_lengthscale[d]);
      for (Eigen::Index j = 0; j < b.rows(); ++j) {
        feature.against(b(j, d), 0, part);
        k.col(j).array() += share * part;
      }
    }
  }
  return std::exp(hyper.log_variance) * k;
}

}  // namespace mizan::algorithms
