// One trial in, plan out; and the sentences that say why.
#include "experiment/trial_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment/trial_status.h"
#include "experiment/trial_why.h"
#include "resources/condition.h"
#include "tests/experiment/builders.h"

namespace mizan::experiment {
namespace {

using resources::TrialState;
using ::testing::ElementsAre;
using testing::failed_pod;
using ::testing::HasSubstr;
using testing::job_object;
using testing::pod_view;
using testing::trial_object;
using testing::with_conditions;

class Scene {
 public:
  explicit Scene(Json object = trial_object("t"))
      : trial(resources::read_trial(object)), all(trial.objective) {}

  Scene& measured(const std::string& metric, const std::string& value) {
    all.observation.add(store::Measurement{metric, value, std::nullopt, std::nullopt});
    return *this;
  }
  TrialPlan plan() {
    const TrialView view{.trial = trial,
                         .run = run ? &*run : nullptr,
                         .success = success,
                         .failure = failure,
                         .pod = pod ? &*pod : nullptr,
                         .collected = collected ? &all : nullptr,
                         .last_line = "",
                         .stop_early = rule_says,
                         .seen_for = seen_for,
                         .unwritten_for = std::chrono::milliseconds(200),
                         .now = clock.now()};
    return plan_trial(view);
  }
  std::vector<std::string> conditions() {
    std::vector<std::string> found;
    const Json status = trial_status_after(trial, plan(), clock.now());
    for (const Json& one : status["conditions"])
      found.push_back(string_at(one, "type") + "=" + string_at(one, "status"));
    return found;
  }

