// From Pod objects to launch plans, rule by rule.
#include "pods/node/pod_planner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pods/node/pod_resources.h"

namespace mizan::pods {
namespace {

Json a_pod() {
  return Json::parse(R"json({
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "p", "namespace": "ns", "uid": "u-1", "labels": {"app": "x", "a/b": "c"}},
    "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "command": ["run"], "args": ["--lr=$(LR)"]}]}})json");
}

NodeFacts facts() {
  NodeFacts node;
  node.data_dir = "/data";
  node.search_path = "/usr/bin:/bin";
  node.allocatable = {{"cpu", resources::Quantity::of_milli(4000)},
                      {"memory", resources::Quantity::of_bytes(1 << 30)}};
  return node;
}

std::string env_of(const ContainerPlan& plan, const std::string& name) {
  for (const std::string& entry : plan.env) {
    if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
  }
  return "(none)";
}

ContainerPlan container_of(const Json& pod, const PodSources& sources = {},
                           const NodeFacts& node = facts()) {
  auto plan = plan_pod(pod, sources, node, Time());
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
  return plan ? plan->launch.containers.at(0) : ContainerPlan{};
}

TEST(ExpandTest, FollowsKubernetesRules) {
  const Environment environment{{"A", "1"}, {"B", "x y"}};
  struct Case {
    const char *text, *expanded;
  };
  for (const Case& each :
       {Case{"$(A)", "1"}, Case{"-$(A)-$(B)-", "-1-x y-"}, Case{"$(C)", "$(C)"},
        Case{"$$(A)", "$(A)"}, Case{"$A ${A}", "$A ${A}"}, Case{"$(A", "$(A"}, Case{"$", "$"},
        Case{"$$", "$"}, Case{"", ""}, Case{"$()", "$()"}, Case{"$$$(A)", "$1"}})
    EXPECT_EQ(expand(each.text, environment), each.expanded) << each.text;
}

TEST(PodPlannerTest, GivesSaneDefaultsAndExpandsCommands) {
  Json pod = a_pod();
  pod["spec"]["containers"][0]["env"] = Json::parse(
      R"json([{"name": "LR", "value": "0.1"}, {"name": "BOTH", "value": "$(LR)/$(HOSTNAME)"}])json");

  const ContainerPlan plan = container_of(pod);

  EXPECT_EQ(plan.argv, (std::vector<std::string>{"run", "--lr=0.1"}));
  EXPECT_EQ(env_of(plan, "PATH"), "/usr/bin:/bin");
  EXPECT_EQ(env_of(plan, "HOME"), "/data/pods/u-1/containers/main/work");
  EXPECT_EQ(env_of(plan, "TMPDIR"), "/tmp");
  EXPECT_EQ(env_of(plan, "BOTH"), "0.1/p");
}

TEST(PodPlannerTest, ReadsFieldsKeysAndResources) {
  Json pod = a_pod();
  pod["spec"]["containers"][0]["resources"] =
      Json::parse(R"json({"limits": {"memory": "64Mi"}, "requests": {"cpu": "250m"}})json");
  pod["spec"]["containers"][0]["env"] = Json::parse(R"json([
    {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    {"name": "LABEL", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a/b']"}}},
    {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
    {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    {"name": "ABSENT", "valueFrom": {"secretKeyRef": {"name": "none", "key": "k", "optional": true}}},
    {"name": "MIB", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
    {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}}},
    {"name": "NODE_CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}])json");
  pod["spec"]["containers"][0]["envFrom"] =
      Json::parse(R"json([{"prefix": "P_", "configMapRef": {"name": "c"}}])json");
  PodSources sources;
  sources.config_maps["c"] = Json::parse(R"json({"kind": "ConfigMap", "data": {"k": "v"}})json");
  sources.secrets["s"] =
      Json::parse(R"json({"kind": "Secret", "data": {"k": "c2VjcmV0IQ=="}})json");

  const ContainerPlan plan = container_of(pod, sources);

  EXPECT_EQ(env_of(plan, "NAME"), "p");
  EXPECT_EQ(env_of(plan, "LABEL"), "c");
  EXPECT_EQ(env_of(plan, "KEY"), "v");
  EXPECT_EQ(env_of(plan, "P_k"), "v");
  EXPECT_EQ(env_of(plan, "SECRET"), "secret!");
  EXPECT_EQ(env_of(plan, "ABSENT"), "(none)");
  EXPECT_EQ(env_of(plan, "MIB"), "64");
  EXPECT_EQ(env_of(plan, "CPU"), "250");
  EXPECT_EQ(env_of(plan, "NODE_CPU"), "4");
}

TEST(PodPlannerTest, NamesEverySourceThatItNeeds) {
  Json pod = a_pod();
  pod["spec"]["containers"][0]["env"] = Json::parse(
      R"json([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c1", "key": "k"}}}])json");
  pod["spec"]["containers"][0]["envFrom"] =
      Json::parse(R"json([{"secretRef": {"name": "s1"}}])json");
  pod["spec"]["volumes"] = Json::parse(
      R"json([{"name": "a", "configMap": {"name": "c2"}}, {"name": "b", "secret": {"secretName": "s2"}}])json");

  const SourceNames names = sources_of(pod);

  EXPECT_EQ(names.config_maps, (std::set<std::string>{"c1", "c2"}));
  EXPECT_EQ(names.secrets, (std::set<std::string>{"s1", "s2"}));
}

TEST(PodPlannerTest, WaitsForWhatMayStillCome) {
  Json pod = a_pod();
  pod["spec"]["containers"][0]["env"] = Json::parse(
      R"json([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}])json");

  auto plan = plan_pod(pod, {}, facts(), Time());
  ASSERT_FALSE(plan.has_value());
  EXPECT_FALSE(plan.error().fatal);
  EXPECT_EQ(plan.error().reason, "CreateContainerConfigError");
  EXPECT_EQ(plan.error().message, "configmap \"c\" not found");

  PodSources sources;
  sources.config_maps["c"] =
      Json::parse(R"json({"metadata": {"namespace": "ns"}, "data": {}})json");
  plan = plan_pod(pod, sources, facts(), Time());
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().message, "couldn't find key k in ConfigMap ns/c");
}

