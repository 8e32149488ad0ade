// Objects in, plan out.
#include "experiment/experiment_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment/experiment_status.h"
#include "resources/condition.h"
#include "tests/support/manual_clock.h"

namespace mizan::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using resources::TrialState;
using Outcome = Verdict::Outcome;

/// An experiment, what is known of its trials, and a Suggestion, said in a few words.
class Scene {
 public:
  Scene() {
    experiment.ns = "default";
    experiment.name = "e";
    experiment.uid = "uid-e";
    experiment.objective.metric = "loss";
    experiment.parallel_trial_count = 3;
    experiment.raw = {{"metadata", {{"name", "e"}}}};
    suggestion.emplace();
    suggestion->raw = Json::object();
  }

  Scene& trials(TrialState state, int count, const std::string& loss = "") {
    for (int i = 0; i < count; ++i) {
      resources::Trial trial;
      trial.name = "t" + std::to_string(made_);
      trial.draw_index = static_cast<std::uint64_t>(made_++);
      trial.state = state;
      if (resources::is_completed(state)) trial.completed = clock.now() + std::chrono::seconds(made_);
      trial.objective = experiment.objective;
      if (!loss.empty()) trial.observation = {{"loss", loss, loss, loss}};
      tally.put(trial);
    }
    return *this;
  }
  /// Draws that the algorithm has made and nobody has taken yet.
  Scene& draws(int count) {
    for (int i = 0; i < count; ++i) {
      resources::TrialAssignment draw;
      draw.name = "d" + std::to_string(i);
      suggestion->suggestions.push_back(std::move(draw));
    }
    suggestion->count = made_ + count;
    suggestion->requests = suggestion->count;
    return *this;
  }
  Scene& condition(const std::string& type, const std::string& reason = "") {
    experiment.raw["status"]["conditions"].push_back({{"type", type}, {"status", "True"}, {"reason", reason}, {"message", ""}});
    return *this;
  }

  ExperimentView view() {
    return ExperimentView{.experiment = experiment,
                          .tally = tally,
                          .suggestion = suggestion ? &*suggestion : nullptr,
                          .has_trial = [this](const std::string& name) { return tally.contains(name); },
                          .now = clock.now()};
  }
  ExperimentPlan plan() { return plan_experiment(view()); }
  std::vector<std::string> created() {
    std::vector<std::string> names;
    for (const auto* draw : plan().create_trials) names.push_back(draw->name);
    return names;
  }

  mizan::testing::ManualClock clock;
  resources::Experiment experiment;
  std::optional<resources::Suggestion> suggestion;
  TrialTally tally;

 private:
  int made_ = 0;
};

TEST(ExperimentPlanTest, ANewExperimentAsksForAsManyDrawsAsItMayRun) {
  Scene scene;
  scene.suggestion.reset();

  const ExperimentPlan plan = scene.plan();

  EXPECT_TRUE(plan.create_suggestion);
  EXPECT_EQ(plan.requests, 3);
  EXPECT_EQ(plan.verdict.outcome, Outcome::kWaiting);
}

TEST(ExperimentPlanTest, ASmallBudgetAsksForNoMoreThanItNeeds) {
  Scene scene;
  scene.suggestion.reset();
  scene.experiment.max_trial_count = 2;

  EXPECT_EQ(scene.plan().requests, 2);
}

TEST(ExperimentPlanTest, EachDrawThatFitsIntoASlotBecomesATrial) {
  Scene scene;
  scene.trials(TrialState::kRunning, 1).draws(4);

  EXPECT_THAT(scene.created(), ElementsAre("d0", "d1"));
  EXPECT_FALSE(scene.plan().requests);
}

TEST(ExperimentPlanTest, AFreedSlotAsksForOneMoreDraw) {
  Scene scene;
  scene.trials(TrialState::kRunning, 2).trials(TrialState::kSucceeded, 1, "1").draws(0);

  const ExperimentPlan plan = scene.plan();

  EXPECT_EQ(plan.requests, 4);
  EXPECT_TRUE(plan.create_trials.empty());
}

TEST(ExperimentPlanTest, DrawsThatAreAskedForAlreadyAreNotAskedForAgain) {
  Scene scene;
  scene.trials(TrialState::kRunning, 2).trials(TrialState::kSucceeded, 1, "1").draws(0);
  scene.suggestion->requests = 4;

  EXPECT_FALSE(scene.plan().requests);
}

TEST(ExperimentPlanTest, TheBudgetBoundsWhatIsStarted) {
  Scene scene;
  scene.experiment.max_trial_count = 5;
  scene.trials(TrialState::kSucceeded, 3, "1").trials(TrialState::kMetricsUnavailable, 1).draws(3);

  EXPECT_THAT(scene.created(), ElementsAre("d0"));
}

TEST(ExperimentPlanTest, LoweredParallelismDrains) {
  Scene scene;
  scene.experiment.parallel_trial_count = 1;
  scene.trials(TrialState::kRunning, 3).draws(2);

  const ExperimentPlan plan = scene.plan();

  EXPECT_TRUE(plan.create_trials.empty());
  EXPECT_TRUE(plan.kill_trials.empty());
  EXPECT_FALSE(plan.requests);
}

