// The cases of the suite.
#include "tests/support/optimizer_conformance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "algorithms/random_search.h"
#include "tests/support/small_problems.h"

namespace mizan::testing {
using namespace algorithms;

std::vector<Problem> OptimizerConformance::problems(std::uint64_t first_seed,
                                                    std::size_t count) const {
  std::vector<Problem> found;
  for (std::uint64_t seed = first_seed; found.size() < count && seed < first_seed + 50 * count;
       ++seed) {
    Problem problem = random_problem(seed, row().can);
    // One that wants a fidelity parameter is given the first that it takes.
    for (std::size_t i = 0; row().can.fidelity && i < problem.space.size(); ++i) {
      if (check_problem(row(), problem, settings(), 0).errors.empty()) break;
      problem.fidelity_parameter = i;
    }
    if (check_problem(row(), problem, settings(), 0).errors.empty())
      found.push_back(std::move(problem));
  }
  return found;
}

void OptimizerConformance::expect_proper(const Problem& problem, const Batch& batch) {
  EXPECT_LE(batch.state.size(), kMaxStateBytes);
  for (const Proposal& proposal : batch.proposals) {
    ASSERT_TRUE(problem.space.contains(proposal.point));
    EXPECT_FALSE(proposal.mechanism.empty());
    EXPECT_TRUE(!proposal.predicted_mean || std::isfinite(*proposal.predicted_mean));
    EXPECT_TRUE(!proposal.predicted_sd ||
                (std::isfinite(*proposal.predicted_sd) && *proposal.predicted_sd >= 0));
    for (std::size_t i = 0; i < problem.space.size(); ++i) {
      if (!proposal.point.is_active(i)) continue;
      const std::string text = value_text(problem.space[i], proposal.point.values[i]);
      EXPECT_EQ(parse_value(problem.space[i], text), proposal.point.values[i]) << text;
    }
  }
}

std::vector<Proposal> OptimizerConformance::run(const Problem& problem, std::size_t draws,
                                                std::size_t workers, Cache* kept) const {
  const auto optimizer = row().make();
  const Settings chosen = settings();
  std::vector<Proposal> proposals;
  std::deque<EvaluationPtr> running;
  History history;
  State state;
  while (proposals.size() < draws) {
    Query q{problem, chosen, 7, history, {running.begin(), running.end()}, state, proposals.size()};
    Cache fresh;
    Batch batch = optimizer->suggest(std::move(q), 1, kept != nullptr ? *kept : fresh);
    expect_proper(problem, batch);
    state = batch.state;
    for (Proposal& proposal : batch.proposals) {
      running.push_back(drawn_evaluation(proposals.size(), proposal));
      proposals.push_back(std::move(proposal));
    }
    if (batch.next == Next::kExhausted || (batch.next == Next::kWaitForResults && running.empty()))
      break;
    if (running.size() < workers && batch.next == Next::kMore) continue;
    add(history,
        finished_evaluation(*running.front(), smooth_value(problem, running.front()->point)));
    running.pop_front();
  }
  return proposals;
}

namespace {

bool is_used(const Record& record, const Point& point) {
  for (std::size_t i = 0; i < record.history.size(); ++i) {
    if (record.history[i].point == point) return true;
  }
  return std::any_of(record.pending.begin(), record.pending.end(),
                     [&](const auto& e) { return e->point == point; });
}

std::vector<Point> points_of(const std::vector<Proposal>& proposals) {
  std::vector<Point> points;
  for (const Proposal& proposal : proposals) points.push_back(proposal.point);
  return points;
}

bool are_distinct(const std::vector<Point>& points) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (points[i] == points[j]) return false;
    }
  }
  return true;
}

}  // namespace

TEST_P(OptimizerConformance, GivesEqualAnswersToEqualQuestions) {
  for (const Problem& problem : problems(100, 12)) {
    const Settings chosen = settings();
    const Record record = random_record(problem, 3, 25, 3, Outcomes::kEverything);

    EXPECT_EQ(ask(query(problem, chosen, record), 3), ask(query(problem, chosen, record), 3));
  }
}

TEST_P(OptimizerConformance, AnswersTheSameWithTheCacheKeptDroppedOrFromAnotherHistory) {
  const std::vector<Problem> all = problems(200, 8);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Settings chosen = settings();
    Cache kept, foreign;
    const Problem& other = all[(i + 1) % all.size()];
    const Record elsewhere = random_record(other, 99, 18, 2, Outcomes::kOrdinary);
    ask(query(other, chosen, elsewhere), 2, foreign);
    for (const std::size_t finished : {0U, 1U, 9U, 10U, 24U, 5U}) {  // also back in time
      const Record record = random_record(all[i], 4, finished, 2, Outcomes::kOrdinary);
      const Query q = query(all[i], chosen, record);

      const Batch fresh = ask(q, 2);

      EXPECT_EQ(ask(q, 2, kept), fresh) << "kept, after " << finished;
      EXPECT_EQ(ask(q, 2, foreign), fresh) << "foreign, after " << finished;
    }
  }
}