TEST(PodPlannerTest, PlansVolumesAndTheirFiles) {
  Json pod = a_pod();
  pod["spec"]["volumes"] = Json::parse(R"json([
    {"name": "e", "emptyDir": {}},
    {"name": "c", "configMap": {"name": "m", "defaultMode": 288, "items": [{"key": "k", "path": "deep/file", "mode": 256}]}}])json");
  pod["spec"]["containers"][0]["volumeMounts"] = Json::parse(R"json([
    {"name": "e", "mountPath": "/scratch/", "subPathExpr": "$(HOSTNAME)"}, {"name": "c", "mountPath": "/etc/c"}])json");
  PodSources sources;
  sources.config_maps["m"] =
      Json::parse(R"json({"kind": "ConfigMap", "data": {"k": "v", "other": "w"}})json");

  const auto plan = plan_pod(pod, sources, facts(), Time());

  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_EQ(plan->launch.containers[0].mounts,
            (std::vector<MountPlan>{{"volumes/e/p", "/scratch", false, false},
                                    {"volumes/c", "/etc/c", true, false}}));
  const auto file = std::ranges::find(plan->files, "volumes/c/deep/file", &VolumeFile::path);
  ASSERT_NE(file, plan->files.end());
  EXPECT_EQ(file->bytes, "v");
  EXPECT_EQ(file->mode, 0400U);
  EXPECT_EQ(std::ranges::find(plan->files, "volumes/c/other", &VolumeFile::path),
            plan->files.end());
}

TEST(PodPlannerTest, RefusesForGoodWhatCanNeverBe) {
  struct Case {
    const char *volume, *mount, *reason;
  };
  for (const Case& each :
       {Case{R"json({"name": "v", "hostPath": {"path": "/etc"}})json",
             R"json({"name": "v", "mountPath": "/v"})json", "HostPathForbidden"},
        Case{R"json({"name": "v", "nfs": {}})json", R"json({"name": "v", "mountPath": "/v"})json",
             "UnsupportedVolume"},
        Case{R"json({"name": "v", "emptyDir": {}})json",
             R"json({"name": "w", "mountPath": "/v"})json", "InvalidVolume"},
        Case{R"json({"name": "v", "emptyDir": {}})json",
             R"json({"name": "v", "mountPath": "/v", "subPath": "../x"})json", "InvalidVolume"},
        Case{R"json({"name": "v", "emptyDir": {}})json",
             R"json({"name": "v", "mountPath": "relative"})json", "InvalidVolume"}}) {
    Json pod = a_pod();
    pod["spec"]["volumes"] = Json::array({Json::parse(each.volume)});
    pod["spec"]["containers"][0]["volumeMounts"] = Json::array({Json::parse(each.mount)});

    const auto plan = plan_pod(pod, {}, facts(), Time());

    ASSERT_FALSE(plan.has_value()) << each.volume;
    EXPECT_TRUE(plan.error().fatal) << each.volume;
    EXPECT_EQ(plan.error().reason, each.reason);
  }
}

