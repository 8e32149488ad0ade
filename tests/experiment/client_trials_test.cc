// Experiments whose trials the client runs: made for whoever asks, and ended when it falls silent.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "experiment/controllers.h"
#include "tests/experiment/cluster.h"

namespace mizan::experiment {
namespace {

using testing::Cluster;
using testing::experiment_object;
using testing::kExperiments;
using testing::kJobs;
using testing::kSuggestions;
using testing::kTrials;

TEST(ClientTrialsTest, ForAClientAssignmentsBecomeTrialsAndNothingIsRun) {
  Cluster cluster;
  Json object = experiment_object("e");
  object["spec"]["trialTemplate"] = {{"client", Json::object()}};
  object["spec"].erase("parallelTrialCount");
  object["spec"].erase("maxTrialCount");
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return !cluster.get(kSuggestions, "e").is_null(); });
  EXPECT_EQ(cluster.get(kSuggestions, "e")["spec"]["requests"], 0);

  cluster.patch(kSuggestions, "e", {{"spec", {{"requests", 5}}}});  // as :ask does
  cluster.run_until([&] { return cluster.list(kTrials).size() == 5; });
  cluster.turns(5);

  EXPECT_TRUE(cluster.list(kJobs).empty());
  EXPECT_FALSE(cluster.get(kTrials, "e-1000")["spec"].contains("runSpec"));
}

TEST(ClientTrialsTest, ATrialIsMadeForTheClientThatWaits) {
  Cluster cluster;
  cluster.stop();
  std::vector<std::string> waiting{"w1", "w2"};
  std::vector<std::string> asked_about;
  cluster.who_waits = [&](const resources::Experiment& experiment,
                          const resources::TrialAssignment& draw) -> std::string {
    asked_about.push_back(experiment.name + ": " + draw.name);
    if (waiting.empty()) return "";
    const std::string first = waiting.front();
    waiting.erase(waiting.begin());
    return first;
  };
  cluster.start();
  Json object = experiment_object("e");
  object["spec"]["trialTemplate"] = {{"client", Json::object()}};
  object["spec"].erase("parallelTrialCount");
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return !cluster.get(kSuggestions, "e").is_null(); });
  cluster.patch(kSuggestions, "e", {{"spec", {{"requests", 3}}}});
  cluster.run_until([&] { return cluster.list(kTrials).size() == 3; });

  const auto client_of = [&](const std::string& name) {
    return cluster.get(kTrials, name)["metadata"]["annotations"].value(
        "mizan.kubeflow.org/client-id", "");
  };
  EXPECT_EQ(client_of("e-1000"), "w1");
  EXPECT_EQ(client_of("e-1001"), "w2");
  EXPECT_EQ(client_of("e-1002"), "") << "for whoever asks first";
  EXPECT_EQ(asked_about, (std::vector<std::string>{"e: e-1000", "e: e-1001", "e: e-1002"}));

  Json job = experiment_object("job");
  cluster.create(kExperiments, job);
  cluster.run_until([&] { return !cluster.list(kJobs).empty(); });
  EXPECT_EQ(asked_about.size(), 3U) << "nobody asks for what runs here";
}

TEST(ClientTrialsTest, AskingForMoreDrawsIsNoWorkBeforeTheyAreDrawn) {
  Cluster cluster;
  Json object = experiment_object("e");
  object["spec"]["trialTemplate"] = {{"client", Json::object()}};
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return !cluster.get(kSuggestions, "e").is_null(); });
  const auto settle = [&] {
    cluster.memory.io.restart();
    cluster.memory.io.poll();
  };
  settle();
  const auto before = cluster.controllers().experiments().stats().reconciles;
  cluster.patch(kSuggestions, "e", {{"spec", {{"requests", 1}}}});
  settle();
  EXPECT_EQ(cluster.controllers().experiments().stats().reconciles, before);

  cluster.patch(kSuggestions, "e", {{"spec", {{"requests", 0}}}});
  settle();
  EXPECT_GT(cluster.controllers().experiments().stats().reconciles, before)
      << "whatever else changes is looked at";
}

TEST(ClientTrialsTest, ATrialWhoseClientIsSilentIsEnded) {
  Cluster cluster;
  Json object = experiment_object("e");
  object["spec"]["trialTemplate"] = {{"client", {{"abandonAfterSeconds", 60}}}};
  cluster.create(kExperiments, object);
  cluster.run_until([&] { return !cluster.get(kSuggestions, "e").is_null(); });
  cluster.patch(kSuggestions, "e", {{"spec", {{"requests", 2}}}});
  cluster.run_until([&] { return cluster.list(kTrials).size() == 2; });
  for (const char* name : {"e-1000", "e-1001"}) {
    cluster.patch(kTrials, name,
                  {{"metadata", {{"annotations", {{"mizan.kubeflow.org/client-id", "w"}}}}}});
  }
  cluster.run_until([&] { return cluster.trials_in("Running").size() == 2; });

  cluster.memory.clock.advance(std::chrono::seconds(40));
  const std::string heard = resources::uid_of(cluster.get(kTrials, "e-1001"));
  ASSERT_TRUE(cluster.memory.run(
      cluster.observations.append(heard, {{"loss", "1", std::nullopt, std::nullopt}})));
  cluster.memory.clock.advance(std::chrono::seconds(40));
  cluster.patch(kExperiments, "e", {{"metadata", {{"annotations", {{"look", "again"}}}}}});
  cluster.run_until([&] { return cluster.state(kTrials, "e-1000") == "Killed"; });

  EXPECT_EQ(resources::find_condition(cluster.get(kTrials, "e-1000"), "Killed")->reason,
            "ClientGone");
  EXPECT_EQ(cluster.state(kTrials, "e-1001"), "Running");
}

}  // namespace
}  // namespace mizan::experiment
