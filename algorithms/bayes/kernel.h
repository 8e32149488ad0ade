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
/// The same of the rows of `x` among themselves: the lower triangle alone, zeros above.
Eigen::MatrixXd scaled_distances(const Features& x, const FeatureKinds& is_category,
                                 const Eigen::VectorXd& log_lengthscale);

/// What one feature does alone: its values in the rows of a model, against one value at a time.
///
/// For a number, exp(-c |x - z|) is the smaller of exp(-c x) exp(c z) and exp(c x) exp(-c z), so
/// that pairs cost products and no exponentials.
class LoneFeature {
 public:
  LoneFeature(Eigen::ArrayXd values, bool is_category, double log_lengthscale);

  /// k without the variance and, unless null, dk/ds, both of rows from `first` on.
  void against(double z, Eigen::Index first, Eigen::Ref<Eigen::ArrayXd> k,
               Eigen::ArrayXd* slope = nullptr) const;
  void append(double value);

 private:
  bool is_category_ = false;
  double log_lengthscale_ = 0;
  double rate_ = 0;                           // c; k is (1 + r + r^2 / 3) exp(-r) of r = c |x - z|
  Eigen::ArrayXd values_, falling_, rising_;  // exp(-c x) and exp(c x); empty where they'd overflow
};

/// k without the variance, for each s.
Eigen::ArrayXXd matern52(const Eigen::ArrayXXd& s);
/// dk/ds without the variance: -(5/6)(1 + sqrt(5 s)) exp(-sqrt(5 s)). Finite at s = 0, where dk/dr
/// is not smooth.
Eigen::ArrayXXd matern52_slope(const Eigen::ArrayXXd& s);

/// k of the rows of `x` among themselves, with the variance and without noise: the lower triangle
/// alone, zeros above. Unless null, `slope` gets dk/ds of what all features do together and
/// `lone_slopes`, by feature that also acts alone, s_d dk/ds_d; lower triangles, without the
/// variance.
Eigen::MatrixXd kernel_matrix(const Features& x, const FeatureKinds& is_category,
                              const Hyperparameters& hyper, Eigen::MatrixXd* slope = nullptr,
                              std::vector<Eigen::MatrixXd>* lone_slopes = nullptr);

/// k(a, b) with the variance and without noise.
Eigen::MatrixXd kernel_matrix(const Features& a, const Features& b, const FeatureKinds& is_category,
                              const Hyperparameters& hyper);

}  // namespace mizan::algorithms
