// What peers were caught at, in the order of a checklist: each algorithm that searches any space
// passes all of it. What the conformance suite holds for every row (distinct points of a batch,
// spaces of one point, nothing but failures or equal values, the cache) isn't repeated here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "algorithms/random_search.h"
#include "algorithms/registry.h"
#include "tests/support/random_problems.h"
#include "tests/support/small_problems.h"

namespace mizan::algorithms {
namespace {

using testing::problem_of;

Parameter uniform(std::string name, const std::string& low, const std::string& high,
                  const std::string& step = "") {
  return *make_double(std::move(name), {low, high, step}, Distribution::kUniform);
}

using Loss = std::function<double(const Point&)>;

class PitfallsTest : public ::testing::TestWithParam<std::string> {
 protected:
  const Algorithm& row() const { return *find_algorithm(GetParam()); }
  bool learns() const { return !row().can.history_free; }

  Query query(const Problem& problem, const History& history, std::uint64_t draw) const {
    return {problem, settings_, 11, history, {}, {}, draw};
  }
  // The points in order; a loss that isn't finite is a failure.
  std::vector<Point> run(const Problem& problem, std::size_t draws, const Loss& loss) const {
    std::vector<Point> points;
    History history;
    Cache cache;
    State state;
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
      Query q = query(problem, history, draw);
      q.state = state;
      Batch batch = row().make()->suggest(std::move(q), 1, cache);
      EXPECT_EQ(batch.proposals.size(), 1U) << "draw " << draw;
      if (batch.proposals.empty()) break;
      state = std::move(batch.state);
      points.push_back(batch.proposals[0].point);
      EXPECT_TRUE(problem.space.contains(points.back()));
      const double value = loss(points.back());
      Evaluation e = *testing::finished_evaluation(draw, points.back(), value);
      if (!std::isfinite(value)) {
        e.state = EvaluationState::kFailed;
        e.objectives.clear();
      }
      testing::add(history, std::make_shared<const Evaluation>(std::move(e)));
    }
    return points;
  }

 private:
  Settings settings_ = parse_settings(row().name, row().settings, {}).settings;
};

double least(const std::vector<Point>& points, const Loss& loss) {
  double best = std::numeric_limits<double>::infinity();
  for (const Point& point : points) best = std::min(best, loss(point));
  return best;
}

TEST_P(PitfallsTest, Nr3SearchesRangesBelowZeroAndLogarithmsFromOne) {
  const Problem problem = problem_of(
      {uniform("x", "-5", "0"), *make_int("n", {"1", "1000", ""}, Distribution::kLogUniform)});
  const auto points = run(
      problem, 40, [](const Point& p) { return std::fabs(p.values[0] + 1) + p.values[1] / 1e3; });
  const auto count = [&](const auto& wanted) {
    return std::count_if(points.begin(), points.end(), wanted);
  };
  EXPECT_GT(count([](const Point& p) { return p.values[0] < -2.5; }), 0);
  EXPECT_GT(count([](const Point& p) { return p.values[0] > -2.5; }), 0);
  EXPECT_GT(count([](const Point& p) { return p.values[1] < 32; }), 8)
      << "half of the logarithms are below 32";
}

TEST_P(PitfallsTest, Nr4IsNotFlattenedByOneHugeLossAmongSmallOnes) {
  if (!learns()) GTEST_SKIP() << "looks at no loss";
  const Problem problem = problem_of({uniform("a", "0", "1"), uniform("b", "0", "1")});
  const Loss loss = [](const Point& p) {
    return p.values[0] > 0.8
               ? 1e9
               : 0.1 + std::pow(p.values[0] - 0.3, 2) + std::pow(p.values[1] - 0.6, 2);
  };
  EXPECT_LT(least(run(problem, 45, loss), loss), 0.11);
}

TEST_P(PitfallsTest, Nr5And6FindsItsWayAfterTenFailuresAndThroughAPlateau) {
  const Problem problem = problem_of({uniform("a", "0", "1"), uniform("b", "0", "1")});
  int calls = 0;
  const Loss loss = [&](const Point& p) {
    if (++calls <= 10) return std::numeric_limits<double>::quiet_NaN();
    return p.values[0] < 0.7 ? 1.0 : 1 - p.values[0];
  };
  const auto points = run(problem, 50, loss);
  EXPECT_GT(
      std::count_if(points.begin(), points.end(), [](const Point& p) { return p.values[0] > 0.7; }),
      4);
}

TEST_P(PitfallsTest, Nr7AnswersTheSameInWhateverOrderResultsAreTold) {
  const Problem problem =
      problem_of({uniform("a", "0", "1"), *make_categorical("c", {"x", "y", "z"})});
  History forwards, backwards;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto told = [&](std::uint64_t draw) {
      const Point point = sample_point(problem.space, 5, draw, Purpose::kSample);
      return testing::finished_evaluation(draw, point, testing::smooth_value(problem, point));
    };
    testing::add(forwards, told(i));
    testing::add(backwards, told(29 - i));
    testing::add(backwards, told(29 - i));  // and twice
  }
  Cache one, other;
  EXPECT_EQ(row().make()->suggest(query(problem, forwards, 30), 2, one),
            row().make()->suggest(query(problem, backwards, 30), 2, other));
}

