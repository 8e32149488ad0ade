// Faults of Katib that mizan must not have, each by its name. docs/katib.md says which tests pin
// the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment/experiment_status.h"
#include "resources/validate.h"
#include "tests/experiment/cluster.h"
#include "tests/experiment/experiment_scene.h"

namespace mizan::experiment {
namespace {

using testing::Cluster;
using testing::experiment_object;
using testing::ExperimentScene;
using testing::kExperiments;
using testing::kTrials;

// Katib checks a label of the namespace on every update, also when a finalizer is taken off.
TEST(KatibFaults, ANamespaceWithoutTheLabelKeepsNobody) {
  resources::AdmissionTable admission;
  admission[{"kubeflow.org/v1beta1", "Experiment"}] = resources::experiment_admission({});
  mizan::testing::MemoryStore memory(std::move(admission));
  Json object = experiment_object("e");
  object["metadata"]["finalizers"] = {"example.com/hold"};
  const store::Key key(kExperiments, "default", "e");
  ASSERT_TRUE(memory.run(memory.store.create(kExperiments, "default", object, {})));
  ASSERT_TRUE(memory.run(memory.store.remove(key, {})));
  Json change;
  change["metadata"]["finalizers"] = nullptr;
  const auto freed = memory.run(
      memory.store.patch(key, "", store::Patch(store::PatchType::kMerge, std::move(change)), {}));
  ASSERT_TRUE(freed) << freed.error().message;
  EXPECT_FALSE(memory.run(memory.store.get(key)));
}

// Katib flips Restarting and Succeeded at each reconcile of such an experiment.
TEST(KatibFaults, ACompleteExperimentWithoutABudgetStaysComplete) {
  for (const auto policy : {resources::ResumePolicy::kNever, resources::ResumePolicy::kLongRunning,
                            resources::ResumePolicy::kFromVolume}) {
    ExperimentScene scene;
    scene.experiment.resume_policy = policy;
    scene.experiment.max_trial_count.reset();
    scene.trials(resources::TrialState::kSucceeded, 4, "0.5");
    scene.condition("Created", "ExperimentCreated").condition("Succeeded", "ExperimentGoalReached");
    const ExperimentView view = scene.view();
    const Verdict verdict = judge(view);
    EXPECT_TRUE(verdict.already);
    EXPECT_FALSE(verdict.restarted);
    EXPECT_EQ(conditions_after(view, verdict), scene.experiment.raw["status"]["conditions"]);
    EXPECT_FALSE(scene.plan().requests);
  }
}

// Katib's Suggestion controller lists trials by label over all namespaces.
TEST(KatibFaults, ExperimentsOfOneNameInTwoNamespacesDoNotMeet) {
  Cluster cluster;
  resources::TrialOutcome outcome;
  outcome.observation = {{"loss", "0.0000001", "0.0000001", "0.0000001"}};
  Json stranger = testing::trial_object("stranger");
  stranger["metadata"]["namespace"] = "kubeflow";
  for (const char* field : {"uid", "resourceVersion", "ownerReferences"})
    stranger["metadata"].erase(field);
  stranger["spec"].erase("runSpec");
  auto& store = cluster.memory.store;
  ASSERT_TRUE(cluster.memory.run(store.create(kTrials, "kubeflow", stranger, {})));
  const store::Key key(kTrials, "kubeflow", "stranger");
  const Json made = **cluster.memory.run(store.get(key));
  Json status;
  status["status"] = resources::with_outcome(made, outcome, cluster.memory.clock.now())["status"];
  ASSERT_TRUE(cluster.memory.run(
      store.patch(key, "status", store::Patch(store::PatchType::kMerge, std::move(status)), {})));
  cluster.create(kExperiments, experiment_object("e"));

  cluster.run_until_state("e", "Succeeded");
  cluster.turns(3);

  const Json experiment = cluster.get(kExperiments, "e");
  EXPECT_EQ(experiment["status"]["trials"], 6);
  EXPECT_NE(string_at(experiment, "status.currentOptimalTrial.bestTrialName"), "stranger");
}

}  // namespace
}  // namespace mizan::experiment
