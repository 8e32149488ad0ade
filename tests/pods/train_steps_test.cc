// The Jobs that a TrainJob and its runtime make.
#include "pods/train/train_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using ::testing::HasSubstr;

Json step_json(const std::string& name, const std::string& purpose, const std::string& container) {
  Json step{{"name", name}};
  step["template"]["metadata"]["labels"][std::string(kAncestorLabel)] = purpose;
  step["template"]["spec"]["template"]["spec"]["containers"] =
      Json::array({{{"name", container}, {"image", "of-the-runtime"}, {"command", {"train"}}}});
  return step;
}

Json runtime_of(std::vector<Json> steps) {
  Json runtime{{"kind", "ClusterTrainingRuntime"}, {"metadata", {{"name", "plain"}}}};
  runtime["spec"]["template"]["spec"]["replicatedJobs"] = steps;
  return runtime;
}

Json plain_runtime() { return runtime_of({step_json("node", "trainer", "node")}); }

Json train_job(Json spec = Json::object()) {
  spec["runtimeRef"] = {{"name", "plain"}};
  return {{"apiVersion", "trainer.kubeflow.org/v1alpha1"},
          {"kind", "TrainJob"},
          {"metadata", {{"name", "t"}, {"namespace", "default"}, {"uid", "uid-t"}}},
          {"spec", std::move(spec)}};
}

TrainStep only_step(const Json& job, const Json& runtime, const TrainReporting& reporting = {}) {
  auto steps = train_steps(job, runtime, reporting);
  if (!steps) throw std::runtime_error(steps.error().message);
  EXPECT_EQ(steps->size(), 1U);
  return steps->front();
}

const Json& container_of(const TrainStep& step) {
  return step.job["spec"]["template"]["spec"]["containers"][0];
}

std::string variable(const Json& container, const std::string& name) {
  for (const Json& one : resources::array_field(container, "env")) {
    if (one["name"] == name) return string_at(one, "value");
  }
  return "(none)";
}