TEST_P(PitfallsTest, Nr10StillHasNewPointsAfterTwoThousandResults) {
  const Problem problem = problem_of({uniform("a", "0", "1"),
                                      *make_int("n", {"1", "1000000", ""}, Distribution::kUniform),
                                      *make_categorical("c", {"x", "y", "z"})});
  const auto record = testing::random_record(problem, 1, 2000, 0, testing::Outcomes::kOrdinary);
  Cache cache;
  const Batch batch = row().make()->suggest(query(problem, record.history, 2000), 3, cache);
  ASSERT_EQ(batch.proposals.size(), 3U);
  EXPECT_EQ(batch.next, Next::kMore);
  for (const Proposal& proposal : batch.proposals) {
    for (std::size_t i = 0; i < record.history.size(); ++i)
      EXPECT_NE(record.history[i].point, proposal.point);
  }
  EXPECT_LT(cache.bytes(), 4U << 20U) << "as much as the results themselves, not their square";
}

TEST_P(PitfallsTest, Nr11LooksAtManyOfTwoHundredCategories) {
  std::vector<std::string> words;
  for (int i = 0; i < 200; ++i) words.push_back(fmt::format("w{}", i));
  const Problem problem =
      problem_of({*make_categorical("word", std::move(words)), uniform("x", "0", "1")});
  const Loss loss = [](const Point& p) {
    return std::fmod(7 * p.values[0], 20) / 20 + std::fabs(p.values[1] - 0.5);
  };
  std::set<double> seen;
  for (const Point& point : run(problem, 60, loss)) seen.insert(point.values[0]);
  EXPECT_GE(seen.size(), 12U);
}

TEST_P(PitfallsTest, Nr12KeepsStepsOnTheirGridAndTheirTextShort) {
  const Problem problem = problem_of({uniform("x", "0", "0.75", "0.1")});
  for (const Point& point :
       run(problem, 8, [](const Point& p) { return std::fabs(p.values[0] - 0.3); })) {
    const std::string text = value_text(problem.space[0], point.values[0]);
    EXPECT_LE(text.size(), 3U) << text;
    EXPECT_LE(point.values[0], 0.7 + 1e-12);
  }
}

TEST_P(PitfallsTest, Nr13HoldsUnderNoise) {
  if (!learns()) GTEST_SKIP() << "looks at no loss";
  const Problem problem = problem_of({uniform("a", "0", "1"), uniform("b", "0", "1")});
  std::uint64_t calls = 0;
  const auto points = run(problem, 60, [&](const Point& p) {
    CounterRng rng(3, ++calls, Purpose::kSample);
    return std::pow(p.values[0] - 0.3, 2) + std::pow(p.values[1] - 0.6, 2) + 0.05 * rng.normal();
  });
  // Random points are 0.4 away on average.
  double away = 0;
  for (auto at = points.end() - 20; at != points.end(); ++at)
    away += std::hypot(at->values[0] - 0.3, at->values[1] - 0.6) / 20;
  EXPECT_LT(away, 0.33);
}

INSTANTIATE_TEST_SUITE_P(Each, PitfallsTest,
                         ::testing::Values("auto", "bayesianoptimization", "cmaes",
                                           "multivariate-tpe", "random", "sobol", "tpe"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace mizan::algorithms