TEST(ExperimentPlanTest, ASuspendedExperimentStartsAndKillsNothing) {
  Scene scene;
  scene.experiment.suspend = true;
  scene.trials(TrialState::kRunning, 1).draws(2);

  const ExperimentPlan plan = scene.plan();

  EXPECT_EQ(plan.verdict.outcome, Outcome::kSuspended);
  EXPECT_TRUE(plan.create_trials.empty());
  EXPECT_TRUE(plan.kill_trials.empty());
  EXPECT_THAT(plan.verdict.why, HasSubstr("1 trials still run"));
}

TEST(ExperimentPlanTest, ForAClientEveryDrawBecomesATrialAndAskAloneAsks) {
  Scene scene;
  scene.experiment.trial_template.client = true;
  scene.experiment.parallel_trial_count.reset();
  scene.trials(TrialState::kRunning, 20).draws(4);

  EXPECT_EQ(scene.created().size(), 4U);
  EXPECT_FALSE(scene.plan().requests);
  scene.suggestion.reset();
  EXPECT_EQ(scene.plan().requests, 0);
}

TEST(ExperimentPlanTest, ImportedTrialsTakeNoSlot) {
  Scene scene;
  scene.trials(TrialState::kRunning, 3).draws(2);
  scene.suggestion->suggestions[1].labels[std::string(resources::kOriginLabel)] = "imported";

  EXPECT_THAT(scene.created(), ElementsAre("d1"));
}

struct Ending {
  const char* name;
  std::function<void(Scene&)> scene;
  Outcome outcome;
  const char* reason;
  const char* message;
};

class EndingTest : public ::testing::TestWithParam<Ending> {};

TEST_P(EndingTest, IsJudgedAsKatibDoesOrBetter) {
  Scene scene;
  GetParam().scene(scene);

  const Verdict verdict = scene.plan().verdict;

  EXPECT_EQ(verdict.outcome, GetParam().outcome);
  EXPECT_EQ(verdict.reason, GetParam().reason);
  EXPECT_EQ(verdict.message, GetParam().message);
}

constexpr const char* kGoalMessage = "Experiment has succeeded because Objective goal has reached";
constexpr const char* kMaxMessage = "Experiment has succeeded because max trial count has reached";
constexpr const char* kFailedMessage = "Experiment has failed because max failed count has reached";