TEST(PodPlannerTest, FailsPodsThatMountWhereNothingCanBeMounted) {
  Json pod = a_pod();
  NodeFacts node = facts();
  node.isolation = Isolation::kLandlock;
  EXPECT_EQ(env_of(container_of(pod, {}, node), "TMPDIR"), "/data/pods/u-1/containers/main/tmp");
  pod["spec"]["volumes"] = Json::parse(R"json([{"name": "v", "emptyDir": {}}])json");
  pod["spec"]["containers"][0]["volumeMounts"] =
      Json::parse(R"json([{"name": "v", "mountPath": "/v"}])json");

  const auto plan = plan_pod(pod, {}, node, Time());

  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().reason, "MountNamespaceUnavailable");
}

TEST(PodPlannerTest, ReadsPoliciesGraceAndDeadline) {
  Json pod = a_pod();
  pod["spec"]["terminationGracePeriodSeconds"] = 5;
  pod["spec"]["activeDeadlineSeconds"] = 60;
  pod["spec"]["restartPolicy"] = "OnFailure";

  const auto plan = plan_pod(pod, {}, facts(), Time(std::chrono::seconds(1000)));

  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->launch.grace_ms, 5000);
  EXPECT_EQ(plan->launch.deadline_ms, 1'060'000);
  EXPECT_EQ(plan->launch.restart, RestartPolicy::kOnFailure);
  EXPECT_EQ(plan->launch.folder, "/data/pods/u-1");
}

TEST(PodPlannerTest, LaysTheTerminationLogOnlyForThoseWhoUseIt) {
  Json pod = a_pod();
  EXPECT_EQ(container_of(pod).termination_log, "");
  pod["spec"]["containers"][0]["args"] = {"echo bad > /dev/termination-log"};
  EXPECT_EQ(container_of(pod).termination_log, "/dev/termination-log");
  pod["spec"]["containers"][0] = Json::parse(
      R"json({"name": "main", "command": ["x"], "terminationMessagePath": "/why"})json");
  EXPECT_EQ(container_of(pod).termination_log, "/why");
}

TEST(PodResourcesTest, CountsAPodAsTheSchedulerDoes) {
  const Json pod = Json::parse(R"json({"spec": {
    "initContainers": [
      {"name": "big", "resources": {"requests": {"cpu": "3", "memory": "10Mi"}}},
      {"name": "side", "restartPolicy": "Always", "resources": {"requests": {"cpu": "500m"}}},
      {"name": "late", "resources": {"requests": {"memory": "300Mi"}}}],
    "containers": [
      {"name": "a", "resources": {"requests": {"cpu": "1", "memory": "100Mi"}}},
      {"name": "b", "resources": {"limits": {"cpu": "250m", "memory": "50Mi"}}}]}})json");

  const Amounts requests = pod_requests(pod);

  EXPECT_EQ(requests.at("cpu").text(), "3");         // the first init container alone
  EXPECT_EQ(requests.at("memory").text(), "300Mi");  // the last one beats 150Mi
  EXPECT_EQ(requests.at("pods").text(), "1");
  EXPECT_EQ(pod_limits(pod).memory_limit, 0);  // not every container has one
}

TEST(PodResourcesTest, KnowsTheQualityOfService) {
  struct Case {
    const char *resources, *qos;
  };
  for (
      const Case& each :
      {Case{"{}", "BestEffort"}, Case{R"json({"requests": {"cpu": "1"}})json", "Burstable"},
       Case{R"json({"limits": {"cpu": "1", "memory": "1Gi"}})json", "Guaranteed"},
       Case{R"json({"limits": {"cpu": "1"}})json", "Burstable"},
       Case{
           R"json({"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}})json",
           "Burstable"},
       Case{R"json({"limits": {"nvidia.com/gpu": 1}})json", "BestEffort"}}) {
    Json pod = a_pod();
    pod["spec"]["containers"][0]["resources"] = Json::parse(each.resources);
    EXPECT_EQ(qos_class(pod), each.qos) << each.resources;
  }
}

TEST(PodResourcesTest, ReadsMostBrokenPodsAsEmptyOnes) {
  for (const char* text : {"{}", "[]", "null", R"json({"spec": {"containers": {}}})json",
                           R"json({"spec": {"containers": [1, {"resources": []}]}})json"}) {
    const Json pod = Json::parse(text);
    EXPECT_EQ(pod_requests(pod).size(), 1U) << text;
    EXPECT_EQ(qos_class(pod), "BestEffort") << text;
  }
}

}  // namespace
}  // namespace mizan::pods