  mizan::testing::ManualClock clock;
  resources::Trial trial;
  std::optional<Json> run;
  std::optional<PodView> pod;
  Collected all;
  bool collected = false;
  std::string rule_says;
  std::chrono::milliseconds seen_for{1000};
  Result<ConditionExpression> success = ConditionExpression::parse(testing::kComplete);
  Result<ConditionExpression> failure = ConditionExpression::parse(testing::kFailed);
};

std::vector<std::string> reasons(const TrialPlan& plan) {
  std::vector<std::string> found;
  for (const PlannedEvent& event : plan.events) found.push_back(event.reason);
  return found;
}

TEST(TrialPlanTest, ANewTrialGetsItsRunObject) {
  Scene scene;

  EXPECT_TRUE(scene.plan().create_run);
  EXPECT_THAT(scene.conditions(), ElementsAre("Created=True"));
}

TEST(TrialPlanTest, AStateThatMayNotLastIsNotWrittenYet) {
  Scene scene;
  scene.run = job_object("t");
  scene.seen_for = std::chrono::milliseconds(50);

  const TrialPlan plan = scene.plan();

  EXPECT_FALSE(plan.writes_status());
  EXPECT_EQ(plan.look_again, std::chrono::milliseconds(150));
}

TEST(TrialPlanTest, ARunningJobMakesTheTrialRunningOnce) {
  Scene scene;
  scene.run = job_object("t");
  scene.pod = pod_view("t", "Running");

  EXPECT_TRUE(scene.plan().follow_metrics);
  EXPECT_THAT(scene.conditions(), ElementsAre("Created=True", "Running=True"));
  EXPECT_THAT(reasons(scene.plan()), ElementsAre("JobRunning"));
  Scene later(with_conditions(trial_object("t"), {"Created", "Running"}));
  later.run = scene.run;
  later.pod = scene.pod;
  EXPECT_FALSE(later.plan().writes_status());
  EXPECT_TRUE(later.plan().events.empty());
}

TEST(TrialPlanTest, AWaitingPodSaysWhy) {
  Scene scene;
  scene.run = job_object("t");
  scene.pod = pod_view("t", "Pending");
  scene.pod->unscheduled = "0/1 nodes are available: insufficient memory.";

  const TrialPlan plan = scene.plan();

  EXPECT_FALSE(plan.mark_running);
  EXPECT_FALSE(plan.follow_metrics);
  EXPECT_EQ(plan.why, "Its pod waits for a node: 0/1 nodes are available: insufficient memory.");
}

TEST(TrialPlanTest, AFinishedRunIsReadToItsEndFirst) {
  Scene scene;
  scene.run = job_object("t", "Complete");
  scene.pod = pod_view("t", "Succeeded");

  const TrialPlan plan = scene.plan();

  EXPECT_TRUE(plan.finish_metrics);
  EXPECT_TRUE(plan.follow_metrics);
  EXPECT_FALSE(plan.writes_status());
}

TEST(TrialPlanTest, AMetricMakesASuccessAndOneWriteTellsTheWholeStory) {
  Scene scene;
  scene.run = job_object("t", "Complete", "CompletionsReached",
                         "Reached expected number of succeeded pods");
  scene.pod = pod_view("t", "Succeeded");
  scene.collected = true;
  scene.measured("loss", "0.5");

  const TrialPlan plan = scene.plan();

  ASSERT_TRUE(plan.outcome);
  EXPECT_EQ(plan.outcome->state, TrialState::kSucceeded);
  EXPECT_EQ(plan.outcome->reason, "TrialSucceeded. Job reason: CompletionsReached");
  EXPECT_EQ(plan.outcome->message,
            "Trial has succeeded. Job message: Reached expected number of succeeded pods");
  EXPECT_TRUE(plan.release_run);
  EXPECT_THAT(scene.conditions(), ElementsAre("Created=True", "Running=False", "Succeeded=True"));
  const Json status = trial_status_after(scene.trial, plan, scene.clock.now());
  EXPECT_EQ(status["observation"]["metrics"][0]["latest"], "0.5");
  EXPECT_EQ(status["suggestedFrom"]["draw"], 0);
  EXPECT_EQ(status["why"], "a random point");
  EXPECT_EQ(status["completionTime"], "2026-11-23T20:00:00Z");
}

TEST(TrialPlanTest, TheFailureConditionIsLookedAtFirst) {
  Scene scene;
  scene.run = job_object("t", "Complete");
  (*scene.run)["status"]["conditions"].push_back(
      {{"type", "Failed"}, {"status", "True"}, {"reason", "Odd"}});
  scene.collected = true;

  EXPECT_EQ(scene.plan().outcome->state, TrialState::kFailed);
}

TEST(TrialPlanTest, ATrialWithoutItsMetricSaysWhatItSaw) {
  struct Case {
    std::function<void(Scene&)> scene;
    const char* why;
  };
  for (
      const Case& one :
      {Case{
           [](Scene& s) { s.all.notes = {{"accuracy", "f1"}, "", "done in 3 s"}; },
           R"(No line of its output said loss=<number>; there was accuracy, f1; it said last: "done in 3 s".)"},
       Case{[](Scene&) {}, "No line of its output said loss=<number>; it printed nothing."},
       Case{[](Scene& s) { s.measured("loss", "nan"); },
            "The last value of loss was nan, which is no finite number."},
       Case{[](Scene& s) { s.all.notes.not_a_number = "loss=oops"; },
            R"(The value of loss was no number: "loss=oops".)"},
       Case{[](Scene& s) { s.all.problem = "its log could not be read: gone"; },
            "No line of its output said loss=<number>; it printed nothing; its log could not be "
            "read: gone."},
       Case{[](Scene& s) { s.trial.collector.kind = "Push"; },
            "Nothing was reported for loss (metrics collector Push)."}}) {
    Scene scene;
    scene.run = job_object("t", "Complete");
    scene.collected = true;
    one.scene(scene);

    const TrialPlan plan = scene.plan();

    EXPECT_EQ(plan.outcome->state, TrialState::kMetricsUnavailable);
    EXPECT_EQ(plan.outcome->message, std::string("Metrics are not available. ") + one.why);
    EXPECT_EQ(plan.why, one.why);
    EXPECT_THAT(reasons(plan), ElementsAre("JobSucceeded", "MetricsUnavailable"));
  }
}

TEST(TrialPlanTest, WithoutACollectorSuccessNeedsNoMetric) {
  Scene scene;
  scene.trial.collector.kind = "None";
  scene.run = job_object("t", "Complete");
  scene.collected = true;

  EXPECT_EQ(scene.plan().outcome->state, TrialState::kSucceeded);
}

TEST(TrialPlanTest, AFailureIsOneSentence) {
  struct Case {
    Json job;
    std::optional<PodView> pod;
    const char* last_line;
    const char* why;
  };
  const Json limit = job_object("t", "Failed", "BackoffLimitExceeded",
                                "Job has reached the specified backoff limit");
  PodView signalled = failed_pod("t", 0);
  signalled.containers[0].signal = 11;
  PodView evicted = pod_view("t", "Failed");
  evicted.containers.clear();
  evicted.reason = "NodeReboot";
  evicted.message = "the machine was restarted.";
  Json deadline = job_object("t", "Failed", "DeadlineExceeded",
                             "Job was active longer than specified deadline");
  for (const Case& one :
       {Case{limit, failed_pod("t", 3), "", "Its command ended with exit code 3."},
        Case{limit, failed_pod("t", 3), "boom",
             R"(Its command ended with exit code 3; it said last: "boom".)"},
        Case{limit, failed_pod("t", 1, "Error", "bad input."), "",
             "Its command ended with exit code 1: bad input."},
        Case{limit, failed_pod("t", 127), "", "A command was not found (exit code 127)."},
        Case{limit, failed_pod("t", 126), "", "A command could not be executed (exit code 126)."},
        Case{limit, failed_pod("t", 137), "", "It was killed by SIGKILL (signal 9)."},
        Case{limit, signalled, "", "It was killed by SIGSEGV (signal 11)."},
        Case{limit, failed_pod("t", 137, "OOMKilled"), "",
             "It used more memory than its limit and was killed (OOMKilled)."},
        Case{limit,
             failed_pod("t", 128, "StartError",
                        "exec: \"nope\": executable file not found in $PATH"),
             "",
             "Its command could not be started: exec: \"nope\": executable file not found in "
             "$PATH."},
        Case{limit, evicted, "", "Its pod failed (NodeReboot): the machine was restarted."},
        Case{deadline, pod_view("t", "Running"), "",
             "It ran past its deadline (activeDeadlineSeconds)."},
        Case{limit, std::nullopt, "", "Job has reached the specified backoff limit."}}) {
    Scene scene;
    scene.run = one.job;
    scene.pod = one.pod;
    scene.collected = true;
    scene.all.notes.last_line = one.last_line;

    const TrialPlan plan = scene.plan();

    EXPECT_EQ(plan.outcome->state, TrialState::kFailed);
    EXPECT_EQ(plan.why, one.why);
    EXPECT_THAT(plan.outcome->message, HasSubstr(one.why));
    ASSERT_EQ(plan.events.size(), 1U);
    EXPECT_EQ(plan.events[0].message, std::string("Job t has failed. ") + one.why);
  }
}

TEST(TrialPlanTest, ADeadlineIsNamedWithItsLength) {
  Scene scene;
  scene.trial.run_spec["spec"]["activeDeadlineSeconds"] = 30;
  scene.run = job_object("t", "Failed", "DeadlineExceeded");
  scene.collected = true;

  EXPECT_EQ(scene.plan().why, "It ran past its deadline of 30 s (activeDeadlineSeconds).");
}

TEST(TrialPlanTest, ExitCode78WithAMessageMeansInfeasible) {
  Scene scene;
  scene.run = job_object("t", "Failed", "BackoffLimitExceeded");
  scene.pod = failed_pod("t", kInfeasibleExitCode, "Error", "batch size must divide 32");
  scene.collected = true;

  EXPECT_EQ(scene.plan().outcome->state, TrialState::kInfeasible);
  EXPECT_EQ(scene.plan().outcome->reason, "InvalidParameters");
  scene.pod->containers[0].message.clear();
  EXPECT_EQ(scene.plan().outcome->state, TrialState::kFailed);
}

TEST(TrialPlanTest, AConditionThatCannotBeReadFailsTheTrialInsteadOfHangingIt) {
  Scene scene;
  scene.success = ConditionExpression::parse("status.#(");

  const TrialPlan plan = scene.plan();

  EXPECT_FALSE(plan.create_run);
  EXPECT_EQ(plan.outcome->state, TrialState::kFailed);
  EXPECT_THAT(*plan.why, HasSubstr("spec.successCondition can't be read: at character"));
}

TEST(TrialPlanTest, ARunOfACompletedTrialStopsWhenItStillRuns) {
  Scene scene(with_conditions(trial_object("t"), {"Created", "Killed"}));
  scene.run = job_object("t");
  scene.trial.retain_run = true;

  EXPECT_TRUE(scene.plan().delete_run);
  EXPECT_FALSE(scene.plan().create_run);
  EXPECT_THAT(reasons(scene.plan()), ElementsAre("JobDeleted"));
}

TEST(TrialPlanTest, AFinishedRunOfACompletedTrialIsReleasedUnlessRetained) {
  Scene scene(with_conditions(trial_object("t"), {"Created", "Succeeded"}));
  scene.run = job_object("t", "Complete");

  EXPECT_TRUE(scene.plan().release_run);
  EXPECT_FALSE(scene.plan().delete_run);
  scene.trial.retain_run = true;
  EXPECT_FALSE(scene.plan().release_run);
}

TEST(TrialPlanTest, ACompletedTrialDoesNotRunAgain) {
  Scene scene(with_conditions(trial_object("t"), {"Created", "Succeeded"}));

  EXPECT_FALSE(scene.plan().create_run);
  EXPECT_FALSE(scene.plan().writes_status());
}

TEST(TrialPlanTest, ARunObjectDeletedByHandIsMadeAgain) {
  Scene scene(with_conditions(trial_object("t"), {"Created", "Running"}));

  EXPECT_TRUE(scene.plan().create_run);
}

TEST(TrialPlanTest, AClientsTrialRunsWhenAClientHasTakenIt) {
  Json object = trial_object("t");
  object["spec"].erase("runSpec");
  Scene scene(object);
  EXPECT_FALSE(scene.plan().create_run);
  EXPECT_THAT(scene.conditions(), ElementsAre("Created=True"));

  object["metadata"]["annotations"]["mizan.kubeflow.org/client-id"] = "w1";
  EXPECT_THAT(Scene(object).conditions(), ElementsAre("Created=True", "Running=True"));
  EXPECT_FALSE(Scene(with_conditions(object, {"Created", "Succeeded"})).plan().writes_status());
}

TEST(TrialPlanTest, NothingIsDoneForATrialThatIsBeingDeleted) {
  Json object = trial_object("t");
  object["metadata"]["deletionTimestamp"] = "2026-11-23T20:00:00Z";
  Scene scene(object);

  EXPECT_FALSE(scene.plan().create_run);
  EXPECT_FALSE(scene.plan().writes_status());
}

TEST(TrialStatusTest, ThePatchNamesTheVersionItWasMadeFrom) {
  Scene scene;
  scene.run = job_object("t");

  const Json patch = trial_status_patch(scene.trial, scene.plan(), scene.clock.now());

  EXPECT_EQ(patch["metadata"]["resourceVersion"], "7");
  EXPECT_EQ(patch["status"]["startTime"], "2026-11-23T20:00:00Z");
  EXPECT_TRUE(
      trial_status_patch(resources::read_trial(with_conditions(trial_object("t"), {"Succeeded"})),
                         TrialPlan(), scene.clock.now())
          .is_object());
}

TEST(TrialStatusTest, UnknownStatusFieldsStay) {
  Json object = trial_object("t");
  object["status"] = {{"future", {{"x", 1}}}};
  Scene scene(object);
  scene.run = job_object("t");

  Json status = object["status"];
  status.merge_patch(trial_status_patch(scene.trial, scene.plan(), scene.clock.now())["status"]);

  EXPECT_EQ(status["future"]["x"], 1);
}

// Early stopping: the wish is an annotation, so that it outlives a restart.

Json stopped_object() {
  Json object = with_conditions(trial_object("t"), {"Created", "Running"});
  object["metadata"]["annotations"]["mizan.kubeflow.org/stop-early"] =
      "loss 3 is worse than the median 1";
  return object;
}

TEST(TrialPlanTest, ATrialToBeStoppedLosesItsRunFirst) {
  Scene scene(stopped_object());
  scene.run = job_object("t");
  scene.pod = pod_view("t", "Running");

  const TrialPlan plan = scene.plan();

  EXPECT_TRUE(plan.delete_run);
  EXPECT_TRUE(plan.follow_metrics);
  EXPECT_FALSE(plan.outcome);
  EXPECT_TRUE(plan.finish_metrics);
}

TEST(TrialPlanTest, AStoppedTrialKeepsItsLastMetricsAndSaysWhy) {
  Scene scene(stopped_object());
  scene.pod = pod_view("t", "Running");
  scene.measured("loss", "3").collected = true;

  const TrialPlan plan = scene.plan();

  ASSERT_TRUE(plan.outcome);
  EXPECT_EQ(plan.outcome->state, TrialState::kEarlyStopped);
  EXPECT_EQ(plan.outcome->message, "Trial is early stopped. loss 3 is worse than the median 1");
  EXPECT_EQ(plan.outcome->observation[0].latest, "3");
  EXPECT_FALSE(plan.create_run);
}

TEST(TrialPlanTest, AStoppedTrialWithoutAMeasurementIsStillEarlyStopped) {
  Scene scene(stopped_object());
  scene.collected = true;

  ASSERT_TRUE(scene.plan().outcome);
  EXPECT_EQ(scene.plan().outcome->state, TrialState::kEarlyStopped);
  EXPECT_TRUE(scene.plan().outcome->observation.empty());
}

TEST(TrialPlanTest, AFailureOnTheWayOutOfAStoppedTrialIsNoFailure) {
  Scene scene(stopped_object());
  Json job = job_object("t", "Failed", "BackoffLimitExceeded");
  job["metadata"]["deletionTimestamp"] = "2026-11-23T20:00:00Z";
  scene.run = job;
  scene.collected = true;

  const TrialPlan plan = scene.plan();

  ASSERT_TRUE(plan.outcome);
  EXPECT_EQ(plan.outcome->state, TrialState::kEarlyStopped);
  EXPECT_FALSE(plan.delete_run);
}

TEST(TrialPlanTest, ATrialThatEndedBeforeItWasStoppedHasItsOwnEnd) {
  Scene scene(stopped_object());
  scene.run = job_object("t", "Complete");
  scene.measured("loss", "1").collected = true;

  ASSERT_TRUE(scene.plan().outcome);
  EXPECT_EQ(scene.plan().outcome->state, TrialState::kSucceeded);
}

TEST(TrialPlanTest, WhatARuleOfItsOwnSaysIsWrittenDownOnce) {
  Scene scene(with_conditions(trial_object("t"), {"Created", "Running"}));
  scene.run = job_object("t");
  scene.rule_says = "loss is 3 at report 2";
  EXPECT_EQ(scene.plan().note_stop, "loss is 3 at report 2");
  EXPECT_FALSE(scene.plan().delete_run);

  Scene noted(stopped_object());
  noted.run = job_object("t");
  noted.rule_says = "loss is 3 at report 2";
  EXPECT_FALSE(noted.plan().note_stop);
}

TEST(TrialPlanTest, AStoppedTrialOfAClientIsLeftToItsClient) {
  Json object = stopped_object();
  object["spec"].erase("runSpec");
  const TrialPlan plan = Scene(object).plan();
  EXPECT_FALSE(plan.outcome);
  EXPECT_FALSE(plan.finish_metrics);
}

TEST(TrialPlanTest, ARunWithoutAPodSaysWhatItWaitsFor) {
  Scene scene(with_conditions(trial_object("t"), {"Created"}));
  scene.run = Json::parse(R"({"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob",
    "status": {"conditions": [{"type": "Created", "status": "False", "message": "there is no runtime called x"}]}})");

  const TrialPlan plan = scene.plan();

  EXPECT_EQ(plan.why, "Its TrainJob waits: there is no runtime called x.");
  EXPECT_FALSE(plan.mark_running);
  (*scene.run)["status"] = {{"jobsStatus", {{{"name", "node"}, {"active", 1}}}}};
  EXPECT_TRUE(scene.plan().mark_running);
}

TEST(TrialStatusTest, AKillLeavesATrialThatEndedByItselfWithItsOwnReason) {
  resources::TrialOutcome killed;
  killed.state = TrialState::kKilled;
  Json object = with_conditions(trial_object("t"), {"Failed"});
  object["status"]["why"] = "Its command ended with exit code 3.";
  const Time now = mizan::testing::ManualClock().now();

  EXPECT_NE(trial_outcome_patch(resources::read_trial(trial_object("t")), killed, "Stopped.", now),
            Json::object());
  const Json patch = trial_outcome_patch(resources::read_trial(object), killed, "Stopped.", now);
  EXPECT_FALSE(patch.contains("/status/why"_json_pointer)) << patch;
}

}  // namespace
}  // namespace mizan::experiment
