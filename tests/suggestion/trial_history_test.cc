// Trials as evaluations: states, signs, order, and the same history however the changes came in.
#include "suggestion/trial_history.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "algorithms/counter_rng.h"
#include "suggestion/problem.h"
#include "tests/support/experiment_json.h"

namespace mizan::suggestion {
namespace {

using algorithms::EvaluationState;
using mizan::testing::ended_trial;
using mizan::testing::trial_json;
using resources::TrialState;

struct Fixture {
  resources::Experiment experiment = resources::read_experiment(
      mizan::testing::experiment_json("e", {mizan::testing::double_parameter("x", "0", "1")}));
  std::shared_ptr<const algorithms::Problem> problem =
      std::make_shared<const algorithms::Problem>(*make_problem(experiment));
  TrialHistory history{problem, experiment.objective};
};

Json trial(const std::string& name, std::uint64_t draw, const std::string& x = "0.5") {
  return trial_json("e", name, draw, {{"x", x}});
}

TEST(TrialHistoryTest, KeepsUnfinishedTrialsAndUnstartedDrawsPendingInOrderOfDraw) {
  Fixture f;
  f.history.put(resources::read_trial(trial("e-b", 4)));
  f.history.put(resources::read_trial(trial("e-a", 2)));
  resources::TrialAssignment drawn{"e-c", {{"x", "0.25"}}, {}, {}, {{"draw", 3}}, ""};
  resources::TrialAssignment known{"e-a", {{"x", "0.5"}}, {}, {}, {{"draw", 2}}, ""};

  const auto pending = f.history.pending({known, drawn});

  ASSERT_EQ(pending.size(), 3U);
  EXPECT_EQ(pending[0]->draw, 2U);
  EXPECT_EQ(pending[1]->draw, 3U);
  EXPECT_EQ(pending[1]->point, (algorithms::Point{{0.25}}));
  EXPECT_EQ(pending[2]->draw, 4U);
  EXPECT_TRUE(f.history.finished().empty());
}

TEST(TrialHistoryTest, OfAMaximisedObjectiveIsThatOfItsNegativeMinimised) {
  Fixture f;
  auto maximised = f.experiment.objective;
  maximised.type = resources::ObjectiveType::kMaximize;
  TrialHistory mirrored{f.problem, maximised};
  for (std::uint64_t draw = 0; draw < 5; ++draw) {
    const double loss = 0.25 * static_cast<double>(draw) - 0.5;
    for (const double sign : {1.0, -1.0}) {
      const Json ended = ended_trial(trial(fmt::format("e-{}", draw), draw), TrialState::kSucceeded,
                                     static_cast<int>(draw), fmt::format("{}", sign * loss));
      (sign > 0 ? f.history : mirrored).put(resources::read_trial(ended));
    }
  }
  // Algorithms are functions of the history: so they give the same points, to the last bit.
  EXPECT_EQ(f.history.finished().digest(), mirrored.finished().digest());
}

TEST(TrialHistoryTest, ReadsEachWayOfEnding) {
  struct Case {
    TrialState state;
    const char* loss;
    EvaluationState expected;
    std::size_t values;
    bool excluded;
  };
  const Case cases[] = {
      {TrialState::kSucceeded, "0.5", EvaluationState::kComplete, 1, false},
      {TrialState::kEarlyStopped, "0.7", EvaluationState::kStopped, 1, false},
      {TrialState::kFailed, "", EvaluationState::kFailed, 0, false},
      {TrialState::kMetricsUnavailable, "unavailable", EvaluationState::kFailed, 0, false},
      {TrialState::kInfeasible, "", EvaluationState::kInfeasible, 0, false},
      {TrialState::kKilled, "", EvaluationState::kFailed, 0, true}};
  for (const Case& c : cases) {
    Fixture f;
    f.history.put(resources::read_trial(ended_trial(trial("e-a", 1), c.state, 5, c.loss)));
    ASSERT_EQ(f.history.finished().size(), 1U);
    const algorithms::Evaluation& e = f.history.finished()[0];
    EXPECT_EQ(e.state, c.expected) << resources::to_string(c.state);
    EXPECT_EQ(e.objectives.size(), c.values) << resources::to_string(c.state);
    EXPECT_EQ(e.excluded, c.excluded) << resources::to_string(c.state);
    EXPECT_TRUE(f.history.pending({}).empty());
  }
}

TEST(TrialHistoryTest, LeavesTransientFailuresOutOfModels) {
  Fixture f;
  const Json evicted = resources::with_outcome(
      trial("e-a", 1), {TrialState::kFailed, "TrialFailed. Job reason: Evicted", "", {}}, Time{});
  f.history.put(resources::read_trial(evicted));
  EXPECT_TRUE(f.history.finished()[0].excluded);
}

TEST(TrialHistoryTest, MinimisesWhatIsMaximised) {
  Fixture f;
  resources::Objective objective = f.experiment.objective;
  objective.type = resources::ObjectiveType::kMaximize;
  TrialHistory history(f.problem, objective);
  history.put(
      resources::read_trial(ended_trial(trial("e-a", 1), TrialState::kSucceeded, 5, "0.75")));
  EXPECT_EQ(history.finished()[0].objectives, (std::vector<double>{-0.75}));
}

TEST(TrialHistoryTest, PutsImportedResultsBeforeAllOthers) {
  Fixture f;
  f.history.put(
      resources::read_trial(ended_trial(trial("e-a", 0), TrialState::kSucceeded, 5, "1")));
  f.history.import({{{{"x", "0.1"}}, {{"loss", 0.3}}}, {{{"x", "0.2"}}, {}}});
  ASSERT_EQ(f.history.finished().size(), 2U);
  EXPECT_EQ(f.history.finished()[0].origin, algorithms::Origin::kImported);
  EXPECT_EQ(f.history.finished()[0].objectives, (std::vector<double>{0.3}));
}

TEST(TrialHistoryTest, IsTheSameHoweverTheChangesCameIn) {
  algorithms::CounterRng rng(1, 0, algorithms::Purpose::kSample);
  std::vector<Json> final_trials;
  Fixture incremental;
  for (std::uint64_t draw = 0; draw < 60; ++draw) {
    Json t =
        trial("e-" + std::to_string(draw), draw, std::to_string(static_cast<double>(draw) / 64));
    incremental.history.put(resources::read_trial(t));
    const int second = static_cast<int>(rng.below(30));  // many in the same second
    if (rng.below(4) != 0)
      t = ended_trial(t, rng.below(5) == 0 ? TrialState::kFailed : TrialState::kSucceeded, second,
                      "1");
    final_trials.push_back(t);
  }
  std::vector<Json> order = final_trials;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  for (const Json& t : order) {
    incremental.history.put(resources::read_trial(t));
    incremental.history.put(resources::read_trial(t));  // events repeat
  }
  incremental.history.remove("e-7");
  incremental.history.remove("e-8");

  Fixture rebuilt;
  for (std::size_t i = 0; i < final_trials.size(); ++i) {
    if (i != 7 && i != 8) rebuilt.history.put(resources::read_trial(final_trials[i]));
  }

  EXPECT_EQ(incremental.history.finished().size(), rebuilt.history.finished().size());
  EXPECT_EQ(incremental.history.finished().digest(), rebuilt.history.finished().digest());
  EXPECT_EQ(incremental.history.pending({}).size(), rebuilt.history.pending({}).size());
  EXPECT_TRUE(incremental.history.was_removed("e-7"));
}

}  // namespace
}  // namespace mizan::suggestion
