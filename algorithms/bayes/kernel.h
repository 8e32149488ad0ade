// Matern 5/2 with a lengthscale for each parameter, over numbers and categories alike.
//
// Notation:
//   x, z    feature rows: unit coordinates of ordered parameters, indices of categories
//   theta_d 1 / lengthscale_d^2
//   s(x, z) sum over ordered d of theta_d (x_d - z_d)^2, plus theta_d for each category that
//   differs k(x, z) variance * (1 + sqrt(5 s) + 5 s / 3) * exp(-sqrt(5 s))
//
// Optionally parameters also act alone: (1 - w) times the product above plus w times the mean over
// some d of the same function of theta_d (x_d - z_d)^2. Then what is learnt of one parameter holds
// wherever the others are, as it mostly does for hyperparameters; results go further while they are
// few. Source: Duvenaud, Nickisch and Rasmussen 2011, "Additive Gaussian processes",
// arXiv:1112.4394.
//
// A category's mismatch is a squared Euclidean distance between corners of a simplex, so k is
// positive definite on mixed spaces too. Source: Rasmussen & Williams 2006, "Gaussian Processes for
// Machine Learning", eq. 4.17.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace mizan::algorithms {

/// One row per point. Row-major keeps a point together.
using Features = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// By feature: whether it is a category.
using FeatureKinds = std::vector<bool>;

/// Features by index.
using Additive = std::vector<Eigen::Index>;

struct Hyperparameters {
  Eigen::VectorXd log_lengthscale;  // by feature, in unit coordinates
  double log_variance = 0;
  double log_noise = 0;    // variance of the noise
  Additive additive = {};  // features that also act alone; none: the product kernel
};

/// w: the share of the variance that features have for themselves, when there are any.
inline constexpr double kAdditiveShare = 0.3;

/// The scaled squared distances s, rows of `a` by rows of `b`.
Eigen::MatrixXd scaled_distances(const Features& a, const Features& b,
                                 const FeatureKinds& is_category,
                                 const Eigen::VectorXd& log_lengthscale);

/// The part of s that comes from one feature: a column of values against one value.
Eigen::ArrayXd scaled_distance(const Eigen::Ref<const Eigen::ArrayXd>& column, double value,
                               bool is_category, double log_lengthscale);

/// k without the variance, for each s.
Eigen::ArrayXXd matern52(const Eigen::ArrayXXd& s);
/// dk/ds without the variance: -(5/6)(1 + sqrt(5 s)) exp(-sqrt(5 s)). Finite at s = 0, where dk/dr
/// is not smooth.
Eigen::ArrayXXd matern52_slope(const Eigen::ArrayXXd& s);

/// k(a, b) with the variance and without noise.
Eigen::MatrixXd kernel_matrix(const Features& a, const Features& b, const FeatureKinds& is_category,
                              const Hyperparameters& hyper);

}  // namespace mizan::algorithms