INSTANTIATE_TEST_SUITE_P(
    Table, EndingTest,
    ::testing::Values(
        Ending{"GoalReached", [](Scene& s) { s.experiment.objective.goal = 0.5; s.trials(TrialState::kSucceeded, 1, "0.5"); },
               Outcome::kSucceeded, "ExperimentGoalReached", kGoalMessage},
        Ending{"GoalMissed", [](Scene& s) { s.experiment.objective.goal = 0.4; s.trials(TrialState::kSucceeded, 1, "0.5"); },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"GoalOfALuckyPrefix",
               [](Scene& s) {
                 s.experiment.objective.goal = 0.5;
                 s.trials(TrialState::kSucceeded, 1, "0.9").trials(TrialState::kEarlyStopped, 1, "0.1");
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"GoalToMaximise",
               [](Scene& s) {
                 s.experiment.objective.type = resources::ObjectiveType::kMaximize;
                 s.experiment.objective.goal = 0.9;
                 s.trials(TrialState::kSucceeded, 1, "0.95");
               },
               Outcome::kSucceeded, "ExperimentGoalReached", kGoalMessage},
        Ending{"GoalBeforeFailures",
               [](Scene& s) {
                 s.experiment.objective.goal = 1;
                 s.experiment.max_failed_trial_count = 1;
                 s.trials(TrialState::kFailed, 1).trials(TrialState::kSucceeded, 1, "0.5");
               },
               Outcome::kSucceeded, "ExperimentGoalReached", kGoalMessage},
        Ending{"FailuresBeforeBudget",
               [](Scene& s) {
                 s.experiment.max_failed_trial_count = 2;
                 s.experiment.max_trial_count = 2;
                 s.trials(TrialState::kFailed, 1).trials(TrialState::kMetricsUnavailable, 1);
               },
               Outcome::kFailed, "ExperimentFailed", kFailedMessage},
        Ending{"FewFailures", [](Scene& s) { s.experiment.max_failed_trial_count = 2; s.trials(TrialState::kFailed, 1); },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"NoFailureAllowedAndNone",
               [](Scene& s) { s.experiment.max_failed_trial_count = 0; s.trials(TrialState::kSucceeded, 1, "1"); },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"NoFailureAllowedAndOne", [](Scene& s) { s.experiment.max_failed_trial_count = 0; s.trials(TrialState::kFailed, 1); },
               Outcome::kFailed, "ExperimentFailed", kFailedMessage},
        Ending{"BudgetSpent",
               [](Scene& s) {
                 s.experiment.max_trial_count = 6;
                 for (const auto state : {TrialState::kSucceeded, TrialState::kFailed, TrialState::kKilled, TrialState::kEarlyStopped,
                                          TrialState::kMetricsUnavailable, TrialState::kInfeasible}) {
                   s.trials(state, 1);
                 }
               },
               Outcome::kSucceeded, "ExperimentMaxTrialsReached", kMaxMessage},
        Ending{"BudgetNotQuiteSpent",
               [](Scene& s) { s.experiment.max_trial_count = 2; s.trials(TrialState::kSucceeded, 1, "1").trials(TrialState::kRunning, 1); },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"Exhausted", [](Scene& s) { s.trials(TrialState::kSucceeded, 2, "1"); s.suggestion->exhausted = true; },
               Outcome::kSucceeded, "ExperimentSuggestionEndReached",
               "Experiment has succeeded because suggestion service has reached the end"},
        Ending{"ExhaustedButRunning", [](Scene& s) { s.trials(TrialState::kRunning, 1); s.suggestion->exhausted = true; },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"ExhaustedButDrawsLeft",
               [](Scene& s) { s.trials(TrialState::kSucceeded, 1, "1").draws(1); s.suggestion->exhausted = true; },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"SuggestionFailed",
               [](Scene& s) {
                 s.suggestion->raw["status"]["conditions"] = {{{"type", "Failed"}, {"status", "True"}, {"reason", "x"}, {"message", "no luck"}}};
               },
               Outcome::kFailed, "ExperimentFailed", "Suggestion has failed"},
        Ending{"TimeIsUp",
               [](Scene& s) {
                 s.experiment.max_duration_seconds = 60;
                 s.experiment.raw["status"]["startTime"] = "2026-11-23T19:59:00Z";
                 s.trials(TrialState::kRunning, 1);
               },
               Outcome::kSucceeded, "MaxDurationReached", "Experiment has succeeded because max duration has been reached"},
        Ending{"NoImprovement",
               [](Scene& s) {
                 s.experiment.stop_when = resources::StopWhen{3, 0};
                 s.trials(TrialState::kSucceeded, 1, "1").trials(TrialState::kSucceeded, 3, "2");
               },
               Outcome::kSucceeded, "NoImprovement", "Experiment has succeeded because there was no improvement for long enough"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ExperimentPlanTest, WhatStillRunsWhenItEndsIsStopped) {
  Scene scene;
  scene.experiment.objective.goal = 1;
  scene.trials(TrialState::kSucceeded, 1, "0.5").trials(TrialState::kRunning, 1).trials(TrialState::kPending, 1);

  EXPECT_THAT(scene.plan().kill_trials, ElementsAre("t2", "t1"));
}

TEST(ExperimentPlanTest, LooksAgainWhenTheTimeWillBeUp) {
  Scene scene;
  scene.experiment.max_duration_seconds = 60;
  scene.experiment.raw["status"]["startTime"] = "2026-11-23T19:59:30Z";
  scene.trials(TrialState::kRunning, 3);

  EXPECT_EQ(scene.plan().look_again, std::chrono::seconds(30));
}

TEST(ExperimentPlanTest, ACompleteExperimentStaysSo) {
  Scene scene;
  scene.condition("Succeeded", "ExperimentMaxTrialsReached");
  scene.trials(TrialState::kSucceeded, 3, "1").draws(2);

  const ExperimentPlan plan = scene.plan();

  EXPECT_TRUE(plan.verdict.already);
  EXPECT_EQ(plan.verdict.outcome, Outcome::kSucceeded);
  EXPECT_TRUE(plan.create_trials.empty());
}

TEST(ExperimentPlanTest, OnlyASpentBudgetThatIsRaisedRestarts) {
  using resources::ResumePolicy;
  struct Case {
    const char* type;
    const char* reason;
    ResumePolicy policy;
    std::optional<std::int64_t> max;
    bool restarts;
  };
  for (const Case& one : {Case{"Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kLongRunning, 9, true},
                          Case{"Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kFromVolume, 9, true},
                          Case{"Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kNever, 9, false},
                          Case{"Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kLongRunning, 3, false},
                          // Katib flips for ever between Restarting and Succeeded here.
                          Case{"Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kLongRunning, {}, false},
                          Case{"Succeeded", "ExperimentGoalReached", ResumePolicy::kLongRunning, 9, false},
                          Case{"Failed", "ExperimentFailed", ResumePolicy::kLongRunning, 9, false}}) {
    Scene scene;
    scene.condition(one.type, one.reason);
    scene.experiment.resume_policy = one.policy;
    scene.experiment.max_trial_count = one.max;
    scene.trials(TrialState::kSucceeded, 3, "1");
    EXPECT_EQ(scene.plan().verdict.restarted, one.restarts) << one.reason;
  }
}

// ---- status ----

std::vector<std::string> types(const Json& conditions) {
  std::vector<std::string> found;
  for (const Json& one : conditions) found.push_back(string_at(one, "type") + "=" + string_at(one, "status"));
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
  scene.trials(TrialState::kRunning, 1).trials(TrialState::kMetricsUnavailable, 2).trials(TrialState::kSucceeded, 1, "0.5");
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
      {R"({"best": {"name": "x", "observation": {"metrics": [1]}}})", R"({"best": {"observation": {}}})"},
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
