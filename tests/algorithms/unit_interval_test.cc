// Declared distributions as unit coordinates. Golden values by mpmath 1.3 from the definitions in
// unit_interval.h.
#include "algorithms/unit_interval.h"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

TEST(UnitIntervalTest, IsTheDistributionFunctionOfEachContinuousDistribution) {
  const Parameter uniform = *make_double("x", {"-1", "3", ""}, Distribution::kUniform);
  const Parameter log_uniform = *make_double("x", {"0.0001", "1", ""}, Distribution::kLogUniform);
  const Parameter normal = *make_double("x", {"0", "10", ""}, Distribution::kNormal);
  const Parameter log_normal = *make_double("x", {"0.0001", "1", ""}, Distribution::kLogNormal);

  EXPECT_DOUBLE_EQ(to_unit(uniform, 0), 0.25);
  EXPECT_NEAR(to_unit(log_uniform, 0.01), 0.5, 1e-15);
  EXPECT_NEAR(to_unit(normal, 2), 0.0346740339015203845, 1e-15);
  EXPECT_NEAR(to_unit(log_normal, 0.001), 0.0656345030100685937, 1e-15);
}

TEST(UnitIntervalTest, ReachesBothEndsOfARange) {
  for (const Distribution d : {Distribution::kUniform, Distribution::kLogUniform,
                               Distribution::kNormal, Distribution::kLogNormal}) {
    const Parameter p = *make_double("x", {"0.003", "0.7", ""}, d);
    EXPECT_EQ(from_unit(p, 0), 0.003);
    EXPECT_EQ(from_unit(p, 1), 0.7);
    EXPECT_EQ(to_unit(p, 0.003), 0);
    EXPECT_EQ(to_unit(p, 0.7), 1);
    EXPECT_EQ(from_unit(p, -3), 0.003);
    EXPECT_EQ(to_unit(p, 99), 1);
  }
}

TEST(UnitIntervalTest, GivesLevelsCellsThatAreNotHalvedAtTheEnds) {
  const Parameter p = *make_int("n", {"1", "4", ""}, Distribution::kUniform);
  EXPECT_DOUBLE_EQ(to_unit(p, 1), 0.125);
  EXPECT_DOUBLE_EQ(to_unit(p, 4), 0.875);
  EXPECT_EQ(from_unit(p, 0.249), 1);
  EXPECT_EQ(from_unit(p, 0.251), 2);
}

TEST(UnitIntervalTest, PutsCellBordersAtGeometricMeansForLogarithms) {
  // 1, 2, 3: borders 1/sqrt(2), sqrt(2), sqrt(6), 3 sqrt(3/2) give 0.42062 and 0.75395 of the
  // logarithms' width.
  const Parameter p = *make_int("n", {"1", "3", ""}, Distribution::kLogUniform);
  EXPECT_NEAR(to_unit(p, 1), 0.420619835714304958 / 2, 1e-15);
  EXPECT_EQ(from_unit(p, 0.4206), 1);
  EXPECT_EQ(from_unit(p, 0.4207), 2);
  EXPECT_EQ(from_unit(p, 0.7539), 2);
  EXPECT_EQ(from_unit(p, 0.7540), 3);
}

TEST(UnitIntervalTest, GivesEachListedValueTheSameShare) {
  const Parameter p = *make_discrete("n", {"1", "10", "1000"});
  EXPECT_DOUBLE_EQ(to_unit(p, 10), 0.5);
  EXPECT_EQ(from_unit(p, 0.34), 10);
  EXPECT_EQ(from_unit(p, 1), 1000);
}

TEST(UnitIntervalTest, TakesEveryLevelThereAndBack) {
  for (const Distribution d : {Distribution::kUniform, Distribution::kLogUniform,
                               Distribution::kNormal, Distribution::kLogNormal}) {
    const Parameter parameters[] = {
        *make_int("n", {"1", "300", ""}, d), *make_int("n", {"2", "9", "3"}, d),
        *make_double("x", {"0.1", "25.0", "0.1"}, d), *make_int("n", {"1", "2", ""}, d)};
    for (const Parameter& p : parameters) {
      double last = -1;
      for (std::uint64_t k = 0; k < level_count(p); ++k) {
        const double u = to_unit(p, level_value(p, k));
        ASSERT_GT(u, last);
        ASSERT_EQ(from_unit(p, u), level_value(p, k));
        last = u;
      }
    }
  }
}

TEST(UnitIntervalTest, TakesContinuousValuesThereAndBackUpToRounding) {
  CounterRng rng(1, 0, Purpose::kSample);
  for (const Distribution d : {Distribution::kUniform, Distribution::kLogUniform,
                               Distribution::kNormal, Distribution::kLogNormal}) {
    const Parameter p = *make_double("x", {"0.0001", "3", ""}, d);
    for (int i = 0; i < 500; ++i) {
      const double x = from_unit(p, rng.uniform());
      ASSERT_NEAR(from_unit(p, to_unit(p, x)), x, 1e-9 * x);
    }
  }
}

TEST(UnitIntervalTest, SurvivesAnEnormousRangeOfInts) {
  for (const Distribution d :
       {Distribution::kUniform, Distribution::kLogUniform, Distribution::kNormal}) {
    const Parameter p = *make_int("n", {"1", "9007199254740992", ""}, d);
    for (const double u : {0.0, 1e-12, 0.3, 0.5, 1 - 1e-12, 1.0})
      EXPECT_TRUE(is_value_of(p, from_unit(p, u)));
  }
}

}  // namespace
}  // namespace mizan::algorithms
