// Which algorithm `auto` takes when, and that noise is told from shape.
#include "algorithms/auto_search.h"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/counter_rng.h"
#include "tests/support/random_problems.h"

namespace mizan::algorithms {
namespace {

Problem problem_of(std::size_t parameters) {
  std::vector<Parameter> made;
  for (std::size_t i = 0; i < parameters; ++i)
    made.push_back(*make_double("x" + std::to_string(i), {"0", "1", ""}, Distribution::kUniform));
  Problem problem;
  problem.space = *SearchSpace::make(std::move(made));
  problem.objectives.push_back({"loss"});
  return problem;
}

TEST(AutoSearchTest, ChoosesByTheProblemAndItsResults) {
  Problem problem = problem_of(3);
  EXPECT_EQ(choose_for_draw(problem, 1, 30, 0).algorithm, "bayesianoptimization");
  EXPECT_EQ(choose_for_draw(problem, 1, 30, 0.5).algorithm, "multivariate-tpe");
  EXPECT_EQ(choose_for_draw(problem, 2, 30, 0.5).algorithm, "bayesianoptimization");
  EXPECT_EQ(choose_for_draw(problem, 1, 2000, 0).algorithm, "tpe");
  EXPECT_EQ(choose_for_draw(problem_of(100), 0, 5, 0).algorithm, "tpe");
  problem.parallelism = 16;
  EXPECT_EQ(choose_for_draw(problem, 2, 30, 0).algorithm, "multivariate-tpe");
  EXPECT_EQ(choose_for_draw(problem, 3, 30, 0).algorithm, "bayesianoptimization");
  problem.objectives.push_back({"latency"});
  EXPECT_EQ(choose_for_draw(problem, 3, 30, 0).algorithm, "random");
}

TEST(AutoSearchTest, TellsNoiseFromShape) {
  const Problem problem = problem_of(2);
  const auto share = [&](double noise) {
    CounterRng rng(5, 0, Purpose::kSample);
    History history;
    for (std::uint64_t i = 0; i < 60; ++i) {
      const double a = rng.uniform(), b = rng.uniform();
      const double loss = std::pow(a - 0.3, 2) + std::pow(b - 0.6, 2) + noise * rng.normal();
      testing::add(history, testing::finished_evaluation(i, Point{{a, b}}, loss));
    }
    EvaluationTable table;
    table.update(problem.space, history);
    return noise_share(problem.space, table, 60);
  };
  EXPECT_LT(share(0), 0.02);
  EXPECT_GT(share(0.2), 0.1);
}

TEST(AutoSearchTest, SaysWhichAlgorithmMadeTheDrawAndWhy) {
  const Problem problem = problem_of(2);
  const Algorithm& row = *find_algorithm("auto");
  const Settings settings = parse_settings(row.name, row.settings, {}).settings;
  const auto record = testing::random_record(problem, 1, 20, 1, testing::Outcomes::kOrdinary);
  Cache cache;
  const Query query{problem, settings, 3, record.history, record.pending, {}, 21};

  const Proposal proposal = row.make()->suggest(query, 1, cache).proposals[0];

  EXPECT_TRUE(proposal.mechanism.starts_with("bayesianoptimization/")) << proposal.mechanism;
  EXPECT_NE(proposal.reason.find("bayesianoptimization since"), std::string::npos);
}

}  // namespace
}  // namespace mizan::algorithms
