// Objects in, plan out.
#include "experiment/experiment_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/experiment/experiment_scene.h"

namespace mizan::experiment {
namespace {

using resources::TrialState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = Verdict::Outcome;
using Scene = testing::ExperimentScene;

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

TEST(ExperimentPlanTest, WhoeverSizesPodsMayHaveRoomForMoreButTheBudgetHolds) {
  Scene scene;
  scene.trials(TrialState::kRunning, 3).draws(2);
  EXPECT_THAT(scene.created(), ElementsAre());
  scene.trials_at_once = 5;
  EXPECT_THAT(scene.created(), ElementsAre("d0", "d1"));
  scene.experiment.max_trial_count = 4;
  EXPECT_THAT(scene.created(), ElementsAre("d0"));
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
        Ending{"GoalReached",
               [](Scene& s) {
                 s.experiment.objective.goal = 0.5;
                 s.trials(TrialState::kSucceeded, 1, "0.5");
               },
               Outcome::kSucceeded, "ExperimentGoalReached", kGoalMessage},
        Ending{"GoalMissed",
               [](Scene& s) {
                 s.experiment.objective.goal = 0.4;
                 s.trials(TrialState::kSucceeded, 1, "0.5");
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"GoalOfALuckyPrefix",
               [](Scene& s) {
                 s.experiment.objective.goal = 0.5;
                 s.trials(TrialState::kSucceeded, 1, "0.9")
                     .trials(TrialState::kEarlyStopped, 1, "0.1");
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
        Ending{"FewFailures",
               [](Scene& s) {
                 s.experiment.max_failed_trial_count = 2;
                 s.trials(TrialState::kFailed, 1);
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"NoFailureAllowedAndNone",
               [](Scene& s) {
                 s.experiment.max_failed_trial_count = 0;
                 s.trials(TrialState::kSucceeded, 1, "1");
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"NoFailureAllowedAndOne",
               [](Scene& s) {
                 s.experiment.max_failed_trial_count = 0;
                 s.trials(TrialState::kFailed, 1);
               },
               Outcome::kFailed, "ExperimentFailed", kFailedMessage},
        Ending{"BudgetSpent",
               [](Scene& s) {
                 s.experiment.max_trial_count = 6;
                 for (const auto state :
                      {TrialState::kSucceeded, TrialState::kFailed, TrialState::kKilled,
                       TrialState::kEarlyStopped, TrialState::kMetricsUnavailable,
                       TrialState::kInfeasible}) {
                   s.trials(state, 1);
                 }
               },
               Outcome::kSucceeded, "ExperimentMaxTrialsReached", kMaxMessage},
        Ending{"BudgetNotQuiteSpent",
               [](Scene& s) {
                 s.experiment.max_trial_count = 2;
                 s.trials(TrialState::kSucceeded, 1, "1").trials(TrialState::kRunning, 1);
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"Exhausted",
               [](Scene& s) {
                 s.trials(TrialState::kSucceeded, 2, "1");
                 s.suggestion->exhausted = true;
               },
               Outcome::kSucceeded, "ExperimentSuggestionEndReached",
               "Experiment has succeeded because suggestion service has reached the end"},
        Ending{"ExhaustedButRunning",
               [](Scene& s) {
                 s.trials(TrialState::kRunning, 1);
                 s.suggestion->exhausted = true;
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"ExhaustedButDrawsLeft",
               [](Scene& s) {
                 s.trials(TrialState::kSucceeded, 1, "1").draws(1);
                 s.suggestion->exhausted = true;
               },
               Outcome::kRunning, "ExperimentRunning", "Experiment is running"},
        Ending{"SuggestionFailed",
               [](Scene& s) {
                 s.suggestion->raw["status"]["conditions"] = {{{"type", "Failed"},
                                                               {"status", "True"},
                                                               {"reason", "x"},
                                                               {"message", "no luck"}}};
               },
               Outcome::kFailed, "ExperimentFailed", "Suggestion has failed"},
        Ending{"TimeIsUp",
               [](Scene& s) {
                 s.experiment.max_duration_seconds = 60;
                 s.experiment.raw["status"]["startTime"] = "2026-11-23T19:59:00Z";
                 s.trials(TrialState::kRunning, 1);
               },
               Outcome::kSucceeded, "MaxDurationReached",
               "Experiment has succeeded because max duration has been reached"},
        Ending{"NoImprovement",
               [](Scene& s) {
                 s.experiment.stop_when = resources::StopWhen{3, 0};
                 s.trials(TrialState::kSucceeded, 1, "1").trials(TrialState::kSucceeded, 3, "2");
               },
               Outcome::kSucceeded, "NoImprovement",
               "Experiment has succeeded because there was no improvement for long enough"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ExperimentPlanTest, WhatStillRunsWhenItEndsIsStopped) {
  Scene scene;
  scene.experiment.objective.goal = 1;
  scene.trials(TrialState::kSucceeded, 1, "0.5")
      .trials(TrialState::kRunning, 1)
      .trials(TrialState::kPending, 1);

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
  for (const Case& one :
       {Case{"Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kLongRunning, 9, true},
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

}  // namespace
}  // namespace mizan::experiment
