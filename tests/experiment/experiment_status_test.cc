// The status as users see it: conditions in order, counts, bounded lists, the optimum.
#include "experiment/experiment_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/condition.h"
#include "tests/experiment/experiment_scene.h"

namespace mizan::experiment {
namespace {

using resources::TrialState;
using ::testing::ElementsAre;
using Scene = testing::ExperimentScene;

std::vector<std::string> types(const Json& conditions) {
  std::vector<std::string> found;
  for (const Json& one : conditions)
    found.push_back(string_at(one, "type") + "=" + string_at(one, "status"));
  return found;
}

/// Runs the scene to its next conditions and keeps them.
std::vector<std::string> step(Scene& scene) {
  const Verdict verdict = judge(scene.view());
  Json conditions = conditions_after(scene.view(), verdict);
  scene.experiment.raw["status"] = status_after(scene.view(), verdict, conditions, nullptr);
  return types(conditions);
}

TEST(ExperimentStatusTest, ConditionsComeInKatibsOrder) {
  Scene scene;
  scene.experiment.max_trial_count = 2;
  EXPECT_THAT(step(scene), ElementsAre("Created=True"));
  scene.trials(TrialState::kRunning, 1);
  EXPECT_THAT(step(scene), ElementsAre("Created=True", "Running=True"));
  scene.trials(TrialState::kSucceeded, 2, "1");
  EXPECT_THAT(step(scene), ElementsAre("Created=True", "Running=False", "Succeeded=True"));
  EXPECT_THAT(step(scene), ElementsAre("Created=True", "Running=False", "Succeeded=True"));
}

TEST(ExperimentStatusTest, SuspendingAndResumingShowsInTheLastCondition) {
  Scene scene;
  scene.trials(TrialState::kRunning, 1);
  step(scene);

  scene.experiment.suspend = true;
  EXPECT_THAT(step(scene), ElementsAre("Created=True", "Running=False", "Suspended=True"));
  scene.experiment.suspend = false;
  EXPECT_THAT(step(scene), ElementsAre("Created=True", "Running=True"));
}

TEST(ExperimentStatusTest, ARestartClearsTheEndAndDoesNotStayForEver) {
  Scene scene;
  scene.experiment.resume_policy = resources::ResumePolicy::kLongRunning;
  scene.experiment.max_trial_count = 1;
  scene.trials(TrialState::kSucceeded, 1, "1");
  step(scene);
  ASSERT_TRUE(scene.experiment.raw["status"].contains("completionTime"));

  scene.experiment.max_trial_count = 3;
  EXPECT_EQ(step(scene).back(), "Restarting=True");
  EXPECT_FALSE(scene.experiment.raw["status"].contains("completionTime"));

  EXPECT_EQ(step(scene).back(), "Running=True");
  EXPECT_FALSE(resources::has_condition(scene.experiment.raw, "Succeeded"));
  EXPECT_FALSE(resources::has_condition(scene.experiment.raw, "Restarting"));
}

TEST(ExperimentStatusTest, CountsAndListsAreKatibsAndEmptyOnesAreLeftOut) {
  Scene scene;
  scene.trials(TrialState::kRunning, 1)
      .trials(TrialState::kMetricsUnavailable, 2)
      .trials(TrialState::kSucceeded, 1, "0.5");
  const Verdict verdict = judge(scene.view());
  resources::Trial best;
  best.name = "t3";
  best.assignments = {{"lr", "0.1"}};
  best.observation = {{"loss", "0.5", "0.5", "0.5"}};

  const Json status = status_after(scene.view(), verdict, Json::array(), &best);

  EXPECT_EQ(status["trials"], 4);
  EXPECT_EQ(status["trialsRunning"], 1);
  EXPECT_EQ(status["trialMetricsUnavailable"], 2);
  EXPECT_EQ(status["metricsUnavailableTrialList"], Json::array({"t1", "t2"}));
  EXPECT_FALSE(status.contains("trialsFailed"));
  EXPECT_FALSE(status.contains("failedTrialList"));
  EXPECT_EQ(status["startTime"], "2026-11-23T20:00:00Z");
  EXPECT_EQ(status["currentOptimalTrial"], Json::parse(R"({"bestTrialName": "t3",
    "parameterAssignments": [{"name": "lr", "value": "0.1"}],
    "observation": {"metrics": [{"name": "loss", "min": "0.5", "max": "0.5", "latest": "0.5"}]}})"));
}

TEST(ExperimentStatusTest, NameListsAreBoundedAndCountsExact) {
  Scene scene;
  scene.trials(TrialState::kSucceeded, 2500, "1");

  const Json status = status_after(scene.view(), judge(scene.view()), Json::array(), nullptr);

  EXPECT_EQ(status["trialsSucceeded"], 2500);
  ASSERT_EQ(status["succeededTrialList"].size(), kListedNames);
  EXPECT_EQ(status["succeededTrialList"].back(), "t2499");
}

TEST(ExperimentStatusTest, TheOptimumIsAlwaysThere) {
  Scene scene;

  const Json status = status_after(scene.view(), judge(scene.view()), Json::array(), nullptr);

  EXPECT_EQ(status["currentOptimalTrial"], Json::parse(R"({"observation": {}})"));
}

TEST(DifferenceTest, AppliedToTheOldItGivesTheNew) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"a": 1, "b": {"c": 1, "d": [1]}})", R"({"a": 1, "b": {"d": [2]}, "e": {}})"},
      {R"({"best": {"name": "x", "observation": {"metrics": [1]}}})",
       R"({"best": {"observation": {}}})"},
      {"{}", R"({"a": 1})"},
      {R"({"a": 1})", "{}"}};
  for (const auto& [before, after] : cases) {
    Json patched = Json::parse(before);
    patched.merge_patch(difference(patched, Json::parse(after)));
    EXPECT_EQ(patched, Json::parse(after)) << before;
    EXPECT_TRUE(difference(patched, patched).empty());
  }
  EXPECT_EQ(difference(Json(), Json::parse(R"({"a": 1})")), Json::parse(R"({"a": 1})"));
}

}  // namespace
}  // namespace mizan::experiment
