// Whole experiments, from the object to its best trial, and what may happen to them on the way.
#include "experiment/controllers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/experiment/cluster.h"

namespace mizan::experiment {
namespace {

using testing::Cluster;
using ::testing::Contains;
using testing::experiment_object;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using testing::kExperiments;
using testing::kJobs;
using testing::kSuggestions;
using testing::kTrials;

std::vector<std::string> event_reasons(Cluster& cluster, const std::string& kind) {
  std::vector<std::string> reasons;
  for (const Json& event : cluster.list({"", "events"})) {
    if (string_at(event, "involvedObject.kind") == kind)
      reasons.push_back(string_at(event, "reason"));
  }
  return reasons;
}

TEST(ControllersTest, AnExperimentRunsToItsBestTrial) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e"));

  cluster.run_until_state("e", "Succeeded");
  cluster.turns(3);

  const Json experiment = cluster.get(kExperiments, "e");
  EXPECT_EQ(resources::find_condition(experiment, "Succeeded")->reason,
            "ExperimentMaxTrialsReached");
  EXPECT_EQ(experiment["status"]["trialsSucceeded"], 6);
  EXPECT_EQ(experiment["status"]["succeededTrialList"].size(), 6U);
  EXPECT_EQ(experiment["status"]["currentOptimalTrial"]["bestTrialName"], "e-1005");
  EXPECT_EQ(experiment["status"]["currentOptimalTrial"]["observation"]["metrics"][0]["min"],
            "0.994");
  EXPECT_EQ(cluster.list(kTrials).size(), 6U);
  EXPECT_EQ(cluster.get(kSuggestions, "e")["spec"]["requests"], 6);
  for (const Json& trial : cluster.list(kTrials)) {
    EXPECT_EQ(resources::last_condition_type(trial), "Succeeded");
    EXPECT_TRUE(trial["status"].contains("suggestedFrom"));
    EXPECT_EQ(cluster.started[resources::name_of(trial)], 1);
  }
  cluster.stop();
  EXPECT_THAT(event_reasons(cluster, "Trial"), IsSupersetOf({"JobCreated", "JobSucceeded"}));
  EXPECT_THAT(event_reasons(cluster, "Experiment"),
              IsSupersetOf({"ExperimentRunning", "ExperimentMaxTrialsReached"}));
}

TEST(ControllersTest, NeverMoreTrialsAreActiveThanAllowed) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e"));

  cluster.run_until([&] {
    std::size_t active = 0;
    for (const Json& trial : cluster.list(kTrials))
      active += resources::is_completed(resources::read_trial(trial).state) ? 0 : 1;
    EXPECT_LE(active, 2U);
    return cluster.state(kExperiments, "e") == "Succeeded";
  });
}

TEST(ControllersTest, FailedTrialsEndTheExperimentAsAllowed) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e", "exit 3"));

  cluster.run_until_state("e", "Failed");

  const Json experiment = cluster.get(kExperiments, "e");
  EXPECT_EQ(resources::find_condition(experiment, "Failed")->message,
            "Experiment has failed because max failed count has reached");
  EXPECT_GE(experiment["status"]["trialsFailed"], 3);
  const Json trial = cluster.trials_in("Failed").front();
  EXPECT_EQ(trial["status"]["why"],
            R"(Its command ended with exit code 3; it said last: "exit 3".)");
}

TEST(ControllersTest, TrialsWithoutAMetricNeverHang) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e", "accuracy=0.5"));

  cluster.run_until_state("e", "Failed");

  const Json trial = cluster.trials_in("MetricsUnavailable").front();
  EXPECT_THAT(trial["status"]["why"].get<std::string>(),
              HasSubstr("No line of its output said loss=<number>; there was accuracy"));
}

