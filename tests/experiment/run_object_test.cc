// What is put into the objects that run trials.
#include "experiment/run_object.h"

#include <gtest/gtest.h>

#include "tests/experiment/builders.h"

namespace mizan::experiment {
namespace {

using testing::trial_object;

TEST(RunObjectTest, HasTheTrialAsItsOwnerAndItsLabels) {
  const Json object = build_run_object(resources::read_trial(trial_object("t")));

  const Json& owner = object["metadata"]["ownerReferences"][0];
  EXPECT_EQ(owner["kind"], "Trial");
  EXPECT_EQ(owner["uid"], "uid-t");
  EXPECT_EQ(owner["controller"], true);
  for (const Json& labels :
       {object["metadata"]["labels"], object["spec"]["template"]["metadata"]["labels"]}) {
    EXPECT_EQ(labels["katib.kubeflow.org/trial"], "t");
    EXPECT_EQ(labels["katib.kubeflow.org/experiment"], "e");
  }
}

TEST(RunObjectTest, ThePrimaryContainerLearnsWhoItIs) {
  Json trial = trial_object("t");
  Json& containers = trial["spec"]["runSpec"]["spec"]["template"]["spec"]["containers"];
  containers.push_back({{"name", "sidecar"}});
  containers[0]["env"] = {{{"name", "KATIB_TRIAL_NAME"}, {"value", "mine"}}};

  const Json object = build_run_object(resources::read_trial(trial));

  const Json& made = object["spec"]["template"]["spec"]["containers"];
  EXPECT_EQ(made[0]["env"][0]["value"], "mine");
  EXPECT_EQ(made[0]["env"][1], (Json{{"name", "KATIB_EXPERIMENT_NAME"}, {"value", "e"}}));
  EXPECT_FALSE(made[1].contains("env"));
}

TEST(RunObjectTest, FindsThePodTemplatesOfAnyKind) {
  Json trial = trial_object("t");
  trial["spec"]["runSpec"] = Json::parse(
      R"({"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob", "spec": {"pytorchReplicaSpecs": {
    "Master": {"template": {"spec": {"containers": [{"name": "main"}]}}},
    "Worker": {"template": {"metadata": {"labels": {"mine": "1"}}, "spec": {"containers": [{"name": "main"}]}}}}}})");

  const Json object = build_run_object(resources::read_trial(trial));

  for (const char* role : {"Master", "Worker"}) {
    const Json& pod = object["spec"]["pytorchReplicaSpecs"][role]["template"];
    EXPECT_EQ(pod["metadata"]["labels"]["katib.kubeflow.org/trial"], "t") << role;
    EXPECT_EQ(pod["spec"]["containers"][0]["env"].size(), 2U) << role;
  }
  EXPECT_EQ(
      object["spec"]["pytorchReplicaSpecs"]["Worker"]["template"]["metadata"]["labels"]["mine"],
      "1");
}

TEST(RunObjectTest, APodIsItsOwnTemplate) {
  Json trial = trial_object("t");
  trial["spec"]["runSpec"] = Json::parse(
      R"({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "x"}]}})");

  const Json object = build_run_object(resources::read_trial(trial));

  EXPECT_EQ(object["metadata"]["name"], "t");
  EXPECT_EQ(object["metadata"]["labels"]["katib.kubeflow.org/trial"], "t");
  EXPECT_EQ(object["spec"]["containers"][0]["env"][0]["value"], "t");
  EXPECT_EQ(run_kind_of(resources::read_trial(trial)), (RunKind{"v1", "Pod"}));
}

TEST(RunObjectTest, ATrainJobGetsItsTrialAsAPatchOfItsRuntime) {
  Json trial = trial_object("t");
  trial["spec"]["primaryContainerName"] = "node";
  trial["spec"]["primaryPodLabels"] = {{"jobset.sigs.k8s.io/replicatedjob-name", "node"}};
  trial["spec"]["metricsCollector"] = {
      {"collector", {{"kind", "File"}}},
      {"source", {{"fileSystemPath", {{"path", "/out/metrics.log"}, {"kind", "File"}}}}}};
  trial["spec"]["runSpec"] = Json::parse(
      R"({"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", "spec": {
        "runtimeRef": {"name": "torch"}, "trainer": {"env": [{"name": "KATIB_TRIAL_NAME", "value": "mine"}]},
        "runtimePatches": [{"manager": "example.com/me"}]}})");

  const Json object = build_run_object(resources::read_trial(trial));

  const Json& env = object["spec"]["trainer"]["env"];
  ASSERT_EQ(env.size(), 2U);
  EXPECT_EQ(env[0]["value"], "mine");
  EXPECT_EQ(env[1], (Json{{"name", "KATIB_EXPERIMENT_NAME"}, {"value", "e"}}));
  ASSERT_EQ(object["spec"]["runtimePatches"].size(), 2U);
  const Json& patch = object["spec"]["runtimePatches"][1];
  EXPECT_EQ(patch["manager"], "mizan.kubeflow.org/trial");
  const Json& job = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"][0];
  EXPECT_EQ(job["name"], "node");
  const Json& pod = job["template"]["spec"]["template"];
  EXPECT_EQ(pod["metadata"]["labels"]["katib.kubeflow.org/trial"], "t");
  EXPECT_EQ(pod["metadata"]["labels"]["katib.kubeflow.org/experiment"], "e");
  EXPECT_EQ(pod["spec"]["containers"][0]["name"], "node");
  EXPECT_EQ(pod["spec"]["containers"][0]["volumeMounts"][0]["mountPath"], "/out");
  EXPECT_EQ(pod["spec"]["volumes"][0]["name"], "metrics-volume");
}