TEST(TrainStepsTest, AJobIsTheRuntimesWithItsNameOwnerAndLabels) {
  const TrainStep step = only_step(train_job(), plain_runtime());

  EXPECT_EQ(resources::name_of(step.job), "t-node-0");
  EXPECT_EQ(resources::controller_of(step.job)->uid, "uid-t");
  EXPECT_EQ(step.job["spec"]["backoffLimit"], 0);
  EXPECT_EQ(step.job["spec"]["suspend"], false);
  const Json& pod = step.job["spec"]["template"];
  EXPECT_EQ(pod["spec"]["restartPolicy"], "Never");
  EXPECT_EQ(pod["metadata"]["labels"]["jobset.sigs.k8s.io/replicatedjob-name"], "node");
  EXPECT_EQ(pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"], "0");
  EXPECT_EQ(container_of(step)["image"], "of-the-runtime");
}

TEST(TrainStepsTest, WhatTheRuntimeSaysOfItsJobStays) {
  Json runtime = plain_runtime();
  Json& spec = runtime["spec"]["template"]["spec"]["replicatedJobs"][0]["template"]["spec"];
  spec["backoffLimit"] = 4;
  spec["template"]["spec"]["restartPolicy"] = "OnFailure";

  const TrainStep step = only_step(train_job(), runtime);

  EXPECT_EQ(step.job["spec"]["backoffLimit"], 4);
  EXPECT_EQ(step.job["spec"]["template"]["spec"]["restartPolicy"], "OnFailure");
}

TEST(TrainStepsTest, TheTrainerOverridesTheContainerCalledNode) {
  Json runtime = plain_runtime();
  Json& containers = runtime["spec"]["template"]["spec"]["replicatedJobs"][0]["template"]["spec"]
                            ["template"]["spec"]["containers"];
  containers[0]["env"] = {{{"name", "A"}, {"value", "runtime"}},
                          {{"name", "B"}, {"value", "runtime"}}};
  containers.push_back({{"name", "sidecar"}, {"command", {"watch"}}});
  const Json job = train_job({{"trainer",
                               {{"image", "mine"},
                                {"command", {"sh"}},
                                {"args", {"-c", "true"}},
                                {"env", {{{"name", "B"}, {"value", "mine"}}}},
                                {"resourcesPerNode", {{"requests", {{"memory", "1Gi"}}}}}}},
                              {"suspend", true},
                              {"activeDeadlineSeconds", 60}});

  const TrainStep step = only_step(job, runtime);

  const Json& node = container_of(step);
  EXPECT_EQ(node["image"], "mine");
  EXPECT_EQ(node["command"], Json::array({"sh"}));
  EXPECT_EQ(node["args"], Json::array({"-c", "true"}));
  EXPECT_EQ(variable(node, "A"), "runtime");
  EXPECT_EQ(variable(node, "B"), "mine");
  EXPECT_EQ(node["resources"]["requests"]["memory"], "1Gi");
  EXPECT_EQ(step.job["spec"]["template"]["spec"]["containers"][1]["command"],
            Json::array({"watch"}));
  EXPECT_EQ(step.job["spec"]["suspend"], true);
  EXPECT_EQ(step.job["spec"]["activeDeadlineSeconds"], 60);
}

TEST(TrainStepsTest, TorchIsToldThatThereIsOneNode) {
  const struct {
    Json torch, trainer;
    const char* processes;
  } cases[] = {
      {Json::object(), Json::object(), "1"},
      {{{"numProcPerNode", 2}}, Json::object(), "2"},
      {{{"numProcPerNode", "gpu"}}, Json::object(), "gpu"},
      {{{"numProcPerNode", "auto"}}, {{"numProcPerNode", 3}}, "3"},
      {Json::object(), {{"resourcesPerNode", {{"requests", {{"cpu", "4"}}}}}}, "4"},
      {Json::object(), {{"resourcesPerNode", {{"limits", {{"cpu", "500m"}}}}}}, "1"},
  };
  for (const auto& one : cases) {
    Json runtime = plain_runtime();
    runtime["spec"]["mlPolicy"]["torch"] = one.torch;

    const TrainStep step = only_step(train_job({{"trainer", one.trainer}}), runtime);

    EXPECT_EQ(variable(container_of(step), "PET_NNODES"), "1");
    EXPECT_EQ(variable(container_of(step), "PET_NPROC_PER_NODE"), one.processes);
  }
  EXPECT_EQ(variable(container_of(only_step(train_job(), plain_runtime())), "PET_NNODES"),
            "(none)");
}

TEST(TrainStepsTest, InitializersGetTheirSourcesAndComeBeforeWhatDependsOnThem) {
  Json node = step_json("node", "trainer", "node");
  node["dependsOn"] = {{{"name", "dataset-initializer"}, {"status", "Complete"}}};
  const Json runtime = runtime_of(
      {step_json("dataset-initializer", "dataset-initializer", "dataset-initializer"), node});
  const Json job = train_job(
      {{"initializer",
        {{"dataset", {{"storageUri", "hf://data"}, {"secretRef", {{"name", "keys"}}}}}}}});

  const auto steps = train_steps(job, runtime);

  ASSERT_TRUE(steps) << steps.error().message;
  ASSERT_EQ(steps->size(), 2U);
  EXPECT_EQ(variable(container_of((*steps)[0]), "STORAGE_URI"), "hf://data");
  EXPECT_EQ(container_of((*steps)[0])["envFrom"][0]["secretRef"]["name"], "keys");
  ASSERT_EQ((*steps)[1].after.size(), 1U);
  EXPECT_TRUE((*steps)[1].after[0].complete);
}

TEST(TrainStepsTest, PatchesReachThePodsOfTheirJob) {
  Json patch{{"manager", "example.com/me"}};
  Json& change = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"];
  change = Json::array({{{"name", "node"}}, {{"name", "another"}}});
  Json& pod = change[0]["template"]["spec"]["template"];
  pod["metadata"]["labels"]["mine"] = "1";
  pod["spec"]["volumes"] = {{{"name", "v"}, {"emptyDir", Json::object()}}};
  pod["spec"]["nodeSelector"]["disk"] = "fast";
  pod["spec"]["containers"] = {
      {{"name", "node"}, {"volumeMounts", {{{"name", "v"}, {"mountPath", "/v"}}}}},
      {{"name", "nobody"}, {"env", {{{"name", "X"}, {"value", "1"}}}}}};
  change[1]["template"]["spec"]["template"]["metadata"]["labels"]["mine"] = "2";

  const TrainStep step =
      only_step(train_job({{"runtimePatches", Json::array({patch})}}), plain_runtime());

  const Json& made = step.job["spec"]["template"];
  EXPECT_EQ(made["metadata"]["labels"]["mine"], "1");
  EXPECT_EQ(made["metadata"]["labels"]["jobset.sigs.k8s.io/jobset-name"], "t");
  EXPECT_EQ(made["spec"]["volumes"][0]["name"], "v");
  EXPECT_EQ(made["spec"]["nodeSelector"]["disk"], "fast");
  EXPECT_EQ(container_of(step)["volumeMounts"][0]["mountPath"], "/v");
  EXPECT_EQ(made["spec"]["containers"].size(), 1U);
}

TEST(TrainStepsTest, ATrainingCanTellItsStatus) {
  const TrainStep step = only_step(train_job(), plain_runtime(), {"https://here/status", "secret"});

  const Json& node = container_of(step);
  EXPECT_EQ(variable(node, "KUBEFLOW_TRAINER_SERVER_URL"), "https://here/status");
  EXPECT_EQ(variable(node, "KUBEFLOW_TRAINER_SERVER_TOKEN"),
            "/var/run/secrets/kubeflow/trainer/token");
  EXPECT_EQ(node["volumeMounts"][0]["mountPath"], kReportingMount);
  EXPECT_EQ(step.job["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"], "secret");
  EXPECT_EQ(variable(container_of(only_step(train_job(), plain_runtime())),
                     "KUBEFLOW_TRAINER_SERVER_URL"),
            "(none)");
}

TEST(TrainStepsTest, SaysWhatCanNotRunHere) {
  Json wide_runtime = plain_runtime();
  wide_runtime["spec"]["mlPolicy"]["numNodes"] = 4;
  const std::string long_name(60, 'x');
  Json named = train_job();
  named["metadata"]["name"] = long_name;
  const struct {
    Json job, runtime;
    const char* says;
  } cases[] = {
      {train_job({{"trainer", {{"numNodes", 2}}}}), plain_runtime(),
       "2 nodes (spec.trainer.numNodes)"},
      {train_job(), wide_runtime, "4 nodes (spec.mlPolicy.numNodes of its runtime)"},
      {train_job(), runtime_of({step_json("node", "other", "node")}), "no Job that trains"},
      {train_job(), Json::object(), "no Job that trains"},
      {named, plain_runtime(), "give the TrainJob a shorter metadata.name"},
  };
  for (const auto& one : cases) {
    const auto steps = train_steps(one.job, one.runtime);
    ASSERT_FALSE(steps) << one.says;
    EXPECT_THAT(steps.error().message, HasSubstr(one.says));
  }
  // The TrainJob's own number counts.
  EXPECT_TRUE(train_steps(train_job({{"trainer", {{"numNodes", 1}}}}), wide_runtime));
}

}  // namespace
}  // namespace mizan::pods
