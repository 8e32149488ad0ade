// The margin's masses, worked back with the normal distribution.
#include "algorithms/cmaes/level_margin.h"

#include <gtest/gtest.h>

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

double below(Marginal m, double border) { return normal_cdf((border - m.mean) / m.deviation); }

TEST(LevelMarginTest, LeavesHalfOfAlphaOnEachSideOfAnInnerCell) {
  const UnitCell cell{0.4, 0.6};
  for (const double alpha : {0.01, 0.05, 0.2}) {
    for (const double mean : {0.41, 0.5, 0.599}) {
      const Marginal kept = with_margin({mean, 1e-4}, cell, alpha);
      EXPECT_GE(below(kept, 0.4), alpha / 2 * (1 - 1e-9)) << alpha << " " << mean;
      EXPECT_GE(1 - below(kept, 0.6), alpha / 2 * (1 - 1e-9)) << alpha << " " << mean;
      EXPECT_GT(kept.mean, 0.4);
      EXPECT_LT(kept.mean, 0.6);
    }
  }
}

TEST(LevelMarginTest, LeavesAlphaBeyondTheOneBorderOfAnOuterCell) {
  const Marginal low = with_margin({0.01, 0.02}, {0, 0.25}, 0.1);
  EXPECT_NEAR(1 - below(low, 0.25), 0.1, 1e-9);
  const Marginal high = with_margin({0.99, 0.02}, {0.75, 1}, 0.1);
  EXPECT_NEAR(below(high, 0.75), 0.1, 1e-9);
}

TEST(LevelMarginTest, LeavesAWideDistributionAndASingleCellAlone) {
  const Marginal wide{0.5, 0.3};
  EXPECT_EQ(with_margin(wide, {0.4, 0.6}, 0.1).deviation, wide.deviation);
  EXPECT_EQ(with_margin({0.5, 1e-5}, {0, 1}, 0.1).deviation, 1e-5);
}

TEST(LevelMarginTest, FindsPlacesInsideACellByTheDistributionsShapeThere) {
  // Far below its cell, a normal is steep there: half of its mass lies near the lower border.
  EXPECT_LT(within_cell({0, 0.1}, {0.5, 1}, 0.5), 0.52);
  EXPECT_GT(within_cell({1, 0.1}, {0, 0.5}, 0.5), 0.48);
  EXPECT_NEAR(within_cell({0.5, 10}, {0.4, 0.6}, 0.25), 0.45, 1e-3);
  for (const double u : {1e-9, 0.5, 1 - 1e-9}) {
    for (const double deviation : {1e-12, 1e-3, 1e3}) {
      const double x = within_cell({0.9, deviation}, {0.1, 0.2}, u);
      EXPECT_GE(x, 0.1);
      EXPECT_LE(x, 0.2);
    }
  }
}

}  // namespace
}  // namespace mizan::algorithms
