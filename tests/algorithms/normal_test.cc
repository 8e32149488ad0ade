// Against values computed with mpmath 1.3 at 30 digits: log(erfc(-z/sqrt(2))/2) and its inverse.
#include "algorithms/normal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mizan::algorithms {
namespace {

void expect_close(double got, double want, double relative = 1e-14) {
  EXPECT_NEAR(got, want, relative * std::fabs(want)) << "want " << want;
}

TEST(NormalTest, KeepsTheLogOfTheDistributionFunctionPreciseInBothTails) {
  expect_close(normal_log_cdf(-40), -804.60844201375378817);
  expect_close(normal_log_cdf(-20.5), -214.06672896326380017);
  expect_close(normal_log_cdf(-19.5), -194.01696577749749941);
  expect_close(normal_log_cdf(-10), -53.231285150512470578);
  expect_close(normal_log_cdf(-1), -1.8410216450092635058);
  expect_close(normal_log_cdf(1), -0.17275377902344988953);
  expect_close(normal_log_cdf(6), -9.8658764552437573169e-10, 1e-8);
  EXPECT_TRUE(std::isfinite(normal_log_cdf(-1e150)));
}

TEST(NormalTest, InvertsTheDistributionFunction) {
  expect_close(normal_quantile(0.975), 1.9599639845400542355);
  expect_close(normal_quantile(0.025), -1.9599639845400542355);
  expect_close(normal_quantile(1e-10), -6.3613409024040562047);
  expect_close(normal_quantile(1e-300), -37.047096299361199237);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_EQ(normal_quantile(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(normal_quantile(1), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(normal_quantile(2)));
}

TEST(NormalTest, WeighsIntervalsInTheTailsWithoutCancellation) {
  expect_close(normal_log_mass(8, 8.5), -35.02879250857974793);
  expect_close(normal_log_mass(-31, -30), -454.32124395634325204);
  expect_close(normal_log_mass(-1, 2), -0.20016629432446257995);
  EXPECT_EQ(normal_log_mass(1, 1), -std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace mizan::algorithms
