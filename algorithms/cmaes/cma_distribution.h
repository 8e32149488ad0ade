// The search distribution of CMA-ES: a normal distribution that learns from ranked points where to
// look next, how far and in which directions.
//
// Follows Hansen, "The CMA evolution strategy: a tutorial" (arXiv:1604.00772) with active
// (negative) weights and cumulative step size adaptation. Points that it did not draw itself are
// shortened to a plausible length before they are learnt from (Hansen 2011, arXiv:1110.4181). A
// diagonal factor beside the covariance is what the margin of integer parameters acts on
// (arXiv:2205.13482).
#pragma once

#include <Eigen/Core>
#include <cstddef>

namespace mizan::algorithms {

/// The constants that follow from dimension and population.
struct CmaConstants {
  std::size_t population = 0, parents = 0;
  Eigen::VectorXd
      weights;  // one for each rank: the first `parents` sum to 1, the others are below 0
  double mu_eff = 0, c_sigma = 0, d_sigma = 0, c_c = 0, c_1 = 0, c_mu = 0;
  double chi = 0;  // expected length of a standard normal vector

  /// Requires dimensions > 0, population > 1. `separable`: rates for a diagonal covariance.
  static CmaConstants make(std::size_t dimensions, std::size_t population, bool separable);
};

/// Copies are deep. Beyond kMaxFullDimensions the covariance stays diagonal.
class CmaDistribution {
 public:
  static constexpr std::size_t kMaxFullDimensions = 100;

  CmaDistribution(Eigen::VectorXd mean, double sigma, std::size_t population);

  const CmaConstants& constants() const { return constants_; }
  const Eigen::VectorXd& mean() const { return mean_; }
  double sigma() const { return sigma_; }
  const Eigen::MatrixXd& covariance() const { return covariance_; }
  std::size_t generation() const { return generation_; }
  /// Standard deviation along one axis.
  double deviation(Eigen::Index axis) const;
  /// Ratio of the largest to the smallest eigenvalue of the covariance.
  double condition() const;

  /// The point that a standard normal vector stands for.
  Eigen::VectorXd at(const Eigen::VectorXd& normal) const;

  /// Learns from one generation. Requires constants().population columns, best first, all finite.
  void update(const Eigen::MatrixXd& points);

  /// Puts the mean to `mean` along one axis and the standard deviation to `deviation`, leaving the
  /// correlations as they are.
  void adjust(Eigen::Index axis, double mean, double deviation);

 private:
  void decompose();
  Eigen::VectorXd whiten(const Eigen::VectorXd& step) const;

  CmaConstants constants_;
  bool separable_;
  Eigen::VectorXd mean_, scale_;  // scale_: the factor of the margin, by axis
  double sigma_;
  Eigen::MatrixXd covariance_, axes_;  // axes_: eigenvectors
  Eigen::VectorXd lengths_;            // roots of the eigenvalues
  Eigen::VectorXd path_sigma_, path_c_;
  std::size_t generation_ = 0, decomposed_at_ = 0;
};

}  // namespace mizan::algorithms
