// A Gaussian process given its hyperparameters: condition on observations, predict, take on one
// more.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "algorithms/bayes/kernel.h"

namespace mizan::algorithms {

struct Prediction {
  double mean = 0, sd = 0;               // of the function, without noise
  Eigen::VectorXd mean_slope, sd_slope;  // by feature; 0 for categories
};

/// Values are expected around 0 (the prior mean). Copies are deep.
class GaussianProcess {
 public:
  /// nullopt when the covariance isn't positive definite even with the largest jitter:
  /// hyperparameters that no data could give. Cost: O(n^3 / 3). Requires at least one row, finite
  /// values.
  static std::optional<GaussianProcess> make(Features x, Eigen::VectorXd y,
                                             FeatureKinds is_category, Hyperparameters hyper);

  Eigen::Index size() const { return x_.rows(); }
  const Hyperparameters& hyperparameters() const { return hyper_; }
  const Features& features() const { return x_; }

  /// Takes on a point as if its own mean had been observed there: no mean changes anywhere, the
  /// uncertainty around it goes. This is how pending trials are known. Cost: O(n^2), by one more
  /// row of the Cholesky factor.
  void believe(const Eigen::VectorXd& x);
  /// Takes on an observation. Cost: O(n^2).
  void append(const Eigen::VectorXd& x, double y);

  /// Means and standard deviations of many points at once. Cost: O(n^2 m).
  void predict(const Features& points, Eigen::VectorXd& means, Eigen::VectorXd& sds) const;
  /// One point, with slopes. Cost: O(n^2).
  Prediction predict(const Eigen::VectorXd& x) const;
  /// Means at the conditioned points themselves: observations with the noise taken out.
  Eigen::VectorXd fitted() const;

  /// Log of the marginal likelihood of the observations.
  double log_likelihood() const;

 private:
  GaussianProcess() = default;
  void solve();
  Eigen::MatrixXd add_lone_parts(const Eigen::VectorXd& x, Eigen::VectorXd& k) const;
  void extend(const Eigen::VectorXd& x, double y, double noise);

  Features x_;
  Eigen::VectorXd y_, alpha_;
  FeatureKinds is_category_;
  Hyperparameters hyper_;
  std::vector<LoneFeature> lone_;  // by feature that also acts alone
  Eigen::MatrixXd lower_;          // Cholesky factor of k(x, x) + noise
  double noise_ = 0;               // with jitter
};

/// Cholesky factor of `k`, whose lower triangle is read, + noise on the diagonal; the jitter that
/// had to be added is put into `noise`. Ladder: none, then 1e-8 of the mean diagonal and ten times
/// more each time up to 1e-2.
std::optional<Eigen::MatrixXd> cholesky_with_jitter(const Eigen::MatrixXd& k, double& noise);

}  // namespace mizan::algorithms
