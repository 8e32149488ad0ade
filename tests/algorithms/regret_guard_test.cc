// Optimizers stay as good as they are: relative regret on a few generated problems, with room for
// chance. scripts/bench optimizers measures it properly.
#include <gtest/gtest.h>

#include <algorithm>

#include "algorithms/random_search.h"
#include "tests/bench/optimizers/run.h"
#include "tests/bench/optimizers/statistics.h"

namespace mizan::bench {
namespace {

constexpr std::size_t kBudgets[] = {40};
constexpr std::uint64_t kSeeds = 1;

Regrets regrets_of(const std::string& name, const std::vector<BenchProblem>& problems,
                   std::uint64_t seeds) {
  const algorithms::Algorithm& row = *algorithms::find_algorithm(name);
  Regrets regrets;
  for (const BenchProblem& problem : problems) {
    regrets.emplace_back();
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const RunPlan plan{&row, algorithms::parse_settings(row.name, row.settings, {}).settings,
                         seed, 1, kBudgets};
      regrets.back().push_back(std::max(0.0, run(problem, plan).losses.front() - problem.best));
    }
  }
  return regrets;
}

struct Guard {
  std::string algorithm;
  double most;  // relative regret after 40 results; random search's is 1
};

class RegretGuard : public ::testing::TestWithParam<Guard> {};

TEST_P(RegretGuard, LeavesRandomSearchBehind) {
  std::vector<BenchProblem> problems;
  for (const char* family : {"smooth", "mixed", "lists"}) {
    for (BenchProblem& problem : make_family(family, 11)) problems.push_back(std::move(problem));
  }
  const Regrets random = regrets_of("random", problems, 12);
  const double own =
      mean_relative_regret(regrets_of(GetParam().algorithm, problems, kSeeds), random).mean;
  RecordProperty("relative_regret", std::to_string(own));
  EXPECT_LT(own, GetParam().most);
}

INSTANTIATE_TEST_SUITE_P(Each, RegretGuard,
                         ::testing::Values(Guard{"bayesianoptimization", 0.55}, Guard{"auto", 0.55},
                                           Guard{"tpe", 0.8}, Guard{"multivariate-tpe", 0.8}),
                         [](const auto& info) {
                           std::string name = info.param.algorithm;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RelativeRegretTest, IsTheMeanOverProblemsOfTheRatioToRandomSearch) {
  EXPECT_DOUBLE_EQ(relative_regret({1, 3}, {4, 4}), 0.5);
  EXPECT_DOUBLE_EQ(relative_regret({0}, {0, 0}), 1) << "nothing was left to gain";
  const Interval all = mean_relative_regret({{1, 3}, {4, 4}}, {{4, 4}, {4, 4}});
  EXPECT_DOUBLE_EQ(all.mean, 0.75);
  EXPECT_LE(all.low, all.mean);
  EXPECT_GE(all.high, all.mean);
}

TEST(BenchProblemsTest, HaveABestValueThatNoPointBeats) {
  for (const char* family : {"smooth", "wide", "mixed", "lists", "conditional"}) {
    for (const BenchProblem& problem : make_family(family, 5)) {
      for (std::uint64_t draw = 0; draw < 50; ++draw) {
        const double loss = problem.loss(
            algorithms::sample_point(problem.problem.space, 9, draw, algorithms::Purpose::kSample));
        EXPECT_FALSE(loss < problem.best - 1e-9) << family << "/" << problem.name;
      }
    }
  }
}

}  // namespace
}  // namespace mizan::bench