TEST_P(OptimizerConformance, RunsTheSameWithTheCacheKeptAndDroppedBeforeEveryCall) {
  for (const Problem& problem : problems(300, 4)) {
    Cache cache;

    EXPECT_EQ(run(problem, 22, 2, &cache), run(problem, 22, 2, nullptr));
  }
}

TEST_P(OptimizerConformance, NoticesAnEditedResultInsideItsCachedHistory) {
  for (const Problem& problem : problems(350, 4)) {
    const Settings chosen = settings();
    Cache kept;
    Record record = random_record(problem, 5, 20, 0, Outcomes::kOrdinary);
    ask(query(problem, chosen, record), 1, kept);

    Evaluation edited = record.history[7];
    edited.objectives[0] = -100;
    add(record.history, std::make_shared<const Evaluation>(edited));
    const Query q = query(problem, chosen, record);

    EXPECT_EQ(ask(q, 2, kept), ask(q, 2));
  }
}

TEST_P(OptimizerConformance, GivesTheSamePointsInABatchAsOneByOne) {
  for (const Problem& problem : problems(400, 8)) {
    const Settings chosen = settings();
    Record record = random_record(problem, 6, 14, 1, Outcomes::kOrdinary);
    const Batch batch = ask(query(problem, chosen, record), 4);

    std::vector<Proposal> singles;
    State state;
    for (int i = 0; i < 4; ++i) {
      Query q = query(problem, chosen, record);
      q.state = state;
      const Batch one = ask(q, 1);
      state = one.state;
      if (one.proposals.empty()) break;
      record.pending.push_back(drawn_evaluation(q.draw, one.proposals[0]));
      singles.push_back(one.proposals[0]);
      if (one.next != Next::kMore) break;
    }

    EXPECT_EQ(points_of(batch.proposals), points_of(singles));
    EXPECT_EQ(batch.state, state);
  }
}

TEST_P(OptimizerConformance, StaysInsideTheSpaceWhateverTheHistoryHolds) {
  for (const Problem& problem : problems(500, 30)) {
    const Settings chosen = settings();
    for (const Outcomes outcomes :
         {Outcomes::kEverything, Outcomes::kConstant, Outcomes::kAllFailed}) {
      for (const std::size_t finished : {0U, 2U, 12U, 40U}) {
        const Record record = random_record(problem, finished + 1, finished, 2, outcomes);

        expect_proper(problem, ask(query(problem, chosen, record), 2));
      }
    }
  }
}

TEST_P(OptimizerConformance, NeverRepeatsAPointWhileANewOneExists) {
  for (const Problem& problem : problems(600, 30)) {
    if (!problem.space.is_finite()) continue;
    const Settings chosen = settings();
    const Record record = random_record(problem, 8, 15, 2, Outcomes::kOrdinary);
    std::vector<Point> used;
    for (std::size_t i = 0; i < record.history.size(); ++i) used.push_back(record.history[i].point);
    for (const auto& e : record.pending) used.push_back(e->point);

    const Batch batch = ask(query(problem, chosen, record), 3);

    std::size_t different = 0;
    for (std::size_t i = 0; i < used.size(); ++i)
      different += std::find(used.begin(), used.begin() + static_cast<std::ptrdiff_t>(i),
                             used[i]) == used.begin() + static_cast<std::ptrdiff_t>(i)
                       ? 1
                       : 0;
    const std::uint64_t left = *problem.space.cardinality() - different;
    const std::size_t fresh = std::min<std::size_t>(left, batch.proposals.size());
    const std::vector<Point> points = points_of(batch.proposals);
    for (std::size_t i = 0; i < fresh; ++i) EXPECT_FALSE(is_used(record, points[i]));
    EXPECT_TRUE(
        are_distinct({points.begin(), points.begin() + static_cast<std::ptrdiff_t>(fresh)}));
  }
}

