// Importance and averages against functions whose variance can be worked out on paper.
#include "algorithms/importance/importance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "algorithms/importance/forest.h"
#include "algorithms/random_search.h"
#include "tests/support/random_problems.h"

namespace mizan::algorithms {
namespace {

struct Results {
  SearchSpace space;
  EvaluationTable table;
};

Results results_of(std::vector<Parameter> parameters, std::size_t count,
                   const std::function<double(const std::vector<double>&)>& loss) {
  Results results{*SearchSpace::make(std::move(parameters)), {}};
  History history;
  for (std::size_t i = 0; i < count; ++i) {
    const Point point = sample_point(results.space, 3, i, Purpose::kSample);
    mizan::testing::add(
        history, mizan::testing::finished_evaluation(i, point, loss(results.space.to_unit(point))));
  }
  results.table.update(results.space, history);
  return results;
}

std::vector<Parameter> doubles(int count) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < count; ++i)
    parameters.push_back(
        *make_double("x" + std::to_string(i), {"0", "1", ""}, Distribution::kUniform));
  return parameters;
}

// Var(4 x0) = 16/12, Var(2 x1) = 4/12, Var(x2) = 1/12: shares 16/21, 4/21, 1/21 of the main
// effects.
double slopes(const std::vector<double>& u) { return 4 * u[0] + 2 * u[1] + u[2]; }

TEST(ForestTest, SplitsTheVarianceOfASumAsOnPaper) {
  const Results results = results_of(doubles(4), 2000, slopes);
  const auto forest = MarginalForest::make(results.space, results.table, 1);
  ASSERT_TRUE(forest);
  double interactions = 0;
  const Importance found = forest->main_effects(interactions);
  EXPECT_NEAR(found.share[0], 16.0 / 21, 0.06);
  EXPECT_NEAR(found.share[1], 4.0 / 21, 0.05);
  EXPECT_LT(found.share[3], 0.02);
  EXPECT_LT(interactions, 0.1);
  EXPECT_NEAR(std::accumulate(found.share.begin(), found.share.end(), interactions), 1, 0.02);
  EXPECT_EQ(found.results, 2000U);
  for (const double sd : found.sd) EXPECT_LT(sd, 0.2);
}

TEST(ForestTest, SeesAPureInteractionAsOne) {
  const Results results = results_of(doubles(2), 3000, [](const std::vector<double>& u) {
    return (u[0] < 0.5) == (u[1] < 0.5) ? 1.0 : 0.0;
  });
  double interactions = 0;
  const Importance found =
      MarginalForest::make(results.space, results.table, 1)->main_effects(interactions);
  EXPECT_GT(interactions, 0.8);
  EXPECT_LT(found.share[0], 0.1);
}

TEST(ForestTest, FollowsTheAverageAlongOneParameterAndAcrossTwo) {
  const Results results = results_of(doubles(3), 3000, slopes);
  const auto forest = MarginalForest::make(results.space, results.table, 2);
  const std::vector<double> at = {0.1, 0.5, 0.9};
  const Average line = forest->along(0, at);  // 4 x + 1 + 0.5
  for (std::size_t i = 0; i < at.size(); ++i) {
    EXPECT_NEAR(line.mean[i], 4 * at[i] + 1.5, 0.25);
    EXPECT_GT(line.sd[i], 0);
  }
  const std::vector<double> edge = {0.0, 1.0};
  EXPECT_NEAR(forest->along(0, edge).mean[1], 5.5, 0.4) << "the end belongs to the last box";
  const Average surface = forest->across(0, at, 1, edge);
  ASSERT_EQ(surface.mean.size(), 6U);
  EXPECT_NEAR(surface.mean[2 * 2 + 0], 4 * 0.9 + 0.5, 0.4);
  EXPECT_NEAR(surface.mean[0 * 2 + 1], 4 * 0.1 + 2 + 0.5, 0.4);
}

