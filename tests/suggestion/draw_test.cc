// Draws with names, provenance and reasons.
#include "suggestion/draw.h"

#include <gtest/gtest.h>

#include <set>

#include "suggestion/algorithm_choice.h"
#include "suggestion/problem.h"
#include "suggestion/trial_name.h"
#include "tests/support/experiment_json.h"
#include "tests/support/random_problems.h"

namespace mizan::suggestion {
namespace {

DrawInput input_for(const std::string& algorithm) {
  DrawInput input;
  input.problem =
      std::make_shared<const algorithms::Problem>(*make_problem(resources::read_experiment(
          mizan::testing::experiment_json("e", {mizan::testing::int_parameter("n", "1", "4")}))));
  input.row = &algorithms::resolve(*algorithms::find_algorithm(algorithm));
  input.seed = 5;
  input.objective.metric = "loss";
  return input;
}

TEST(DrawTest, WritesDownWhatADrawWasMadeFrom) {
  DrawInput input = input_for("grid");
  algorithms::History history;
  mizan::testing::add(input.history,
                      mizan::testing::finished_evaluation(0, algorithms::Point{{1}}, 0.5));
  input.pending = {mizan::testing::running_evaluation(1, algorithms::Point{{2}})};
  input.draw = 2;
  algorithms::Cache cache;

  const Drawn drawn = draw(input, {"e-a", "e-b", "e-c"}, cache);

  ASSERT_EQ(drawn.assignments.size(), 2U);
  EXPECT_EQ(drawn.next, algorithms::Next::kExhausted);
  EXPECT_EQ(drawn.assignments[0].name, "e-a");
  EXPECT_EQ(drawn.assignments[0].assignments, (std::vector<resources::Assignment>{{"n", "3"}}));
  EXPECT_EQ(drawn.assignments[0].why, "Draw 3, grid: point 3 of the grid's 4.");
  const Json& first = drawn.assignments[0].suggested_from;
  EXPECT_EQ(first["draw"], 2);
  EXPECT_EQ(first["completed"], 1);
  EXPECT_EQ(first["pending"], 1);
  EXPECT_EQ(first["pendingDraws"], "1");
  EXPECT_EQ(first["mechanism"], "grid");
  EXPECT_EQ(first["digest"].get<std::string>().size(), 16U);
  const Json& second = drawn.assignments[1].suggested_from;
  EXPECT_EQ(second["pendingDraws"], "1-2");
  EXPECT_NE(second["digest"], first["digest"]);
}

TEST(DrawTest, GivesQueuedPointsNextAndLetsTheAlgorithmChooseTheRest) {
  DrawInput input = input_for("random");
  input.problem = std::make_shared<const algorithms::Problem>(
      *make_problem(resources::read_experiment(mizan::testing::experiment_json(
          "e", {mizan::testing::int_parameter("n", "1", "4"),
                mizan::testing::int_parameter("m", "1", "1000")}))));
  input.queued = {{7, {{"n", "2"}, {"m", "3"}}, ""}, {8, {{"m", "77"}}, "w1"}};
  algorithms::Cache cache;

  const Drawn drawn = draw(input, {"a", "b", "c"}, cache);

  ASSERT_EQ(drawn.assignments.size(), 3U);
  EXPECT_EQ(drawn.queued_taken, 8);
  EXPECT_EQ(drawn.assignments[0].assignments,
            (std::vector<resources::Assignment>{{"n", "2"}, {"m", "3"}}));
  EXPECT_EQ(drawn.assignments[0].suggested_from["mechanism"], "queued");
  EXPECT_EQ(drawn.assignments[0].why, "Draw 1, queued: given by a user.");
  EXPECT_EQ(drawn.assignments[1].assignments[1].value, "77");
  EXPECT_EQ(drawn.assignments[1].suggested_from["queued"]["client"], "w1");
  EXPECT_EQ(drawn.assignments[2].suggested_from["mechanism"], "random");
  EXPECT_FALSE(drawn.assignments[2].suggested_from.contains("queued"));
}

TEST(DrawTest, GivesInitialTrialsFirstAndTheAlgorithmItsOwnDrawsAfterThem) {
  DrawInput input = input_for("random");
  algorithms::Cache cache;
  const Drawn without = draw(input, {"a", "b"}, cache);
  input.first = {algorithms::Point{{3}}};

  const Drawn with = draw(input, {"a", "b"}, cache);

  EXPECT_EQ(with.assignments[0].assignments[0].value, "3");
  EXPECT_EQ(with.assignments[0].suggested_from["mechanism"], "initial");
  EXPECT_EQ(with.assignments[0].why,
            "Draw 1, initial: a point to begin with, from spec.initialTrials or "
            "spec.warmStart.");
  EXPECT_EQ(with.assignments[1].suggested_from["draw"], 1);
  EXPECT_EQ(with.assignments[1].suggested_from["mechanism"], "random");
}

TEST(DrawTest, RepeatsABatchOneByOneFromItsRecords) {
  DrawInput input = input_for("random");
  algorithms::Cache cache;
  const Drawn batch = draw(input, {"a", "b", "c"}, cache);
  for (const auto& assignment : batch.assignments) {
    const Drawn one = draw(input, {assignment.name}, cache);
    ASSERT_EQ(one.assignments[0].assignments, assignment.assignments);
    ASSERT_EQ(one.assignments[0].suggested_from, assignment.suggested_from);
    input.pending.push_back(mizan::testing::running_evaluation(
        input.draw++, algorithms::Point{{std::stod(assignment.assignments[0].value)}}));
    input.state = one.state;
  }
}

TEST(DrawTest, ShortensRunsOfDraws) {
  std::vector<algorithms::EvaluationPtr> pending;
  for (const std::uint64_t i : {23U, 17U, 18U, 19U, 20U, 25U})
    pending.push_back(mizan::testing::running_evaluation(i, {}));
  EXPECT_EQ(ranges_of(pending), "17-20,23,25");
  EXPECT_EQ(ranges_of({}), "");
}

TEST(TrialNameTest, IsTheSameForTheSameDrawAndMovesOnWhenTaken) {
  const auto free = [](const std::string&) { return false; };
  const std::string name = trial_name("e", "uid-1", 3, free);
  EXPECT_EQ(name.size(), 10U);
  EXPECT_EQ(name, trial_name("e", "uid-1", 3, free));
  EXPECT_NE(name, trial_name("e", "uid-1", 4, free));
  EXPECT_NE(name, trial_name("e", "uid-2", 3, free));
  const std::string other =
      trial_name("e", "uid-1", 3, [&](const std::string& n) { return n == name; });
  EXPECT_NE(other, name);
  EXPECT_EQ(other.find_first_not_of("e-bcdfghjklmnpqrstvwxz2456789"), std::string::npos);
}

TEST(AlgorithmChoiceTest, MakesASeedFromTheUidUnlessOneIsGiven) {
  EXPECT_EQ(effective_seed({}, "uid-1"), effective_seed({}, "uid-1"));
  EXPECT_NE(effective_seed({}, "uid-1"), effective_seed({}, "uid-2"));
  algorithms::Settings settings;
  settings.set("random_state", std::int64_t{42});
  EXPECT_EQ(effective_seed(settings, "uid-1"), 42U);
}

}  // namespace
}  // namespace mizan::suggestion