TEST(ControllersTest, TheGoalStopsWhatStillRuns) {
  Cluster cluster;
  Json object = experiment_object("e");
  object["spec"]["objective"]["goal"] = 0.001;
  cluster.create(kExperiments, object);
  cluster.hold_jobs = true;
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });

  const std::string winner = resources::name_of(cluster.trials_in("Running").front());
  resources::TrialOutcome outcome;
  outcome.observation = {{"loss", "0.0001", "0.0001", "0.0001"}};
  const Json told =
      resources::with_outcome(cluster.get(kTrials, winner), outcome, cluster.memory.clock.now());
  cluster.patch(kTrials, winner, {{"status", told["status"]}}, "status");
  cluster.run_until(
      [&] { return cluster.trials_in("Killed").size() == 1 && cluster.list(kJobs).empty(); });

  const Json killed = cluster.trials_in("Killed").front();
  EXPECT_EQ(resources::find_condition(killed, "Killed")->reason, "ExperimentGoalReached");
  EXPECT_EQ(cluster.state(kExperiments, "e"), "Succeeded");
  cluster.run_until(
      [&] { return cluster.get(kExperiments, "e")["status"].value("trialsKilled", 0) == 1; });
}

TEST(ControllersTest, AnExhaustedAlgorithmEndsTheExperiment) {
  Cluster cluster;
  cluster.points = 3;
  cluster.create(kExperiments, experiment_object("e"));

  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(resources::find_condition(cluster.get(kExperiments, "e"), "Succeeded")->reason,
            "ExperimentSuggestionEndReached");
  EXPECT_EQ(cluster.list(kTrials).size(), 3U);
}

TEST(ControllersTest, SuspendDrainsAndResumeGoesOn) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });

  cluster.patch(kExperiments, "e", {{"spec", {{"suspend", true}}}});
  cluster.run_until_state("e", "Suspended");
  cluster.hold_jobs = false;
  cluster.run_until([&] { return cluster.trials_in("Succeeded").size() == 2; });
  cluster.turns(5);
  EXPECT_EQ(cluster.list(kTrials).size(), 2U);

  cluster.patch(kExperiments, "e", {{"spec", {{"suspend", false}}}});
  cluster.run_until_state("e", "Succeeded");
  EXPECT_EQ(cluster.list(kTrials).size(), 6U);
}

TEST(ControllersTest, ARaisedBudgetGoesOnWhereItStopped) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until_state("e", "Succeeded");

  cluster.patch(kExperiments, "e", {{"spec", {{"maxTrialCount", 9}}}});
  cluster.run_until([&] {
    return cluster.list(kTrials).size() == 9 && cluster.state(kExperiments, "e") == "Succeeded";
  });

  EXPECT_EQ(cluster.get(kExperiments, "e")["status"]["trialsSucceeded"], 9);
  for (const auto& [job, times] : cluster.started) EXPECT_EQ(times, 1) << job;
}

TEST(ControllersTest, ARestartedProgramGoesOnAndRunsNothingTwice) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e"));
  for (int i = 0; i < 12; ++i) {
    cluster.turns(1);
    cluster.stop();
    cluster.start();
  }
  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(cluster.list(kTrials).size(), 6U);
  for (const auto& [job, times] : cluster.started) EXPECT_EQ(times, 1) << job;
  for (const Json& trial : cluster.list(kTrials)) {
    EXPECT_EQ(cluster.memory.run(cluster.observations.read(resources::uid_of(trial), ""))->size(),
              1U);
  }
}

class FaultTest : public ::testing::TestWithParam<int> {};

TEST_P(FaultTest, EveryNthWriteMayFailBeforeOrAfterItIsMade) {
  Cluster cluster;
  cluster.store.fail_every(GetParam());
  cluster.create(kExperiments, experiment_object("e"));

  cluster.run_until_state("e", "Succeeded");

  cluster.run_until(
      [&] { return cluster.get(kExperiments, "e")["status"].value("trialsSucceeded", 0) == 6; });
  EXPECT_EQ(cluster.list(kTrials).size(), 6U);
  for (const auto& [job, times] : cluster.started) EXPECT_EQ(times, 1) << job;
}

INSTANTIATE_TEST_SUITE_P(Nth, FaultTest, ::testing::Values(2, 3, 5, 7));

