// OptimizationJob in, Experiment out; and its status back.
#include "experiment/optimization_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/validate.h"
#include "tests/support/manual_clock.h"

namespace mizan::experiment {
namespace {

using ::testing::IsEmpty;

Json optimization_job() {
  return Json::parse(R"({"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "OptimizationJob",
    "metadata": {"name": "opt", "namespace": "default", "uid": "uid-opt", "labels": {"team": "a"}}, "spec": {
    "objectives": [{"metric": "val_loss", "direction": "Maximize"}], "searchAlgorithm": {"random": {"seed": 42}},
    "parameters": [{"name": "learning_rate", "searchSpace": {"logUniform": {"min": "0.0001", "max": "0.1", "type": "Float"}}},
                   {"name": "layers", "searchSpace": {"uniform": {"min": "1", "max": "8", "type": "Int"}}},
                   {"name": "batch_size", "searchSpace": {"categorical": {"choices": ["16", "32"]}}}],
    "numTrials": 20, "parallelTrials": 4,
    "trainJobTemplate": {"metadata": {"annotations": {"a": "b"}}, "spec": {"runtimeRef": {"name": "torch-distributed"},
      "trainer": {"command": ["python", "train.py"], "env": [{"name": "MINE", "value": "1"}]}}}}})");
}

TEST(OptimizationJobTest, SaysTheSameAsAnExperiment) {
  const Json made = experiment_of(optimization_job());

  EXPECT_EQ(resources::name_of(made), "opt");
  EXPECT_EQ(resources::controller_of(made)->uid, "uid-opt");
  EXPECT_EQ(resources::labels_of(made).at("team"), "a");
  EXPECT_EQ(made["spec"]["objective"],
            Json::parse(R"({"type": "maximize", "objectiveMetricName": "val_loss"})"));
  EXPECT_EQ(
      made["spec"]["algorithm"],
      Json::parse(
          R"({"algorithmName": "random", "algorithmSettings": [{"name": "random_state", "value": "42"}]})"));
  EXPECT_EQ(made["spec"]["parameters"], Json::parse(R"([
    {"name": "learning_rate", "parameterType": "double",
     "feasibleSpace": {"min": "0.0001", "max": "0.1", "distribution": "logUniform"}},
    {"name": "layers", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "8", "distribution": "uniform"}},
    {"name": "batch_size", "parameterType": "categorical", "feasibleSpace": {"list": ["16", "32"]}}])"));
  EXPECT_EQ(made["spec"]["maxTrialCount"], 20);
  EXPECT_EQ(made["spec"]["parallelTrialCount"], 4);
}

TEST(OptimizationJobTest, ItsTrainJobsGetTheParametersAsVariables) {
  const Json made = experiment_of(optimization_job());

  const Json& run = made["spec"]["trialTemplate"]["trialSpec"];
  EXPECT_EQ(run["kind"], "TrainJob");
  EXPECT_EQ(run["metadata"]["annotations"]["a"], "b");
  const Json& env = run["spec"]["trainer"]["env"];
  ASSERT_EQ(env.size(), 4U);
  EXPECT_EQ(env[0]["name"], "MINE");
  EXPECT_EQ(env[1], (Json{{"name", "KUBEFLOW_TRAINER_OPT_LEARNING_RATE"},
                          {"value", "${trialParameters.learning_rate}"}}));
  EXPECT_EQ(env[3]["name"], "KUBEFLOW_TRAINER_OPT_BATCH_SIZE");
}

TEST(OptimizationJobTest, TheExperimentIsRightAsItStands) {
  for (const bool grid : {false, true}) {
    Json job = optimization_job();
    if (grid) {
      job["spec"]["searchAlgorithm"] = {{"grid", Json::object()}};
      job["spec"]["parameters"] = Json::array({job["spec"]["parameters"][2]});
      job["spec"].erase("numTrials");
    }
    Json made = experiment_of(job);
    const resources::Admission row = resources::experiment_admission({});
    row.apply_defaults(made);
    std::vector<std::string> faults;
    for (const FieldError& error : row.validate(made, nullptr).errors)
      faults.push_back(error.path + ": " + error.message);
    EXPECT_THAT(faults, IsEmpty());
    EXPECT_EQ(made["spec"]["algorithm"]["algorithmName"], grid ? "grid" : "random");
  }
}

class StatusTest : public ::testing::Test {
 protected:
  Json experiment(const std::string& condition, const std::string& reason) {
    Json object{{"metadata", {{"name", "opt"}}}};
    object["status"]["conditions"] = Json::array(
        {{{"type", condition}, {"status", "True"}, {"reason", reason}, {"message", "M"}}});
    object["status"]["currentOptimalTrial"] = {
        {"bestTrialName", "opt-abc"},
        {"parameterAssignments", {{{"name", "layers"}, {"value", "3"}}}}};
    return object;
  }
  Json holding(const Json& status) { return Json{{"status", status}}; }

  mizan::testing::ManualClock clock;
};

TEST_F(StatusTest, OfTheExperimentIsToldBack) {
  const Json running = optimization_status(optimization_job(),
                                           experiment("Running", "ExperimentRunning"), clock.now());
  EXPECT_TRUE(resources::has_condition(holding(running), "Created"));
  EXPECT_FALSE(is_finished_optimization(holding(running)));
  EXPECT_EQ(running["result"]["trainJobName"], "opt-abc");
  EXPECT_EQ(running["result"]["parameters"][0]["value"], "3");

  const Json complete = optimization_status(
      optimization_job(), experiment("Succeeded", "ExperimentMaxTrialsReached"), clock.now());
  EXPECT_EQ(resources::find_condition(holding(complete), "Complete")->reason, "MaxTrialsReached");

  const Json failed = optimization_status(optimization_job(),
                                          experiment("Failed", "ExperimentFailed"), clock.now());
  EXPECT_TRUE(resources::has_condition(holding(failed), "Failed"));
}

TEST_F(StatusTest, SaysWhyThereIsNoExperiment) {
  const Json waits =
      optimization_status(optimization_job(), "it is in the way", false, clock.now());
  EXPECT_FALSE(resources::has_condition(holding(waits), "Created"));
  EXPECT_EQ(resources::find_condition(holding(waits), "Created")->message, "it is in the way");
  EXPECT_FALSE(is_finished_optimization(holding(waits)));
  EXPECT_TRUE(is_finished_optimization(
      holding(optimization_status(optimization_job(), "it is wrong", true, clock.now()))));
}

}  // namespace
}  // namespace mizan::experiment
