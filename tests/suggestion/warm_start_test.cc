// What is taken over from other experiments, and what is not.
#include "suggestion/warm_start.h"

#include <gtest/gtest.h>

#include "suggestion/problem.h"
#include "tests/support/experiment_json.h"
#include "tests/support/manual_clock.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::ended_trial;
using mizan::testing::experiment_json;
using mizan::testing::trial_json;
using resources::TrialState;

using Trials = std::vector<std::shared_ptr<const resources::Trial>>;

class WarmStartTest : public ::testing::Test {
 protected:
  // The experiment was created 100 seconds after the clock's start.
  WarmStart start(const Json& warm_start) {
    Json object = experiment_json("e", {double_parameter("lr", "0", "1")});
    object["spec"]["warmStart"] = warm_start;
    auto experiment = resources::read_experiment(object);
    experiment.created = mizan::testing::ManualClock().now() + std::chrono::seconds(100);
    const auto problem = make_problem(experiment);
    return take_over(
        experiment, problem->space, [&](const std::string& name) { return trials[name]; },
        [&](const std::string& name) -> const resources::Objective* {
          return name == "gone" ? nullptr : &objective;
        });
  }
  void add(const std::string& experiment, const std::string& lr, int second,
           const std::string& loss, TrialState state = TrialState::kSucceeded) {
    const std::string name = experiment + "-" + std::to_string(trials[experiment].size());
    trials[experiment].push_back(std::make_shared<const resources::Trial>(resources::read_trial(
        ended_trial(trial_json(experiment, name, 0, {{"lr", lr}}), state, second, loss))));
  }

  std::map<std::string, Trials> trials;
  resources::Objective objective =
      resources::read_experiment(experiment_json("other", {double_parameter("lr", "0", "1")}))
          .objective;
};

const Json kSame = {{"fromExperiments", {{{"name", "a"}, {"sameObjective", true}}}}};

TEST_F(WarmStartTest, KnowsTheResultsOfTheSameObjectiveBestFirst) {
  add("a", "0.5", 10, "3");
  add("a", "0.2", 11, "1");
  const WarmStart taken = start(kSame);
  ASSERT_EQ(taken.known.size(), 2U);
  EXPECT_EQ(taken.known[0]->objectives, (std::vector<double>{1}));
  EXPECT_EQ(taken.known[0]->point.values, (std::vector<double>{0.2}));
  EXPECT_EQ(taken.known[0]->origin, algorithms::Origin::kImported);
  EXPECT_TRUE(taken.first.empty());
}

TEST_F(WarmStartTest, LeavesOutWhatIsLaterFailedOrOutsideTheSpace) {
  add("a", "0.5", 101, "1");
  add("a", "0.5", 10, "1", TrialState::kFailed);
  add("a", "0.5", 10, "1", TrialState::kEarlyStopped);
  add("a", "7", 10, "1");
  add("a", "0.5", 10, "");
  EXPECT_TRUE(start(kSame).known.empty());
}

TEST_F(WarmStartTest, TakesAtMostMaxTrialsOfAll) {
  for (int i = 0; i < 20; ++i) add("a", "0.5", i, std::to_string(i));
  Json some = kSame;
  some["maxTrials"] = 5;
  EXPECT_EQ(start(some).known.size(), 5U);
}

TEST_F(WarmStartTest, TriesTheBestPointsOfAnotherObjectiveFirst) {
  for (int i = 0; i < 9; ++i) add("a", "0." + std::to_string(i), i, std::to_string(9 - i));
  const WarmStart taken = start({{"fromExperiments", {{{"name", "a"}}}}});
  EXPECT_TRUE(taken.known.empty());
  ASSERT_EQ(taken.first.size(), kFirstOfOthers);
  EXPECT_EQ(taken.first[0].values, (std::vector<double>{0.8}));
}

TEST_F(WarmStartTest, StartsColdWithoutSourcesOrTheirExperiment) {
  add("gone", "0.5", 1, "1");
  EXPECT_TRUE(start(nullptr).known.empty());
  EXPECT_TRUE(
      start({{"fromExperiments", {{{"name", "gone"}, {"sameObjective", true}}}}}).known.empty());
}

}  // namespace
}  // namespace mizan::suggestion