TEST(ControllersTest, ATemplateThatCannotBeRenderedFailsTheExperimentAtOnce) {
  Cluster cluster;
  Json object = experiment_object("e", "loss=${trialParameters.nothing}");
  cluster.create(kExperiments, object);

  cluster.run_until_state("e", "Failed");

  EXPECT_THAT(cluster.get(kExperiments, "e")["status"]["why"].get<std::string>(),
              HasSubstr("no entry named \"nothing\""));
  EXPECT_TRUE(cluster.list(kTrials).empty());
}

TEST(ControllersTest, ATemplateMayComeFromAConfigMapThatComesLater) {
  Cluster cluster;
  Json object = experiment_object("e");
  const Json spec = object["spec"]["trialTemplate"]["trialSpec"];
  object["spec"]["trialTemplate"].erase("trialSpec");
  object["spec"]["trialTemplate"]["configMap"] = {{"configMapName", "templates"},
                                                  {"configMapNamespace", "default"},
                                                  {"templatePath", "job.yaml"}};
  cluster.create(kExperiments, object);
  cluster.turns(10);
  EXPECT_TRUE(cluster.list(kTrials).empty());

  cluster.create({"", "configmaps"},
                 {{"metadata", {{"name", "templates"}}}, {"data", {{"job.yaml", spec.dump()}}}});

  cluster.run_until_state("e", "Succeeded");
  cluster.stop();
  EXPECT_THAT(event_reasons(cluster, "Experiment"), Contains("ReconcileError"));
}

TEST(ControllersTest, AKindThatNobodyServesFailsItsTrials) {
  Cluster cluster;
  Json object = experiment_object("e");
  object["spec"]["trialTemplate"]["trialSpec"]["apiVersion"] = "example.com/v1";
  object["spec"]["trialTemplate"]["trialSpec"]["kind"] = "Widget";
  cluster.create(kExperiments, object);

  cluster.run_until_state("e", "Failed");

  EXPECT_THAT(cluster.trials_in("Failed").front()["status"]["why"].get<std::string>(),
              HasSubstr("no kind Widget of example.com/v1 is served here"));
}

TEST(ControllersTest, AJobDeletedByHandIsMadeAgain) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });

  cluster.remove(kJobs, "e-1000");
  cluster.remove({"", "pods"}, "e-1000-pod");
  cluster.run_until([&] { return cluster.started["e-1000"] == 2; });

  EXPECT_EQ(cluster.state(kTrials, "e-1000"), "Running");
}

TEST(ControllersTest, MeasurementsGoWithTheirTrial) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until_state("e", "Succeeded");
  const std::string uid = resources::uid_of(cluster.get(kTrials, "e-1000"));
  ASSERT_FALSE(cluster.memory.run(cluster.observations.read(uid, ""))->empty());

  cluster.remove(kTrials, "e-1000");
  cluster.run_until(
      [&] { return cluster.memory.run(cluster.observations.read(uid, ""))->empty(); });
}

TEST(ControllersTest, OnlyTheNewestFinishedJobsAreKept) {
  ControllersOptions options = Cluster::quick();
  options.trials.keep_finished = 2;
  Cluster cluster(options);
  cluster.create(kExperiments, experiment_object("e"));

  cluster.run_until_state("e", "Succeeded");
  cluster.run_until([&] { return cluster.list(kJobs).size() == 2; });

  EXPECT_EQ(cluster.list(kTrials).size(), 6U);
}

TEST(ControllersTest, AShortTrialCostsThreeWritesAndTwoEvents) {
  ControllersOptions options = Cluster::quick();
  options.trials.unwritten_for = std::chrono::hours(1);  // every trial is a short one
  Cluster cluster(options);
  std::map<std::string, int> calls;
  cluster.store.set_plan([&](const mizan::testing::FlakyStore::Call& call)
                             -> std::optional<mizan::testing::FlakyStore::Fault> {
    ++calls[call.verb + " " + call.id.resource];
    return std::nullopt;
  });
  Json object = experiment_object("e");
  object["spec"]["maxTrialCount"] = 40;
  object["spec"]["parallelTrialCount"] = 8;
  cluster.create(kExperiments, object);

  cluster.run_until_state("e", "Succeeded");
  cluster.stop();

  EXPECT_EQ(calls["create trials"], 40);
  EXPECT_EQ(calls["create jobs"], 40);
  EXPECT_EQ(calls["patch trials"], 40);
  EXPECT_EQ(calls["create suggestions"], 1);
  EXPECT_EQ(calls["create events"] + calls["patch events"], 2 * 40 + 2);
}