TEST(ForestTest, IsNotBlindedByDivergedResults) {
  Results results = results_of(doubles(3), 1000, [](const std::vector<double>& u) {
    return u[2] > 0.95 ? 1e12 * u[0] : slopes(u);
  });
  double interactions = 0;
  const Importance found =
      MarginalForest::make(results.space, results.table, 1)->main_effects(interactions);
  EXPECT_GT(found.share[0], 0.2);
}

TEST(PedAnovaTest, FindsTheParametersThatSetTheBestApart) {
  const Results results = results_of(doubles(5), 500, [](const std::vector<double>& u) {
    return 10 * std::fabs(u[1] - 0.3) + std::fabs(u[3] - 0.8);
  });
  const Importance found = ped_anova(results.space, results.table, 1);
  EXPECT_GT(found.share[1], 0.7);
  EXPECT_GT(found.share[1], found.share[3]);
  for (const std::size_t p : {0U, 2U, 4U}) EXPECT_LT(found.share[p], 0.1);
  EXPECT_NEAR(std::accumulate(found.share.begin(), found.share.end(), 0.0), 1, 1e-9);
  for (const double sd : found.sd) EXPECT_LT(sd, 0.2);
}

TEST(PedAnovaTest, DependsOnTheOrderOfValuesAlone) {
  const auto loss = [](const std::vector<double>& u) { return u[0] + 0.1 * u[1]; };
  const Results plain = results_of(doubles(2), 200, loss);
  const Results wild =
      results_of(doubles(2), 200, [&](const auto& u) { return std::exp(20 * loss(u)); });
  EXPECT_EQ(ped_anova(plain.space, plain.table, 1).share,
            ped_anova(wild.space, wild.table, 1).share);
}

TEST(PedAnovaTest, TakesCategoriesAndConditionalParameters) {
  Parameter child = *make_double("x", {"0", "1", ""}, Distribution::kUniform);
  child.condition = Condition{0, {1}};
  const Results results =
      results_of({*make_categorical("w", {"a", "b", "c"}), child,
                  *make_double("noise", {"0", "1", ""}, Distribution::kUniform)},
                 600, [](const std::vector<double>& u) {
                   const bool is_b = u[0] > 0.34 && u[0] < 0.66;
                   return is_b ? u[1] : 2;
                 });
  const Importance found = ped_anova(results.space, results.table, 1);
  EXPECT_GT(found.share[0], 0.3);
  EXPECT_GT(found.share[1], 0.2);
  EXPECT_LT(found.share[2], 0.05);
}

TEST(ImportanceTest, SaysNothingOfTooFewOrEqualResults) {
  const Results few = results_of(doubles(2), 9, [](const auto& u) { return u[0]; });
  EXPECT_FALSE(MarginalForest::make(few.space, few.table, 1));
  EXPECT_EQ(ped_anova(few.space, few.table, 1).share, (std::vector<double>{0, 0}));
  const Results equal = results_of(doubles(2), 50, [](const auto&) { return 1.0; });
  EXPECT_EQ(ped_anova(equal.space, equal.table, 1).share, (std::vector<double>{0, 0}));
  double interactions = 1;
  EXPECT_EQ(MarginalForest::make(equal.space, equal.table, 1)->main_effects(interactions).share,
            (std::vector<double>{0, 0}));
  EXPECT_EQ(interactions, 0);
}

TEST(ImportanceTest, HoldsForHistoriesOfEveryKind) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Problem problem = mizan::testing::random_problem(seed, {.conditions = true});
    const auto record =
        mizan::testing::random_record(problem, seed, 60, 0, mizan::testing::Outcomes::kEverything);
    EvaluationTable table;
    table.update(problem.space, record.history);
    for (const double share : ped_anova(problem.space, table, 1).share) {
      EXPECT_GE(share, 0);
      EXPECT_LE(share, 1);
    }
    const auto forest = MarginalForest::make(problem.space, table, 1);
    if (!forest) continue;
    double interactions = 0;
    for (const double share : forest->main_effects(interactions).share) {
      EXPECT_GE(share, 0);
      EXPECT_LE(share, 1 + 1e-9);
    }
  }
}

}  // namespace
}  // namespace mizan::algorithms