const Json& pod_spec(const Json& job) { return job["spec"]["template"]["spec"]; }

TEST(RunObjectTest, TheDirectoryOfAMetricsFileIsAVolumeOfItsOwn) {
  const struct {
    const char* kind;
    const char* path;
    const char* mount;  // "": none
  } cases[] = {
      {"File", "/katib/mnist.json", "/katib"},
      {"File", "/var/log/katib/metrics.log", "/var/log/katib"},
      {"TensorFlowEvent", "/var/log/katib/tfevent/", "/var/log/katib/tfevent"},
      {"File", "/metrics.log", ""},  // that would be the whole disk
      {"StdOut", "", ""},
      {"PrometheusMetric", "", ""},
      {"Push", "", ""},
  };
  for (const auto& one : cases) {
    Json object = trial_object("t");
    object["spec"]["metricsCollector"] = {{"collector", {{"kind", one.kind}}},
                                          {"source", {{"fileSystemPath", {{"path", one.path}}}}}};
    const Json job = build_run_object(resources::read_trial(object));
    const Json& container = pod_spec(job)["containers"][0];
    if (std::string_view(one.mount).empty()) {
      EXPECT_FALSE(container.contains("volumeMounts")) << one.kind << one.path;
      EXPECT_FALSE(pod_spec(job).contains("volumes"));
    } else {
      EXPECT_EQ(container["volumeMounts"],
                Json::parse(R"([{"name": "metrics-volume", "mountPath": ")" +
                            std::string(one.mount) + R"("}])"));
      EXPECT_EQ(pod_spec(job)["volumes"],
                Json::parse(R"([{"name": "metrics-volume", "emptyDir": {}}])"));
    }
  }
}

TEST(RunObjectTest, AMetricsFileInAVolumeOfTheUsersStaysThere) {
  Json object = trial_object("t");
  object["spec"]["metricsCollector"] = {
      {"collector", {{"kind", "File"}}},
      {"source", {{"fileSystemPath", {{"path", "/data/run/m.log"}}}}}};
  Json& spec = object["spec"]["runSpec"]["spec"]["template"]["spec"];
  spec["volumes"] = {{{"name", "data"}, {"emptyDir", Json::object()}}};
  spec["containers"][0]["volumeMounts"] = {{{"name", "data"}, {"mountPath", "/data"}}};
  const Json job = build_run_object(resources::read_trial(object));
  EXPECT_EQ(pod_spec(job)["volumes"].size(), 1U);
  EXPECT_EQ(pod_spec(job)["containers"][0]["volumeMounts"].size(), 1U);
}

TEST(RunObjectTest, ACollectorOfTheUsersIsASidecarBesideThePrimaryContainer) {
  Json object = trial_object("t");
  object["spec"]["metricsCollector"] = {
      {"collector",
       {{"kind", "Custom"},
        {"customCollector", {{"name", "mine"}, {"image", "c"}, {"command", {"collect"}}}}}},
      {"source", {{"fileSystemPath", {{"path", "/katib/out.log"}, {"kind", "File"}}}}}};
  const Json job = build_run_object(resources::read_trial(object));
  ASSERT_EQ(pod_spec(job)["initContainers"].size(), 1U);
  const Json& sidecar = pod_spec(job)["initContainers"][0];
  EXPECT_EQ(sidecar["name"], "mine");
  EXPECT_EQ(sidecar["restartPolicy"], "Always");  // it ends with the container that it watches
  EXPECT_EQ(sidecar["volumeMounts"], pod_spec(job)["containers"][0]["volumeMounts"]);
  EXPECT_EQ(sidecar["env"][0]["name"], "KATIB_TRIAL_NAME");
  EXPECT_EQ(pod_spec(job)["volumes"].size(), 1U);
}

}  // namespace
}  // namespace mizan::experiment
