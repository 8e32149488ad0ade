// See acquisition.h.
#include "algorithms/bayes/acquisition.h"

#include <cmath>

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;

// 1 - z m(z) for the Mills ratio m(z) = Phi(-z)/phi(z), z > 0 large, by its asymptotic series.
double one_minus_mills(double z) {
  // m(z) = 1/z (1 - 1/z^2 + 3/z^4 - 15/z^6 + ...), so 1 - z m(z) = 1/z^2 - 3/z^4 + 15/z^6 - ...
  const double q = 1 / (z * z);
  double term = q, sum = 0;
  for (int i = 1; i <= 10; ++i) {
    sum += term;
    term *= -q * (2 * i + 1);
  }
  return sum;
}

}  // namespace

double log_improvement(double z, double& slope) {
  if (z > -10) {
    const double cdf = normal_cdf(z);
    const double value = normal_pdf(z) + z * cdf;
    slope = cdf / value;
    return std::log(value);
  }
  // phi(z) (1 - |z| m(|z|)): the bracket is worked out without the cancellation.
  const double bracket = one_minus_mills(-z);
  slope = std::exp(normal_log_cdf(z) + 0.5 * z * z + kLogSqrtTwoPi - std::log(bracket));
  return -0.5 * z * z - kLogSqrtTwoPi + std::log(bracket);
}

AcquisitionValue log_expected_improvement(double mean, double sd, double best) {
  const double z = (best - mean) / sd;
  double slope = 0;
  const double value = std::log(sd) + log_improvement(z, slope);
  return {value, -slope / sd, 1 / sd - slope * z / sd};
}

AcquisitionValue confidence_bound(double mean, double sd, double kappa) {
  return {kappa * sd - mean, -1, kappa};
}

}  // namespace mizan::algorithms
