// What the two TPE algorithms learn, beyond the conformance suite.
#include "algorithms/tpe/tpe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "algorithms/counter_rng.h"
#include "tests/support/random_problems.h"
#include "tests/support/small_problems.h"

namespace mizan::algorithms {
namespace {

using testing::problem_of;
using testing::unit;

class TpeTest : public ::testing::TestWithParam<std::string> {
 protected:
  const Algorithm& row() const { return *find_algorithm(GetParam()); }
  Settings settings() const { return parse_settings(row().name, row().settings, {}).settings; }

  std::vector<double> best_so_far(const Problem& problem, std::size_t draws, std::uint64_t seed,
                                  const std::function<double(const Point&)>& loss) const {
    History history;
    Cache cache;
    std::vector<double> best;
    const Settings chosen = settings();
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
      const Query query{problem, chosen, seed, history, {}, {}, draw};
      const Point point = row().make()->suggest(query, 1, cache).proposals[0].point;
      const double value = loss(point);
      testing::add(history, testing::finished_evaluation(draw, point, value));
      best.push_back(best.empty() ? value : std::min(best.back(), value));
    }
    return best;
  }
};

TEST_P(TpeTest, LeavesRandomSearchBehindOnASmoothFunction) {
  const Problem problem = problem_of({unit("a"), unit("b"), unit("c")});
  const auto loss = [](const Point& p) {
    return std::pow(p.values[0] - 0.7, 2) + std::pow(p.values[1] - 0.2, 2) +
           std::pow(p.values[2] - 0.9, 2);
  };
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) sum += best_so_far(problem, 60, seed, loss).back();
  // Random search's best of 60 has a mean of about 0.017 (the radius that 1/60 of the cube's volume
  // takes).
  EXPECT_LT(sum / 8, 0.008);
}

TEST_P(TpeTest, FindsTheBranchOfAConditionalSpaceAndTunesIt) {
  Parameter gamma = unit("gamma"),
            depth = *make_int("depth", {"1", "20", ""}, Distribution::kUniform);
  gamma.condition = Condition{0, {0}};
  depth.condition = Condition{0, {1}};
  const Problem problem =
      problem_of({*make_categorical("model", {"svm", "tree", "knn"}), gamma, depth});
  const auto loss = [](const Point& p) {
    if (p.values[0] == 0) return 0.5 + std::fabs(p.values[1] - 0.3);
    if (p.values[0] == 1) return 0.05 * std::fabs(p.values[2] - 13);
    return 1.0;
  };
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) sum += best_so_far(problem, 50, seed, loss).back();
  EXPECT_LT(sum / 8, 0.06);
}

TEST_P(TpeTest, LooksAtTheOrderOfValuesAlone) {
  const Problem problem = problem_of({unit("a"), unit("b")});
  const auto record = testing::random_record(problem, 1, 30, 2, testing::Outcomes::kOrdinary);
  History stretched;
  for (std::size_t i = 0; i < record.history.size(); ++i) {
    Evaluation e = record.history[i];
    e.objectives[0] = std::exp(200 * e.objectives[0]);  // up to 1e80
    testing::add(stretched, std::make_shared<const Evaluation>(e));
  }
  Cache cache;
  const Settings chosen = settings();
  const Query plain{problem, chosen, 3, record.history, record.pending, {}, 32};
  const Query outliers{problem, chosen, 3, stretched, record.pending, {}, 32};

  EXPECT_EQ(row().make()->suggest(plain, 3, cache), row().make()->suggest(outliers, 3, cache));
}

TEST_P(TpeTest, SpreadsParallelAsks) {
  const Problem problem = problem_of({unit("a"), unit("b")});
  const auto record = testing::random_record(problem, 1, 40, 0, testing::Outcomes::kOrdinary);
  Cache cache;
  const Settings chosen = settings();
  const Query query{problem, chosen, 3, record.history, {}, {}, 40};
  const Batch batch = row().make()->suggest(query, 6, cache);
  double nearest = 1;
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      nearest = std::min(
          nearest,
          std::hypot(batch.proposals[i].point.values[0] - batch.proposals[j].point.values[0],
                     batch.proposals[i].point.values[1] - batch.proposals[j].point.values[1]));
  }
  EXPECT_GT(nearest, 1e-3);
}

