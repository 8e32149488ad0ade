// What Bayesian optimization does with results, beyond the conformance suite.
#include "algorithms/bayes/bayesian.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "algorithms/bayes/output_transform.h"
#include "algorithms/counter_rng.h"
#include "algorithms/recommend.h"
#include "tests/support/random_problems.h"
#include "tests/support/small_problems.h"

namespace mizan::algorithms {
namespace {

using testing::problem_of;
using testing::unit;

Settings settings(std::vector<NamedText> given = {}) {
  const Algorithm& row = *find_algorithm("bayesianoptimization");
  return parse_settings(row.name, row.settings, given).settings;
}

double best_of(const Problem& problem, std::size_t draws, std::uint64_t seed,
               const Settings& chosen, const std::function<double(const Point&)>& loss) {
  History history;
  Cache cache;
  double best = 1e300;
  for (std::uint64_t draw = 0; draw < draws; ++draw) {
    const Query query{problem, chosen, seed, history, {}, {}, draw};
    const Point point = make_bayesian()->suggest(query, 1, cache).proposals[0].point;
    const double value = loss(point);
    testing::add(history, testing::finished_evaluation(draw, point, value));
    best = std::min(best, value);
  }
  return best;
}

TEST(BayesianTest, ConvergesOnASmoothFunctionWithEachAcquisition) {
  const Problem problem = problem_of({unit("a"), unit("b")});
  const auto loss = [](const Point& p) {
    return std::pow(p.values[0] - 0.7, 2) + 2 * std::pow(p.values[1] - 0.2, 2);
  };
  for (const char* function : {"gp_hedge", "EI", "LCB"})
    EXPECT_LT(best_of(problem, 25, 1, settings({{"acq_func", function}}), loss), 1e-3) << function;
}

TEST(BayesianTest, FindsTheRightCategoryAndNumberTogether) {
  const Problem problem = problem_of({*make_categorical("w", {"a", "b", "c", "d"}), unit("x"),
                                      *make_int("n", {"1", "30", ""}, Distribution::kUniform)});
  const auto loss = [](const Point& p) {
    return (p.values[0] == 2 ? 0 : 0.5) + std::pow(p.values[1] - 0.4, 2) +
           std::pow((p.values[2] - 21) / 30, 2);
  };
  EXPECT_LT(best_of(problem, 40, 2, settings(), loss), 0.01);
}

TEST(BayesianTest, IsNotThrownOffByDivergingLosses) {
  const Problem problem = problem_of({unit("a"), unit("b")});
  const auto loss = [](const Point& p) {
    const double good = std::pow(p.values[0] - 0.45, 2) + std::pow(p.values[1] - 0.3, 2);
    return p.values[0] > 0.6 ? 1e9 * p.values[0] : good;
  };
  EXPECT_LT(best_of(problem, 30, 3, settings(), loss), 2e-3);
}

TEST(BayesianTest, GivesEveryBranchATurn) {
  Parameter own = unit("own");
  own.condition = Condition{0, {1}};
  const Problem problem = problem_of({*make_categorical("model", {"a", "b", "c"}), unit("x"), own});
  History history;
  Cache cache;
  std::vector<int> turns(3);
  for (std::uint64_t draw = 0; draw < 60; ++draw) {
    const Query query{problem, settings(), 3, history, {}, {}, draw};
    const Proposal made = make_bayesian()->suggest(query, 1, cache).proposals[0];
    if (made.mechanism.ends_with("-in-branch")) {
      const auto level = static_cast<std::size_t>(made.point.values[0]);
      ++turns[level];
      const std::string named = fmt::format("model = {}", "abc"[level]);
      EXPECT_NE(made.reason.find(named), std::string::npos) << made.reason;
    }
    // Model "a" is far the best: nothing else would look anywhere but there.
    const double loss = 10 * made.point.values[0] + std::pow(made.point.values[1] - 0.3, 2);
    testing::add(history, testing::finished_evaluation(draw, made.point, loss));
  }
  for (const int count : turns) EXPECT_GE(count, 1);
}

TEST(BayesianTest, LeavesABranchInWhichEveryPointIsInUse) {
  Parameter own = unit("own");
  own.condition = Condition{0, {0}};
  const Problem problem = problem_of({*make_categorical("model", {"a", "b"}), own});
  History history;  // the only point of "b" among many of "a"
  for (std::uint64_t draw = 0; draw < 12; ++draw) {
    const Point point =
        draw == 0 ? Point{{1, kInactive}} : Point{{0, static_cast<double>(draw) / 12}};
    testing::add(history, testing::finished_evaluation(draw, point, static_cast<double>(draw)));
  }
  for (std::uint64_t draw = 12; draw < 60; ++draw) {
    Cache cache;
    const Query query{problem, settings(), 4, history, {}, {}, draw};
    const Proposal made = make_bayesian()->suggest(query, 1, cache).proposals[0];
    EXPECT_EQ(made.point.values[0], 0) << made.reason;
    EXPECT_NE(made.mechanism, "random");
  }
}

TEST(BayesianTest, SpreadsParallelAsks) {
  const Problem problem = problem_of({unit("a"), unit("b")});
  const auto record = testing::random_record(problem, 1, 25, 0, testing::Outcomes::kOrdinary);
  const Settings chosen = settings();
  Cache cache;
  const Query query{problem, chosen, 3, record.history, {}, {}, 25};
  const Batch batch = make_bayesian()->suggest(query, 5, cache);
  double nearest = 1;
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      nearest = std::min(
          nearest,
          std::hypot(batch.proposals[i].point.values[0] - batch.proposals[j].point.values[0],
                     batch.proposals[i].point.values[1] - batch.proposals[j].point.values[1]));
  }
  EXPECT_GT(nearest, 1e-3);
}

TEST(BayesianTest, PredictsOnTheLossesOwnScale) {
  const Problem problem = problem_of({unit("a")});
  History history;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const double x = (static_cast<double>(i) + 0.5) / 20;
    testing::add(history,
                 testing::finished_evaluation(i, Point{{x}}, 1000 + 50 * std::pow(x - 0.5, 2)));
  }
  const Settings chosen = settings({{"acq_func", "EI"}});
  Cache cache;
  const Query query{problem, chosen, 3, history, {}, {}, 20};
  const Proposal proposal = make_bayesian()->suggest(query, 1, cache).proposals[0];
  ASSERT_TRUE(proposal.predicted_mean.has_value());
  EXPECT_NEAR(*proposal.predicted_mean, 1000, 5);
  EXPECT_LT(*proposal.predicted_sd, 20);
}

