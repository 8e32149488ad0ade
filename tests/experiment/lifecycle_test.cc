// What users do to experiments while they run: budgets, parallelism, pauses, deletions; and kinds
// of run objects that others move.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/condition.h"
#include "tests/experiment/cluster.h"

namespace mizan::experiment {
namespace {

using testing::Cluster;
using testing::experiment_object;
using ::testing::HasSubstr;
using testing::kExperiments;
using testing::kJobs;
using testing::kTrials;

Json budget(int trials, int parallel) {
  return {{"spec", {{"maxTrialCount", trials}, {"parallelTrialCount", parallel}}}};
}

TEST(LifecycleTest, ARaisedBudgetOfARunningExperimentIsSpent) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });

  cluster.patch(kExperiments, "e", budget(9, 4));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 4; });
  cluster.hold_jobs = false;
  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(cluster.trials_in("Succeeded").size(), 9U);
}

TEST(LifecycleTest, ALoweredBudgetEndsTheExperimentAndStopsWhatRuns) {
  Cluster cluster;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Succeeded").size() >= 2; });
  cluster.hold_jobs = true;
  const std::size_t done = cluster.trials_in("Succeeded").size();

  cluster.patch(kExperiments, "e", budget(static_cast<int>(done), 1));
  cluster.run_until_state("e", "Succeeded");
  cluster.run_until([&] { return cluster.trials_in("Running").empty(); });

  EXPECT_GE(cluster.trials_in("Succeeded").size(), done);  // nothing finished is ever removed
}

TEST(LifecycleTest, LoweredParallelismDrainsAndDeletesNothing) {
  Cluster cluster;
  cluster.hold_jobs = true;
  Json object = experiment_object("e");
  object["spec"]["parallelTrialCount"] = 4;
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 4; });

  cluster.patch(kExperiments, "e", {{"spec", {{"parallelTrialCount", 1}}}});
  cluster.turns(5);
  EXPECT_EQ(cluster.trials_in("Running").size(), 4U);
  cluster.hold_jobs = false;
  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(cluster.trials_in("Succeeded").size(), 6U);
}

TEST(LifecycleTest, ATrialDeletedByHandIsReplacedByAnother) {
  Cluster cluster;
  cluster.hold_jobs = true;
  cluster.create(kExperiments, experiment_object("e"));
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });

  cluster.remove(kTrials, "e-1000");
  cluster.hold_jobs = false;
  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(cluster.trials_in("Succeeded").size(), 6U);
  cluster.run_until([&] { return cluster.get(kExperiments, "e")["status"]["trials"] == 6; });
}

TEST(LifecycleTest, ADeletedExperimentIsLeftAlone) {
  Cluster cluster;
  cluster.hold_jobs = true;
  Json object = experiment_object("e");
  object["metadata"]["finalizers"] = {"example.com/hold"};
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });
  cluster.remove(kExperiments, "e");
  cluster.hold_jobs = false;
  cluster.turns(10);

  EXPECT_EQ(cluster.list(kTrials).size(), 2U);  // no new ones
}

TEST(LifecycleTest, AForeverRunningTrialEndsWithMaxDuration) {
  Cluster cluster;
  cluster.hold_jobs = true;
  Json object = experiment_object("e");
  object["spec"]["maxDurationSeconds"] = 60;
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });
  cluster.memory.clock.advance(std::chrono::seconds(61));
  // Something changes: in real life the clock itself wakes the controller.
  cluster.patch(kExperiments, "e", {{"metadata", {{"labels", {{"x", "y"}}}}}});

  cluster.run_until_state("e", "Succeeded");
  cluster.run_until([&] { return cluster.trials_in("Killed").size() == 2; });

  EXPECT_EQ(resources::find_condition(cluster.get(kExperiments, "e"), "Succeeded")->reason,
            "MaxDurationReached");
}

Json widget_definition() {
  return Json::parse(
      R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
      "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})");
}

class ForeignKindTest : public ::testing::Test {
 protected:
  ForeignKindTest() {
    const auto read = resources::ResourceTable::from_crd(widget_definition());
    if (!read) throw std::runtime_error(read.error().message);
    for (const auto& definition : *read) cluster.memory.table.add(definition);
    object = experiment_object("e");
    Json& made = object["spec"]["trialTemplate"];
    made["trialSpec"] = {{"apiVersion", "example.com/v1"},
                         {"kind", "Widget"},
                         {"spec", {{"lr", "${trialParameters.lr}"}}}};
    made["successCondition"] = R"(status.[@this].#(phase=="Done")#)";
    made["failureCondition"] = R"(status.[@this].#(phase=="Broken")#)";
    object["spec"]["metricsCollectorSpec"]["collector"]["kind"] = "Push";
    object["spec"]["maxTrialCount"] = 1;
    object["spec"]["parallelTrialCount"] = 1;
    cluster.create(kExperiments, object);
    cluster.run_until([&] { return cluster.list(kWidgets).size() == 1; });
    name = resources::name_of(cluster.list(kWidgets).front());
  }

