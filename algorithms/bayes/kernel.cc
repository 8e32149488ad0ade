// See kernel.h.
#include "algorithms/bayes/kernel.h"

#include <cmath>

namespace mizan::algorithms {

Eigen::MatrixXd scaled_distances(const Features& a, const Features& b,
                                 const FeatureKinds& is_category,
                                 const Eigen::VectorXd& log_lengthscale) {
  // Differences are taken before squaring: |a|^2 + |b|^2 - 2ab would lose the small distances near
  // an optimum.
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(a.rows(), b.rows());
  for (Eigen::Index d = 0; d < a.cols(); ++d) {
    const double theta = std::exp(-2 * log_lengthscale[d]);
    const Eigen::ArrayXd column = a.col(d).array();
    const bool category = is_category[static_cast<std::size_t>(d)];
    for (Eigen::Index j = 0; j < b.rows(); ++j) {
      if (category) {
        s.col(j).array() += theta * (column != b(j, d)).cast<double>();
      } else {
        s.col(j).array() += theta * (column - b(j, d)).square();
      }
    }
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

Eigen::ArrayXd scaled_distance(const Eigen::Ref<const Eigen::ArrayXd>& column, double value,
                               bool is_category, double log_lengthscale) {
  const double theta = std::exp(-2 * log_lengthscale);
  if (is_category) return theta * (column != value).cast<double>();
  return theta * (column - value).square();
}

Eigen::MatrixXd kernel_matrix(const Features& a, const Features& b, const FeatureKinds& is_category,
                              const Hyperparameters& hyper) {
  const Eigen::MatrixXd s = scaled_distances(a, b, is_category, hyper.log_lengthscale);
  Eigen::MatrixXd k = matern52(s.array()).matrix();
  if (!hyper.additive.empty()) {
    const bool symmetric = &a == &b;  // then half of it is enough
    const double share = kAdditiveShare / static_cast<double>(hyper.additive.size());
    k *= 1 - kAdditiveShare;
    for (const Eigen::Index d : hyper.additive) {
      const Eigen::ArrayXd column = a.col(d).array();
      const bool category = is_category[static_cast<std::size_t>(d)];
      for (Eigen::Index j = 0; j < b.rows(); ++j) {
        const Eigen::Index rows = symmetric ? a.rows() - j : a.rows();
        const Eigen::ArrayXd part =
            scaled_distance(column.tail(rows), b(j, d), category, hyper.log_lengthscale[d]);
        const Eigen::ArrayXd root = (5 * part).sqrt();
        k.col(j).tail(rows).array() += share * (1 + root + (5.0 / 3) * part) * (-root).exp();
      }
    }
    for (Eigen::Index j = 0; symmetric && j < k.cols(); ++j)
      k.row(j).tail(k.cols() - j) = k.col(j).tail(k.cols() - j).transpose();
  }
  return std::exp(hyper.log_variance) * k;
}

}  // namespace mizan::algorithms