TEST(ControllersTest, UnknownFieldsOutliveTheControllers) {
  Cluster cluster;
  Json object = experiment_object("e");
  object["metadata"]["annotations"]["mine"] = "kept";
  cluster.create(kExperiments, object);
  cluster.hold_jobs = true;
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });
  cluster.patch(kTrials, "e-1000", {{"metadata", {{"annotations", {{"mine", "kept"}}}}}});
  cluster.hold_jobs = false;

  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(cluster.get(kExperiments, "e")["metadata"]["annotations"]["mine"], "kept");
  EXPECT_EQ(cluster.get(kTrials, "e-1000")["metadata"]["annotations"]["mine"], "kept");
}

TEST(ControllersTest, ATrialThatIsToStopEndsEarlyWithItsMetrics) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });
  const std::string name = resources::name_of(cluster.trials_in("Running").front());
  cluster.logs.print(name + "-pod", "loss=0.7\n");
  const std::string uid = resources::uid_of(cluster.get(kTrials, name));
  const auto rows = [&] { return cluster.memory.run(cluster.observations.read(uid, ""))->size(); };
  cluster.run_until([&] { return rows() == 1; });

  cluster.patch(
      kTrials, name,
      {{"metadata", {{"annotations", {{"mizan.kubeflow.org/stop-early", "it is no good"}}}}}});
  cluster.run_until([&] { return cluster.get(kJobs, name).is_null(); });
  // What it says on its way out counts too.
  cluster.logs.print(name + "-pod", "loss=0.6\n");
  cluster.logs.end(name + "-pod");
  cluster.run_until([&] { return cluster.state(kTrials, name) == "EarlyStopped"; });

  const Json trial = cluster.get(kTrials, name);
  EXPECT_EQ(resources::find_condition(trial, "EarlyStopped")->reason, "TrialEarlyStopped");
  EXPECT_THAT(resources::find_condition(trial, "EarlyStopped")->message,
              HasSubstr("it is no good"));
  EXPECT_EQ(trial["status"]["observation"]["metrics"][0]["min"], "0.6");
  cluster.run_until(
      [&] { return cluster.get(kExperiments, "e")["status"].value("trialsEarlyStopped", 0) == 1; });
}

TEST(ControllersTest, ARuleInATrialsSpecStopsIt) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });
  Json trial = cluster.trials_in("Running").front();
  const std::string name = resources::name_of(trial);
  cluster.patch(
      kTrials, name,
      {{"spec",
        {{"earlyStoppingRules",
          {{{"name", "loss"}, {"value", "0.5"}, {"comparison", "greater"}, {"startStep", 2}}}}}}});
  cluster.stop();
  cluster.start();  // rules are read when a trial is taken up
  cluster.turns(3);

  cluster.logs.print(name + "-pod", "loss=0.9\nloss=0.8\n");
  cluster.run_until([&] { return cluster.get(kJobs, name).is_null(); });
  cluster.logs.end(name + "-pod");
  cluster.run_until([&] { return cluster.state(kTrials, name) == "EarlyStopped"; });

  EXPECT_THAT(resources::find_condition(cluster.get(kTrials, name), "EarlyStopped")->message,
              HasSubstr("loss is 0.8 at report 2"));
}

TEST(ControllersTest, AStopThatWasWishedBeforeARestartIsCarriedOut) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });
  const std::string name = resources::name_of(cluster.trials_in("Running").front());
  cluster.stop();
  cluster.patch(
      kTrials, name,
      {{"metadata", {{"annotations", {{"mizan.kubeflow.org/stop-early", "it is no good"}}}}}});
  cluster.remove(kJobs, name);  // as if the program had been killed right after that
  cluster.logs.end(name + "-pod");
  cluster.start();

  cluster.run_until([&] { return cluster.state(kTrials, name) == "EarlyStopped"; });

  EXPECT_EQ(cluster.started[name], 1);
}

}  // namespace
}  // namespace mizan::experiment
