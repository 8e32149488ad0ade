// Densities against values worked out with mpmath 1.3 from the definitions in the header, and
// against themselves.
#include "algorithms/tpe/parzen_estimator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace mizan::algorithms {
namespace {

const std::vector<ParzenDimension> kNumberAndChoice = {{0, true}, {3, false}};
const ParzenRows kRows = {{0.2, 0.5 / 3}, {0.6, 2.5 / 3}};
const std::vector<double> kEqual = {1, 1};

TEST(ParzenEstimatorTest, IsTheMixtureOfTruncatedNormalsAndCategoriesItClaims) {
  // Bandwidth 0.4 (the distance between the two), category shares 0.6 and 0.2.
  const ParzenEstimator estimator(kNumberAndChoice, kRows, kEqual, {});
  EXPECT_DOUBLE_EQ(estimator.bandwidth(0, 0), 0.4);
  EXPECT_NEAR(estimator.log_density(std::vector<double>{0.3, 0.5 / 3}), -0.765665274173609343,
              1e-14);
}

TEST(ParzenEstimatorTest, UsesOneBandwidthPerParameterForJointPoints) {
  const ParzenEstimator narrow(kNumberAndChoice, kRows, kEqual, {.joint = true});
  EXPECT_DOUBLE_EQ(narrow.bandwidth(1, 0), 0.25) << "clipped to 1 / (n + 2)";
  EXPECT_NEAR(narrow.log_density(std::vector<double>{0.3, 0.5 / 3}), -0.615239458233802383, 1e-14);
  const ParzenEstimator wide({{0, true}, {0, true}}, {{0.1, 0.9}, {0.5, 0.5}, {0.8, 0.2}},
                             std::vector<double>{1, 2, 1}, {.prior_weight = 0.5, .joint = true});
  EXPECT_NEAR(wide.log_density(std::vector<double>{0.45, 0.6}), 0.603431078485553639, 1e-14);
}

TEST(ParzenEstimatorTest, IsThePriorWhenNothingIsKnown) {
  const ParzenEstimator estimator(kNumberAndChoice, ParzenRows(0, 2), {}, {});
  EXPECT_NEAR(estimator.log_density(std::vector<double>{0.9, 0.5}), -std::log(3.0), 1e-15);
}

TEST(ParzenEstimatorTest, IntegratesToOne) {
  for (const bool joint : {false, true}) {
    const ParzenEstimator estimator(kNumberAndChoice,
                                    {{0.02, 0.5 / 3}, {0.6, 2.5 / 3}, {0.61, 0.5}},
                                    std::vector<double>{1, 1, 3}, {.joint = joint});
    double sum = 0;
    constexpr int kSteps = 4000;
    for (int i = 0; i < kSteps; ++i) {
      for (int c = 0; c < 3; ++c)
        sum += std::exp(
                   estimator.log_density(std::vector<double>{(i + 0.5) / kSteps, (c + 0.5) / 3})) /
               kSteps;
    }
    EXPECT_NEAR(sum, 1, 1e-5) << joint;
  }
}

TEST(ParzenEstimatorTest, DrawsFromItsOwnDensity) {
  const ParzenEstimator estimator(kNumberAndChoice, {{0.02, 0.5 / 3}, {0.7, 2.5 / 3}},
                                  std::vector<double>{1, 2}, {});
  CounterRng rng(3, 0, Purpose::kCandidates);
  std::vector<double> values;
  double first_category = 0;
  constexpr std::size_t kDraws = 4000;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const auto u = estimator.sample(rng);
    values.push_back(u[0]);
    first_category += u[1] < 1.0 / 3 ? 1.0 / kDraws : 0;
  }
  std::sort(values.begin(), values.end());
  constexpr int kSteps = 2000;
  double cumulative = 0, distance = 0, category = 0;
  std::size_t below = 0;
  for (int i = 0; i < kSteps; ++i) {
    for (int c = 0; c < 3; ++c) {
      const double mass =
          std::exp(estimator.log_density(std::vector<double>{(i + 0.5) / kSteps, (c + 0.5) / 3})) /
          kSteps;
      cumulative += mass;
      if (c == 0) category += mass;
    }
    while (below < kDraws && values[below] <= (i + 1.0) / kSteps) ++below;
    distance = std::max(distance, std::fabs(cumulative - static_cast<double>(below) / kDraws));
  }
  EXPECT_LT(distance, 2.3 / std::sqrt(double{kDraws})) << "a false alarm is one in 20,000";
  EXPECT_NEAR(first_category, category, 4 * 0.5 / std::sqrt(double{kDraws}));
}

TEST(ParzenEstimatorTest, StaysFiniteForPointsOnTopOfEachOtherAndAThousandCategories) {
  const ParzenEstimator same({{0, true}}, {{1.0}, {1.0}, {1.0}}, std::vector<double>{1, 1, 1}, {});
  EXPECT_TRUE(std::isfinite(same.log_density(std::vector<double>{0.0})));
  const ParzenEstimator wide({{1000, false}}, {{0.0005}, {0.0005}, {0.0005}},
                             std::vector<double>{1, 1, 1}, {});
  EXPECT_GT(wide.log_density(std::vector<double>{0.0005}), std::log(0.25))
      << "the data isn't drowned by the prior";
  EXPECT_TRUE(std::isfinite(wide.log_density(std::vector<double>{0.5005})));
}

TEST(SpreadBandwidthTest, NarrowsAsPointsGatherAndHasAFloor) {
  // sd^2 = (n s^2 + 1/12) / (n + 1) with s^2 = 0.01: 0.0283333; width sd n^(-1/7).
  EXPECT_NEAR(spread_bandwidth({0.4, 0.5, 0.6}, 3),
              std::sqrt(0.028333333333333333) * std::pow(3.0, -1.0 / 7), 1e-14);
  EXPECT_GT(spread_bandwidth({0.1, 0.9}, 1), spread_bandwidth({0.49, 0.51}, 1));
  EXPECT_DOUBLE_EQ(spread_bandwidth(std::vector<double>(4000, 0.5), 1), 0.02);
}

TEST(NeighbourBandwidthsTest, TakesTheLargerDistanceToANeighbour) {
  EXPECT_EQ(neighbour_bandwidths({}), std::vector<double>{});
  EXPECT_EQ(neighbour_bandwidths({0.25}), std::vector<double>{0.75});
  const std::vector<double> widths = neighbour_bandwidths({0.9, 0.1, 0.5});
  EXPECT_DOUBLE_EQ(widths[0], 0.4);
  EXPECT_DOUBLE_EQ(widths[1], 0.4);
  EXPECT_DOUBLE_EQ(neighbour_bandwidths({0.5, 0.5})[0], 0.25) << "the clip";
}

}  // namespace
}  // namespace mizan::algorithms
