// erfc does the near part, an asymptotic series the far one; the quantile is Boost's inverse of
// erfc.
#include "algorithms/normal.h"

#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace mizan::algorithms {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;
constexpr double kSurely = 9;  // P(|Z| > 9) = 2e-19

// Boost would go by way of long double otherwise, which takes five times as long.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

// log P(Z <= z) for z far below 0, by the asymptotic series of Mills' ratio (Abramowitz &
// Stegun 26.2.12).
double log_cdf_far_below(double z) {
  const double inverse_square = 1.0 / (z * z);
  double term = 1.0, sum = 1.0;
  for (int i = 1; i <= 8; ++i) {
    term *= -inverse_square * (2 * i - 1);
    sum += term;
  }
  return -0.5 * z * z - std::log(-z) - kLogSqrtTwoPi + std::log(sum);
}

// log(exp(high) - exp(low)) for high >= low.
double log_difference(double high, double low) {
  if (low == -std::numeric_limits<double>::infinity()) return high;
  const double gap = low - high;  // <= 0
  return high +
         (gap > -std::numbers::ln2 ? std::log(-std::expm1(gap)) : std::log1p(-std::exp(gap)));
}

}  // namespace

double normal_pdf(double z) { return std::exp(-0.5 * z * z - kLogSqrtTwoPi); }

double normal_cdf(double z) { return 0.5 * std::erfc(-z * std::numbers::sqrt2 / 2); }

double normal_log_cdf(double z) {
  if (z > 5) return std::log1p(-normal_cdf(-z));
  return z < -20 ? log_cdf_far_below(z) : std::log(normal_cdf(z));
}

double normal_quantile(double p) {
  if (!(p > 0))
    return p == 0 ? -std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::quiet_NaN();
  if (!(p < 1))
    return p == 1 ? std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::quiet_NaN();
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * p, InDouble());
}

double normal_log_mass(double a, double b) {
  if (a > 0) return normal_log_mass(-b, -a);  // the mirror image keeps both in the lower tail
  if (a < -kSurely && b > kSurely) return 0;  // less than 1 by nothing that a double shows
  if (b <= 0) return log_difference(normal_log_cdf(b), normal_log_cdf(a));
  return std::log1p(-normal_cdf(a) - normal_cdf(-b));
}

}  // namespace mizan::algorithms
