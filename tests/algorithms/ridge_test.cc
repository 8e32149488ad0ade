// Least squares, and its honest errors against fits that really leave a row out.
#include "algorithms/regression/ridge.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mizan::algorithms {
namespace {

struct Data {
  std::vector<std::vector<double>> rows;
  std::vector<double> targets, scales;
};

Data noisy_line(int n) {
  Data data;
  for (int i = 0; i < n; ++i) {
    data.rows.push_back({1, i * 0.7, std::cos(i)});
    data.targets.push_back(5 + 2 * i * 0.7 - 3 * std::cos(i) + 0.1 * std::sin(i * 12.9));
    data.scales.push_back(1 + 0.1 * i);
  }
  return data;
}

TEST(RidgeTest, FindsTheWeights) {
  const Data data = noisy_line(40);
  const auto fit = fit_ridge(data.rows, data.targets, data.scales);

  ASSERT_TRUE(fit.has_value());
  EXPECT_NEAR(fit->weights[0], 5, 0.1);
  EXPECT_NEAR(fit->weights[1], 2, 0.02);
  EXPECT_NEAR(fit->weights[2], -3, 0.1);
  EXPECT_NEAR(fit->predict(std::vector<double>{1, 2, 0}), 9, 0.1);
}

TEST(RidgeTest, SaysOfEachRowWhatAFitWithoutItWouldSay) {
  const Data data = noisy_line(12);
  const auto whole = fit_ridge(data.rows, data.targets, data.scales, 1e-9);
  ASSERT_TRUE(whole.has_value());
  for (std::size_t left = 0; left < data.rows.size(); ++left) {
    Data rest = data;
    const auto at = static_cast<std::ptrdiff_t>(left);
    rest.rows.erase(rest.rows.begin() + at);
    rest.targets.erase(rest.targets.begin() + at);
    rest.scales.erase(rest.scales.begin() + at);
    const auto without = fit_ridge(rest.rows, rest.targets, rest.scales, 1e-9);
    ASSERT_TRUE(without.has_value());
    EXPECT_NEAR(whole->left_out[left], without->predict(data.rows[left]), 1e-5);
  }
}

TEST(RidgeTest, AColumnOfZerosDoesNoHarm) {
  Data data = noisy_line(20);
  for (std::vector<double>& row : data.rows) row.push_back(0);
  const auto fit = fit_ridge(data.rows, data.targets, data.scales);
  ASSERT_TRUE(fit.has_value());
  EXPECT_NEAR(fit->predict(std::vector<double>{1, 2, 0, 0}), 9, 0.1);
  const double far = fit->leverage(std::vector<double>{1, 2, 0, 1});
  EXPECT_TRUE(std::isfinite(far)) << far;
  EXPECT_GT(far, 1) << "nothing is known of what it does there";
}

TEST(RidgeTest, LeverageIsLargeFarAway) {
  const Data data = noisy_line(20);
  const auto fit = fit_ridge(data.rows, data.targets, std::vector<double>(20, 1.0));
  ASSERT_TRUE(fit.has_value());
  EXPECT_LT(fit->leverage(data.rows[10]), 0.5);
  EXPECT_GT(fit->leverage(std::vector<double>{1, 500, 0}), 1);
}

TEST(RidgeTest, RefusesWhatCanNotBeFitted) {
  EXPECT_FALSE(fit_ridge({}, {}, {}).has_value());
  const std::vector<std::vector<double>> two{{1, 2}, {1, 3}};
  EXPECT_FALSE(fit_ridge(two, std::vector<double>{1, 2}, std::vector<double>{1, 1}).has_value())
      << "no more rows than columns";
}

TEST(RidgeTest, CopesWithColumnsThatSayTheSame) {
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (int i = 0; i < 10; ++i) {
    rows.push_back({1, i * 1.0, i * 2.0, 0});
    targets.push_back(i * 3.0);
  }
  const auto fit = fit_ridge(rows, targets, std::vector<double>(10, 1.0));
  ASSERT_TRUE(fit.has_value());
  EXPECT_NEAR(fit->predict(std::vector<double>{1, 4, 8, 0}), 12, 0.01);
}

}  // namespace
}  // namespace mizan::algorithms
