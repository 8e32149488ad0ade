// How much a point is worth trying, from its predicted mean and standard deviation.
#pragma once

namespace mizan::algorithms {

struct AcquisitionValue {
  double value = 0;
  double by_mean = 0, by_sd = 0;  // partial derivatives
};

/// Log of the expected improvement of a Gaussian posterior under `best`: log E[max(best - f, 0)].
///
/// Stays finite and keeps its slope far above `best`, where the expected improvement itself
/// underflows to 0. Units: mean, sd and best share one. Smaller is better. Requires sd > 0. Source:
/// Ament et al. 2023, arXiv:2310.20708, eq. 9.
AcquisitionValue log_expected_improvement(double mean, double sd, double best);

/// kappa * sd - mean: the negative lower confidence bound.
AcquisitionValue confidence_bound(double mean, double sd, double kappa);

/// log(phi(z) + z Phi(z)), and its derivative Phi(z) / (phi(z) + z Phi(z)).
double log_improvement(double z, double& slope);

}  // namespace mizan::algorithms