TEST(BayesianTest, SaysWhatBecomesOfKatibsOtherChoices) {
  const Algorithm& row = *find_algorithm("bayesianoptimization");
  const Problem problem = problem_of({unit("a")});
  EXPECT_TRUE(check_problem(row, problem, settings(), 0).warnings.empty());
  EXPECT_EQ(
      check_problem(
          row, problem,
          settings({{"base_estimator", "RF"}, {"acq_func", "PI"}, {"acq_optimizer", "sampling"}}),
          0)
          .warnings.size(),
      3U);
}

TEST(BayesianTest, FitsAtFixedCountsOnly) {
  for (std::size_t n = 0; n <= 20; ++n) EXPECT_EQ(last_fit_count(n), n);
  EXPECT_EQ(last_fit_count(21), 20U);
  EXPECT_EQ(last_fit_count(22), 22U);
  std::size_t fits = 0, last = 0;
  for (std::size_t n = 0; n <= 1000; ++n) {
    const std::size_t count = last_fit_count(n);
    EXPECT_LE(count, n);
    EXPECT_GE(count, last);
    fits += count != last ? 1 : 0;
    last = count;
  }
  EXPECT_LT(fits, 100U);
}

TEST(RecommendTest, TakesTheSmallestLossWithoutNoiseAndTheBestOnAverageWithIt) {
  const Problem problem = problem_of({unit("a")});
  const auto recommended = [&](double noise) {
    History history;
    CounterRng rng(3, 0, Purpose::kSample);
    double smallest = 1e300;
    std::size_t luckiest = 0;
    for (std::uint64_t i = 0; i < 60; ++i) {
      const double x = (static_cast<double>(i) + 0.5) / 60;
      const double loss = std::pow(x - 0.7, 2) + noise * rng.normal();
      if (loss < smallest) luckiest = i;
      smallest = std::min(smallest, loss);
      testing::add(history, testing::finished_evaluation(i, Point{{x}}, loss));
    }
    return std::pair(*recommend(problem, history), luckiest);
  };
  const auto exact = recommended(0);
  EXPECT_EQ(exact.first.index, exact.second);
  EXPECT_NEAR(exact.first.mean.value(), 0, 1e-3);
  const auto noisy = recommended(0.1);
  EXPECT_NEAR((static_cast<double>(noisy.first.index) + 0.5) / 60, 0.7, 0.12);
  EXPECT_NE(noisy.first.index, noisy.second);
  EXPECT_NEAR(noisy.first.mean.value(), 0, 0.1);
}

