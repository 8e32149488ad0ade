// Warm pods: leases and results as they travel, and templates that can stay warm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/warm_lease.h"
#include "resources/warm_template.h"

namespace mizan::resources {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json pod_with(const Json& lease, const Json& result = nullptr) {
  Json pod;
  pod["metadata"]["annotations"][std::string(kLeaseAnnotation)] = lease.dump();
  if (!result.is_null())
    pod["metadata"]["annotations"][std::string(kLeaseResultAnnotation)] = result.dump();
  return pod;
}

WarmLease full_lease() {
  WarmLease lease;
  lease.trial = "t";
  lease.trial_uid = "ut";
  lease.job_uid = "uj";
  lease.attempt = 1002;
  lease.trial_attempt = 2;
  lease.since = *parse_rfc3339("2026-11-30T12:00:00.123456789Z");
  lease.cancelled = lease.since + std::chrono::seconds(1);
  lease.command = {"a", "b c"};
  lease.args = {"--x=1"};
  lease.env = {{"B", "2"}, {"A", "1 $(B)"}};
  lease.assignments = {{"x", "0.1"}};
  lease.grace_seconds = 7;
  lease.working_dir = "/w";
  lease.termination_log = "/dev/termination-log";
  lease.log_as_message = true;
  return lease;
}

TEST(WarmLease, IsReadAsItWasWritten) {
  EXPECT_EQ(lease_of(pod_with(to_json(full_lease()))), full_lease());
  WarmLease end;
  end.end = true;
  end.since = full_lease().since;
  EXPECT_EQ(lease_of(pod_with(to_json(end))), end);
  EXPECT_EQ(full_lease().key(), "t/1002");
}

TEST(WarmLease, GarbageIsNone) {
  EXPECT_FALSE(lease_of(Json::object()));
  for (const char* text : {"", "{", "[]", "null", "7"}) {
    Json pod;
    pod["metadata"]["annotations"][std::string(kLeaseAnnotation)] = text;
    EXPECT_FALSE(lease_of(pod)) << text;
  }
  EXPECT_TRUE(lease_of(pod_with({{"trial", 7}, {"attempt", "x"}, {"env", 3}})));
}

TEST(WarmResult, BelongsToTheLeaseThatIsThere) {
  WarmResult result;
  result.trial = "t";
  result.attempt = 1002;
  result.exit_code = 137;
  result.signal = 9;
  result.oom_killed = true;
  result.message = "m";
  result.peak_bytes = 5;
  EXPECT_EQ(lease_result_of(pod_with(to_json(full_lease()), to_json(result))), result);
  EXPECT_EQ(*read_result(to_json(result)), result);
  result.attempt = 2;
  EXPECT_FALSE(lease_result_of(pod_with(to_json(full_lease()), to_json(result))))
      << "of an attempt before";
}

Json template_with(const char* change) {
  Json run =
      Json::parse(R"({"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {
    "restartPolicy": "Never", "containers": [
      {"name": "main", "command": ["train"], "args": ["--lr=${trialParameters.lr}"],
       "env": [{"name": "LR", "value": "${trialParameters.lr}"}]},
      {"name": "side", "command": ["watch"]}]}}}})");
  run.merge_patch(Json::parse(change));
  return run;
}
std::vector<std::string> refused(const Json& run) {
  std::vector<std::string> paths;
  for (const FieldError& error :
       check_warm_template(run, "spec.trialTemplate.trialSpec", "main", "Pod"))
    paths.push_back(error.path);
  return paths;
}

TEST(WarmTemplate, TakesPlaceholdersWhereEachTrialHasItsOwn) {
  EXPECT_THAT(refused(template_with("{}")), IsEmpty());
}

TEST(WarmTemplate, RefusesWhatBelongsToOneTrialByName) {
  const std::string at = "spec.trialTemplate.trialSpec", pod = at + ".spec.template.spec";
  const std::pair<const char*, std::string> rows[] = {
      {R"({"metadata": {"labels": {"lr": "${trialParameters.lr}"}}})", at + ".metadata.labels.lr"},
      {R"({"spec": {"completions": 2}})", at + ".spec.completions"},
      {R"({"spec": {"parallelism": 2}})", at + ".spec.parallelism"},
      {R"({"spec": {"podFailurePolicy": {"rules": []}}})", at + ".spec.podFailurePolicy"},
      {R"({"spec": {"managedBy": "example.com/other"}})", at + ".spec.managedBy"},
      {R"({"spec": {"backoffLimit": "${trialParameters.lr}"}})", at + ".spec.backoffLimit"},
      {R"({"spec": {"template": {"spec": {"initContainers": [{"name": "i"}]}}}})",
       pod + ".initContainers"},
      {R"({"spec": {"template": {"spec": {"volumes": [{"name": "${trialParameters.lr}"}]}}}})",
       pod + ".volumes[0].name"},
      {R"({"kind": "PyTorchJob", "apiVersion": "kubeflow.org/v1"})", at + ".kind"},
      {R"({"kind": "Job", "apiVersion": "example.com/v1"})", at + ".kind"},
  };
  for (const auto& [change, path] : rows)
    EXPECT_THAT(refused(template_with(change)), ElementsAre(path)) << change;

  Json run = template_with("{}");
  Json& containers = run["spec"]["template"]["spec"]["containers"];
  containers[1]["args"] = {"${trialParameters.lr}"};
  EXPECT_THAT(refused(run), ElementsAre(pod + ".containers[1].args[0]"));
  containers[1].erase("args");
  containers[0]["image"] = "i:${trialParameters.lr}";
  containers[0]["env"][0]["name"] = "${trialParameters.lr}";
  EXPECT_THAT(refused(run),
              ElementsAre(pod + ".containers[0].env[0].name", pod + ".containers[0].image"));
  containers[0].erase("command");
  EXPECT_THAT(refused(run), ::testing::Contains(pod + ".containers[0].command"));
}

TEST(WarmTemplate, ATrialBecomesAJobOfTheWarmPodController) {
  Json trial{{"spec", {{"primaryContainerName", "main"}, {"runSpec", template_with("{}")}}}};
  ASSERT_TRUE(make_warm(trial, "Pod"));
  EXPECT_TRUE(is_warm_job(trial["spec"]["runSpec"]));
  EXPECT_THAT(trial["spec"]["successCondition"].get<std::string>(), HasSubstr("Complete"));
}

TEST(WarmTemplate, APodBecomesAJobToo) {
  Json pod = Json::parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"a": "b"}},
    "spec": {"restartPolicy": "Always", "containers": [{"name": "main", "command": ["train"]}]}})");
  Json trial{{"spec", {{"primaryContainerName", "main"}, {"runSpec", pod}}}};
  ASSERT_TRUE(make_warm(trial, "Pod"));
  const Json& job = trial["spec"]["runSpec"];
  EXPECT_TRUE(is_warm_job(job));
  EXPECT_EQ(job["kind"], "Job");
  EXPECT_EQ(job["spec"]["template"]["metadata"]["labels"]["a"], "b");
  EXPECT_EQ(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
  EXPECT_EQ(job["spec"]["backoffLimit"], 0);
}

TEST(WarmTemplate, ATemplateFromAConfigMapIsRefusedWhenItIsRead) {
  Json trial{{"spec", {{"runSpec", template_with(R"({"spec": {"completions": 3}})")}}}};
  const auto made = make_warm(trial, "Process");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("spec.completions"));
}

}  // namespace
}  // namespace mizan::resources