TEST_P(TpeTest, CountsFailuresAmongTheOthers) {
  // Left of 0.5 every trial fails. Left out, they would make that half look unexplored.
  const Problem problem = problem_of({unit("a")});
  const auto inside = [&](bool excluded) {
    History history;
    for (std::uint64_t i = 0; i < 40; ++i) {
      const double x = (static_cast<double>(i) + 0.5) / 40;
      Evaluation e = *testing::finished_evaluation(i, Point{{x}}, std::fabs(x - 0.6));
      if (x < 0.5) {
        e.state = EvaluationState::kFailed;
        e.objectives.clear();
        e.excluded = excluded;
      }
      testing::add(history, std::make_shared<const Evaluation>(e));
    }
    const Settings chosen = settings();
    int count = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      Cache cache;
      const Query query{problem, chosen, seed, history, {}, {}, 40};
      count += row().make()->suggest(query, 1, cache).proposals[0].point.values[0] > 0.5 ? 1 : 0;
    }
    return count;
  };
  EXPECT_GE(inside(false), inside(true) + 8);
}

TEST_P(TpeTest, BeginsInTheMiddle) {
  const Problem problem =
      problem_of({unit("a"), *make_int("n", {"1", "9", ""}, Distribution::kUniform)});
  Cache cache;
  const Settings chosen = settings();
  const History none;
  const Query query{problem, chosen, 3, none, {}, {}, 0};
  EXPECT_EQ(row().make()->suggest(query, 1, cache).proposals[0].point, (Point{{0.5, 5}}));
}

INSTANTIATE_TEST_SUITE_P(Both, TpeTest, ::testing::Values("tpe", "multivariate-tpe"),
                         [](const auto& info) {
                           return std::string(info.param == "tpe" ? "tpe" : "multivariate");
                         });

TEST(TpeMixtureTest, FollowsADiagonalValleyWithJointDrawsBetterThanWithSeparateOnes) {
  const Problem problem = problem_of({unit("a"), unit("b")});
  History history;
  CounterRng rng(1, 0, Purpose::kSample);
  for (std::uint64_t i = 0; i < 150; ++i) {
    const double a = rng.uniform(), b = rng.uniform();
    testing::add(history, testing::finished_evaluation(i, Point{{a, b}}, std::fabs(a - b)));
  }
  for (const char* name : {"tpe", "multivariate-tpe"}) {
    const Algorithm& row = *find_algorithm(name);
    const Settings chosen = parse_settings(row.name, row.settings, {}).settings;
    double sums[2] = {0, 0}, counts[2] = {0, 0};
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      Cache cache;
      const Query query{problem, chosen, seed, history, {}, {}, 150};
      const Proposal proposal = row.make()->suggest(query, 1, cache).proposals[0];
      const bool joint = proposal.reason.find("together") != std::string::npos;
      sums[joint] += std::fabs(proposal.point.values[0] - proposal.point.values[1]);
      ++counts[joint];
    }
    EXPECT_GT(counts[0], 10) << name;
    EXPECT_GT(counts[1], 10) << name;
    EXPECT_LT(sums[1] / counts[1], 0.5 * sums[0] / counts[0]) << name;
  }
}

TEST(TpeSplitTest, CountsGoodResultsByEitherRule) {
  EXPECT_EQ(good_count(0, std::nullopt), 0U);
  EXPECT_EQ(good_count(1, std::nullopt), 1U);
  EXPECT_EQ(good_count(11, std::nullopt), 2U);
  EXPECT_EQ(good_count(10000, std::nullopt), 25U);
  EXPECT_EQ(good_count(100, 0.25), 3U);
  EXPECT_EQ(good_count(2, 0.9), 2U);
}

TEST(TpeGroupsTest, PutsParametersTogetherThatAreActiveTogether) {
  Parameter b = unit("b"), c = unit("c"), d = unit("d");
  b.condition = Condition{3, {0}};
  c.condition = Condition{3, {1}};
  d.condition = Condition{3, {0}};
  const SearchSpace space =
      *SearchSpace::make({unit("a"), b, c, *make_categorical("w", {"x", "y"}), d});
  using Groups = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(parameter_groups(space, true), (Groups{{0, 3}, {4, 1}, {2}}));
  EXPECT_EQ(parameter_groups(space, false).size(), 5U);
}

}  // namespace
}  // namespace mizan::algorithms