TEST(RecommendTest, HasNothingToSayOfNothingButFailures) {
  const Problem problem = problem_of({unit("a")});
  const auto record = testing::random_record(problem, 1, 10, 0, testing::Outcomes::kAllFailed);
  EXPECT_FALSE(recommend(problem, record.history).has_value());
  EXPECT_FALSE(recommend(problem, History()).has_value());
}

struct Rows {
  Problem problem = problem_of({unit("a")});
  EvaluationTable table;
  std::vector<std::size_t> all;
  explicit Rows(const std::vector<std::pair<EvaluationState, double>>& results) {
    History history;
    for (std::uint64_t i = 0; i < results.size(); ++i) {
      Evaluation e = *testing::finished_evaluation(i, Point{{0.5}}, results[i].second);
      e.state = results[i].first;
      testing::add(history, std::make_shared<const Evaluation>(e));
      all.push_back(i);
    }
    table.update(problem.space, history);
  }
};

TEST(OutputTransformTest, KeepsTheGoodHalfsShapeAndTamesTheBadHalf) {
  const auto complete = EvaluationState::kComplete;
  const Rows rows({{complete, 1},
                   {complete, 2},
                   {complete, 3},
                   {complete, 1e9},
                   {complete, 5},
                   {complete, 1e300}});
  const auto [v, centre, scale] = transform_values(rows.table, rows.all);
  EXPECT_NEAR(v.mean(), 0, 1e-12);
  EXPECT_NEAR(v.squaredNorm() / 6, 1, 1e-12);
  EXPECT_NEAR(v[1] - v[0], v[2] - v[1], 1e-12) << "equal steps stay equal";
  EXPECT_NEAR(centre + scale * v[0], 1, 1e-12);
  EXPECT_LT(v[4], v[3]);
  EXPECT_LT(v[3], v[5]);
  EXPECT_LT(v[5], 3);
}

TEST(OutputTransformTest, RanksStoppedRowsAtBestInTheMiddleAndFailuresLast) {
  const Rows rows({{EvaluationState::kComplete, 1},
                   {EvaluationState::kStopped, -50},
                   {EvaluationState::kComplete, 2},
                   {EvaluationState::kFailed, 0},
                   {EvaluationState::kComplete, 3}});
  const Eigen::VectorXd v = transform_values(rows.table, rows.all).values;
  EXPECT_GT(v[1], v[0]);
  EXPECT_GT(v[3], v[4]);
}

TEST(OutputTransformTest, TakesEqualValuesAndNothingButFailures) {
  const Rows equal({{EvaluationState::kComplete, 7}, {EvaluationState::kComplete, 7}});
  EXPECT_EQ(transform_values(equal.table, equal.all).values, Eigen::VectorXd::Zero(2));
  const Rows failed({{EvaluationState::kFailed, 0}, {EvaluationState::kInfeasible, 0}});
  EXPECT_TRUE(transform_values(failed.table, failed.all).values.allFinite());
}

}  // namespace
}  // namespace mizan::algorithms
