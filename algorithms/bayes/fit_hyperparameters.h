// Hyperparameters of a Gaussian process by maximum a posteriori: marginal likelihood plus priors,
// analytic gradients, L-BFGS-B from a few fixed starts.
//
// Priors are normal on logarithms. The lengthscale's grows with the root of the dimension (Hvarfner
// et al. 2024, arXiv:2402.02229), which keeps models of many parameters from explaining everything
// with one; its width is narrower than theirs because very long lengthscales make a model certain
// too early.
#pragma once

#include <Eigen/Core>

#include "algorithms/bayes/kernel.h"

namespace mizan::algorithms {

/// The vector that is optimised: log lengthscales, log variance, log noise.
Eigen::VectorXd pack(const Hyperparameters& hyper);
Hyperparameters unpack(const Eigen::VectorXd& packed);

/// Where a fit starts and what it falls back to.
Hyperparameters default_hyperparameters(Eigen::Index features);

/// Negative log posterior (up to a constant) and its gradient by pack()'s entries, of a kernel in
/// which the features of `additive` also act alone. Infinity and a zero gradient when the
/// covariance can't be factored. Cost: O(n^3).
double negative_log_posterior(const Features& x, const Eigen::VectorXd& y,
                              const FeatureKinds& is_category, const Eigen::VectorXd& packed,
                              Eigen::VectorXd& gradient, const Additive& additive = {});

/// Mean and standard deviation of the normal priors of pack()'s entries.
Eigen::VectorXd prior_means(Eigen::Index features);
Eigen::VectorXd prior_deviations(Eigen::Index features);

/// The best of three starts; of many rows, the starts climb on a sample of them and the best one
/// goes on with all. Where `may_act_alone` names features, the kernel in which these also act alone
/// is fitted from there, and the more probable of both kernels is returned. Never fails: at worst
/// the defaults. The same input gives the same answer. Requires standardised y.
Hyperparameters fit_hyperparameters(const Features& x, const Eigen::VectorXd& y,
                                    const FeatureKinds& is_category,
                                    const Additive& may_act_alone = {});

}  // namespace mizan::algorithms