  const resources::ResourceId kWidgets{"example.com", "widgets"};
  Cluster cluster;
  Json object;
  std::string name;
};

TEST_F(ForeignKindTest, SaysThatItWaitsForItsOperatorUntilThatHasSaidSomething) {
  const auto running = [&] {
    return resources::find_condition(cluster.get(kTrials, name), "Running");
  };
  cluster.run_until([&] { return running().has_value(); });

  EXPECT_FALSE(running()->status);
  EXPECT_EQ(running()->reason, "NoOperator");
  EXPECT_THAT(running()->message, HasSubstr("Its Widget has no status yet"));
  EXPECT_EQ(string_at(cluster.get(kTrials, name), "status.why"), running()->message);

  cluster.patch(kWidgets, name, {{"status", {{"phase", "Turning"}}}}, "status");
  cluster.run_until([&] { return running()->status; });

  EXPECT_EQ(running()->message, "Trial is running");
}

TEST_F(ForeignKindTest, IsMovedByItsOperatorToSuccess) {
  const std::string uid = resources::uid_of(cluster.get(kTrials, name));
  cluster.memory.run(
      cluster.observations.append(uid, {{"loss", "0.5", std::nullopt, std::nullopt}}));
  cluster.run_until_state("e", "Running");
  cluster.patch(kWidgets, name, {{"status", {{"phase", "Done"}}}}, "status");

  cluster.run_until_state("e", "Succeeded");

  EXPECT_EQ(cluster.get(kTrials, name)["status"]["observation"]["metrics"][0]["latest"], "0.5");
}

TEST_F(ForeignKindTest, IsMovedByItsOperatorToFailure) {
  cluster.patch(kWidgets, name,
                {{"status", {{"phase", "Broken"}, {"message", "a cog is missing"}}}}, "status");

  cluster.run_until([&] { return cluster.state(kTrials, name) == "Failed"; });

  EXPECT_THAT(string_at(cluster.get(kTrials, name), "status.why"), HasSubstr("a cog is missing"));
}

TEST(LifecycleTest, OnlyThePodWithThePrimaryLabelsCounts) {
  Cluster cluster;
  cluster.hold_jobs = true;
  Json object = experiment_object("e");
  object["spec"]["trialTemplate"]["primaryPodLabels"] = {{"role", "main"}};
  object["spec"]["maxTrialCount"] = 1;
  object["spec"]["parallelTrialCount"] = 1;
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return cluster.started.size() == 1; });
  const std::string name = cluster.started.begin()->first;
  cluster.logs.print(name + "-pod", "loss=9\n");
  Json main = cluster.get({"", "pods"}, name + "-pod");
  main["metadata"] = {{"name", "main"},
                      {"labels", {{"role", "main"}, {"katib.kubeflow.org/trial", name}}}};
  main.erase("status");
  cluster.create({"", "pods"}, main);
  cluster.logs.print("main", "loss=1\n");
  Json change;
  change["status"] = {{"phase", "Running"},
                      {"containerStatuses",
                       {{{"name", "main"},
                         {"image", "i"},
                         {"imageID", ""},
                         {"ready", true},
                         {"restartCount", 0},
                         {"state", {{"running", Json::object()}}}}}}};
  cluster.patch({"", "pods"}, "main", change, "status");
  const std::string uid = resources::uid_of(cluster.get(kTrials, name));
  const auto rows = [&] { return *cluster.memory.run(cluster.observations.read(uid, "")); };
  cluster.run_until([&] { return !rows().empty(); });

  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows().front().value, "1");
}

// A count, not a stopwatch: reading the store anew for each trial would make this grow with them.
TEST(LifecycleTest, AFinishedTrialCostsTheSameHoweverManyThereAre) {
  const auto cost = [](int trials) {
    Cluster cluster;
    Json object = experiment_object("e");
    object["spec"]["maxTrialCount"] = trials;
    object["spec"]["parallelTrialCount"] = 5;
    cluster.create(kExperiments, object);
    cluster.run_until_state("e", "Succeeded");
    const int calls =
        cluster.store.count("get") + cluster.store.count("list") + cluster.store.writes();
    return static_cast<double>(calls) / trials;
  };
  EXPECT_LE(cost(60), cost(15) * 1.2);
}

}  // namespace
}  // namespace mizan::experiment
