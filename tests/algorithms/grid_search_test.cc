// Grid search: documented order, shuffles, skipping, exhaustion, and grids too large to write out.
#include "algorithms/grid_search.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/random_problems.h"
#include "tests/support/small_problems.h"

namespace mizan::algorithms {
namespace {

using testing::problem_of;

Problem small_problem() {
  return problem_of({*make_int("n", {"1", "2", ""}, Distribution::kUniform),
                     *make_categorical("w", {"b", "a"}),
                     *make_double("x", {"0.1", "0.3", "0.1"}, Distribution::kUniform)});
}

Batch ask(const Problem& problem, const History& history, std::size_t count, State state = {},
          const Settings& settings = {}) {
  Cache cache;
  const Query query{problem, settings, 1, history, {}, std::move(state), 0};
  return make_grid_search()->suggest(query, count, cache);
}

std::string text_of(const Problem& problem, const Point& point) {
  std::string text;
  for (std::size_t i = 0; i < point.values.size(); ++i)
    text += (i == 0 ? "" : " ") +
            (point.is_active(i) ? value_text(problem.space[i], point.values[i]) : "-");
  return text;
}

std::vector<std::string> texts_of(const Problem& problem, const Batch& batch) {
  std::vector<std::string> texts;
  for (const Proposal& proposal : batch.proposals)
    texts.push_back(text_of(problem, proposal.point));
  return texts;
}

TEST(GridSearchTest, GoesInLexicographicOrderWithTheLastParameterFastestAndThenIsExhausted) {
  const Problem problem = small_problem();
  const Batch batch = ask(problem, {}, 100);
  EXPECT_EQ(
      texts_of(problem, batch),
      (std::vector<std::string>{"1 b 0.1", "1 b 0.2", "1 b 0.3", "1 a 0.1", "1 a 0.2", "1 a 0.3",
                                "2 b 0.1", "2 b 0.2", "2 b 0.3", "2 a 0.1", "2 a 0.2", "2 a 0.3"}));
  EXPECT_EQ(batch.next, Next::kExhausted);
  EXPECT_EQ(ask(problem, {}, 12).next, Next::kExhausted);
  EXPECT_EQ(ask(problem, {}, 11).next, Next::kMore);
}

TEST(GridSearchTest, VariesConditionalParametersWithinTheirLevel) {
  Parameter gamma = *make_int("gamma", {"1", "2", ""}, Distribution::kUniform);
  gamma.condition = Condition{1, {0}};
  const Problem problem = problem_of({gamma, *make_categorical("kernel", {"rbf", "linear"})});
  EXPECT_EQ(texts_of(problem, ask(problem, {}, 10)),
            (std::vector<std::string>{"1 rbf", "2 rbf", "- linear"}));
}

TEST(GridSearchTest, ContinuesFromItsStateAndFromTheHistoryAlone) {
  const Problem problem = small_problem();
  const Batch first = ask(problem, {}, 5);
  History history;
  for (std::uint64_t i = 0; i < 5; ++i)
    testing::add(history, testing::finished_evaluation(i, first.proposals[i].point, 1));

  const Batch by_state = ask(problem, history, 7, first.state);
  const Batch by_history = ask(problem, history, 7);

  EXPECT_EQ(texts_of(problem, by_state).front(), "1 a 0.3");
  EXPECT_EQ(by_state, by_history);
  EXPECT_EQ(by_state.next, Next::kExhausted);
}

TEST(GridSearchTest, PassesOverPointsThatWereTriedAnyway) {
  const Problem problem = small_problem();
  History history;
  testing::add(history, testing::finished_evaluation(0, Point{{1, 0, 0.2}}, 1));
  EXPECT_EQ(texts_of(problem, ask(problem, history, 2)),
            (std::vector<std::string>{"1 b 0.1", "1 b 0.3"}));
}

TEST(GridSearchTest, ShufflesByRandomStateWithoutMissingAPoint) {
  const Problem problem = small_problem();
  Settings shuffled;
  shuffled.set("random_state", std::int64_t{4});

  const std::vector<std::string> texts = texts_of(problem, ask(problem, {}, 100, {}, shuffled));

  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), 12U);
  EXPECT_NE(texts, texts_of(problem, ask(problem, {}, 100)));
  EXPECT_EQ(texts, texts_of(problem, ask(problem, {}, 100, {}, shuffled)));
}

TEST(GridSearchTest, WalksAGridThatNoMachineCouldWriteOut) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 200; ++i)
    parameters.push_back(
        *make_int("x" + std::to_string(i), {"0", "9", ""}, Distribution::kUniform));
  const Problem problem = problem_of(std::move(parameters));

  const Batch batch = ask(problem, {}, 12);

  EXPECT_EQ(batch.proposals[11].point.values[198], 1);
  EXPECT_EQ(batch.proposals[11].point.values[199], 1);
  EXPECT_EQ(batch.next, Next::kMore);
}

TEST(GridSearchTest, RefusesAShuffleOfAnEndlessGridAndWarnsOfABudgetBeyondTheGrid) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 40; ++i)
    parameters.push_back(
        *make_int("x" + std::to_string(i), {"0", "9", ""}, Distribution::kUniform));
  const Problem endless = problem_of(std::move(parameters));
  Settings shuffled;
  shuffled.set("random_state", std::int64_t{4});
  const Algorithm& grid = *find_algorithm("grid");

  EXPECT_EQ(check_problem(grid, endless, shuffled, 10).errors.size(), 1U);
  EXPECT_TRUE(check_problem(grid, endless, {}, 10).errors.empty());
  const Findings beyond = check_problem(grid, small_problem(), {}, 13);
  ASSERT_EQ(beyond.warnings.size(), 1U);
  EXPECT_EQ(beyond.warnings[0],
            "Max Trial Count: 13 > all possible search combinations: 12; the experiment ends when "
            "the grid is used up");
  EXPECT_TRUE(check_problem(grid, small_problem(), {}, 12).warnings.empty());
}

}  // namespace
}  // namespace mizan::algorithms