TEST_P(OptimizerConformance, DrawsEveryPointOfASmallSpaceOnceBeforeAnyTwice) {
  const Problem problem = problem_of(
      {*make_int("a", {"1", "4", ""}, Distribution::kUniform), *make_discrete("b", {"1", "2", "4"}),
       *make_double("c", {"0", "0.2", "0.1"}, Distribution::kUniform)});
  if (!check_problem(row(), problem, settings(), 0).errors.empty())
    GTEST_SKIP() << "refused by its row";

  EXPECT_TRUE(are_distinct(points_of(run(problem, 36, 3, nullptr))));
}

TEST_P(OptimizerConformance, FourAsksWithoutAResultGiveFourPoints) {
  for (const Problem& problem : problems(700, 10)) {
    if (problem.space.is_finite() && *problem.space.cardinality() < 4) continue;
    const Settings chosen = settings();
    const Record none;

    const std::vector<Point> points = points_of(ask(query(problem, chosen, none), 4).proposals);

    EXPECT_TRUE(are_distinct(points));
  }
}

TEST_P(OptimizerConformance, TakesASpaceOfOnePoint) {
  const Problem problem = problem_of({*make_int("a", {"3", "3", ""}, Distribution::kLogUniform),
                                      *make_double("b", {"0.5", "0.5", ""}, Distribution::kNormal),
                                      *make_discrete("c", {"8"})});
  if (!check_problem(row(), problem, settings(), 0).errors.empty())
    GTEST_SKIP() << "refused by its row";
  const Settings chosen = settings();
  for (const std::size_t finished : {0U, 1U, 12U}) {
    const Record record = random_record(problem, 1, finished, 0, Outcomes::kOrdinary);
    const Batch batch = ask(query(problem, chosen, record), 2);

    expect_proper(problem, batch);
    EXPECT_TRUE(!batch.proposals.empty() || batch.next == Next::kExhausted);
  }
}

TEST_P(OptimizerConformance, TakesTwoHundredParameters) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 200; ++i)
    parameters.push_back(*make_double(fmt::format("x{}", i),
                                      {"0", "1", row().can.continuous ? "" : "0.1"},
                                      Distribution::kUniform));
  const Problem problem = problem_of(std::move(parameters));
  const Settings chosen = settings();
  const Record record = random_record(problem, 2, 30, 1, Outcomes::kOrdinary);

  const Batch batch = ask(query(problem, chosen, record), 2);

  expect_proper(problem, batch);
  EXPECT_EQ(batch.proposals.size(), 2U);
}

TEST_P(OptimizerConformance, TakesAThousandCategories) {
  if (!row().can.categorical) GTEST_SKIP() << "no categories";
  std::vector<std::string> words;
  for (int i = 0; i < 1000; ++i) words.push_back(fmt::format("w{}", i));
  const Problem problem = problem_of({*make_categorical("word", std::move(words)),
                                      *make_int("n", {"1", "3", ""}, Distribution::kUniform)});
  const Settings chosen = settings();
  const Record record = random_record(problem, 3, 40, 1, Outcomes::kOrdinary);

  const Batch batch = ask(query(problem, chosen, record), 3);

  expect_proper(problem, batch);
  EXPECT_EQ(batch.proposals.size(), 3U);
}

TEST_P(OptimizerConformance, IgnoresForeignAndBrokenState) {
  for (const Problem& problem : problems(800, 6)) {
    const Settings chosen = settings();
    const Record record = random_record(problem, 9, 12, 1, Outcomes::kOrdinary);
    for (const State& state :
         {State("nonsense"), State(kMaxStateBytes, '\x01'), State("{\"version\":999}")}) {
      Query q = query(problem, chosen, record);
      const Batch without = ask(q, 2);
      q.state = state;

      EXPECT_EQ(points_of(ask(q, 2).proposals), points_of(without.proposals));
    }
  }
}

TEST_P(OptimizerConformance, TakesAZeroBudgetAndManyWorkers) {
  for (Problem problem : problems(900, 6)) {
    problem.budget_left = 0;
    problem.parallelism = 1000;
    const Settings chosen = settings();
    const Record record = random_record(problem, 10, 3, 60, Outcomes::kOrdinary);

    expect_proper(problem, ask(query(problem, chosen, record), 2));
  }
}

TEST_P(OptimizerConformance, DependsOnItsSeedAndNothingHidden) {
  for (const Problem& problem : problems(1000, 5)) {
    const Settings chosen = settings();
    const Record record = random_record(problem, 11, 12, 0, Outcomes::kOrdinary);
    const Batch before = ask(query(problem, chosen, record, 1), 2);
    ask(query(problem, chosen, record, 2), 2);

    EXPECT_EQ(ask(query(problem, chosen, record, 1), 2), before);
  }
}

}  // namespace mizan::testing
