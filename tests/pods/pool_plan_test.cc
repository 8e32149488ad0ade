// Plans of warm pools: what a moment of Jobs, pods, leases and results leads to.
#include "pods/warm/pool_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "pods/warm/warm_job.h"
#include "resources/meta.h"
#include "resources/warm_lease.h"

namespace mizan::pods {
namespace {

using resources::WarmLease;
using resources::WarmResult;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Time kNow = *parse_rfc3339("2026-11-30T12:00:00Z");

/// An experiment's world that a test fills; plan() sees it as it is then.
class World {
 public:
  World() {
    raw = Json::parse(R"({"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment",
      "metadata": {"name": "e", "namespace": "default", "uid": "ue"},
      "spec": {"parallelTrialCount": 2, "trialPods": {"reuse": "Process"},
               "trialTemplate": {"primaryContainerName": "main"}}})");
  }

  void add_trial(const std::string& name) {
    resources::Trial trial;
    trial.ns = "default";
    trial.name = name;
    trial.uid = "ut-" + name;
    trial.primary_container = "main";
    trial.assignments = {{"x", "1"}};
    trials[name] = trial;
    Json job = Json::parse(R"({"apiVersion": "batch/v1", "kind": "Job", "spec": {"backoffLimit": 0,
      "managedBy": "mizan.kubeflow.org/warm-pods", "template": {"metadata": {"labels": {"app": "a"}},
      "spec": {"containers": [{"name": "main", "command": ["train"], "args": ["--x", "1"],
        "env": [{"name": "X", "value": "1"}, {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"memory": "256Mi"}}}]}}}})");
    job["metadata"] = {{"name", name}, {"namespace", "default"}, {"uid", "uj-" + name}};
    jobs[name] = std::move(job);
  }
  WarmLease lease(const std::string& trial, std::int64_t attempt = 1) const {
    return lease_for(jobs.at(trial), trials.at(trial), attempt, kNow - seconds(5));
  }
  Json& add_pod(std::int64_t slot, const std::string& phase, const std::string& memory = "256Mi") {
    Json pod = Json::parse(
        R"({"metadata": {"namespace": "default", "labels": {"mizan.kubeflow.org/warm-pool": "Process"},
      "annotations": {}}, "spec": {"containers": [{"name": "main"}]}})");
    const std::string name = "pod-" + std::to_string(slot);
    pod["metadata"]["name"] = name;
    pod["metadata"]["uid"] = "up-" + std::to_string(slot);
    pod["metadata"]["annotations"][kWarmSlotAnnotation] = std::to_string(slot) + ".1";
    const Json amounts{{"memory", memory}};
    pod["spec"]["containers"][0]["resources"] = {{"limits", amounts}, {"requests", amounts}};
    Json status{{"name", "main"}, {"resources", pod["spec"]["containers"][0]["resources"]}};
    pod["status"] = {{"phase", phase}, {"containerStatuses", Json::array({status})}};
    pods[name] = std::move(pod);
    return pods[name];
  }
  static void give(Json& pod, const WarmLease& lease) {
    pod["metadata"]["annotations"][std::string(resources::kLeaseAnnotation)] =
        to_json(lease).dump();
  }
  static void end(Json& pod, const WarmLease& lease, std::int64_t exit_code,
                  const std::string& message = "") {
    WarmResult result;
    result.trial = lease.trial;
    result.attempt = lease.attempt;
    result.exit_code = exit_code;
    result.message = message;
    result.peak_bytes = 100LL << 20U;
    put(pod, result);
  }
  static void put(Json& pod, const WarmResult& result) {
    pod["metadata"]["annotations"][std::string(resources::kLeaseResultAnnotation)] =
        to_json(result).dump();
  }

  PoolPlan plan() const {
    const resources::Experiment experiment = resources::read_experiment(raw);
    PoolView view{.experiment = experiment,
                  .jobs = {},
                  .pods = {},
                  .job = {},
                  .trial = {},
                  .oom_retries = [this](const Json&) { return oom_retries; },
                  .admits = [](const Json&) { return true; },
                  .size = [this](const Json&, std::int64_t, const Json&) { return wanted; },
                  .silent_for = [this](const std::string&) { return silent; },
                  .facts = {.runner = "/bin/mizan", .url = "http://127.0.0.1:1", .url_file = {}},
                  .timing = {},
                  .now = now};
    for (const auto& [name, job] : jobs) {
      if (!is_finished_job(job)) view.jobs.push_back(std::make_shared<const Json>(job));
    }
    for (const auto& [name, pod] : pods) view.pods.push_back(std::make_shared<const Json>(pod));
    view.job = [this](const std::string& name) {
      const auto found = jobs.find(name);
      return found == jobs.end() ? nullptr : std::make_shared<const Json>(found->second);
    };
    view.trial = [this](const std::string& name) {
      const auto found = trials.find(name);
      return found == trials.end() ? nullptr
                                   : std::make_shared<const resources::Trial>(found->second);
    };
    return plan_pool(view);
  }

  Json raw;
  std::map<std::string, Json> jobs, pods;
  std::map<std::string, resources::Trial> trials;
  WantedSize wanted;
  int oom_retries = 0;
  seconds silent{0};
  Time now = kNow;
};

std::optional<WarmLease> given(const PoolPlan& plan, std::size_t index = 0) {
  if (plan.pods.size() <= index) return std::nullopt;
  return resources::lease_of({{"metadata", plan.pods[index].metadata}});
}
std::string condition_of(const Json& status) {
  const Json* conditions = find(status, "conditions");
  return conditions == nullptr || conditions->empty() ? "" : string_at(conditions->back(), "type");
}
Json amounts(const char* memory) {
  const Json one{{"memory", memory}};
  return {{"limits", one}, {"requests", one}};
}

TEST(PoolPlan, MakesAPodForATrialWithItsLeaseOnIt) {
  World world;
  world.add_trial("t1");
  const PoolPlan plan = world.plan();

  ASSERT_THAT(plan.create, SizeIs(1));
  const Json& pod = plan.create[0];
  EXPECT_EQ(pod["spec"]["containers"][0]["command"], (Json{"/bin/mizan", "runner"}));
  EXPECT_FALSE(pod["spec"]["containers"][0].contains("args"));
  EXPECT_EQ(pod["metadata"]["labels"]["katib.kubeflow.org/trial"], "t1");
  EXPECT_EQ(pod["metadata"]["ownerReferences"][0]["uid"], "ue");
  const auto lease = resources::lease_of(pod);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->key(), "t1/1");
  EXPECT_EQ(lease->command, std::vector<std::string>{"train"});
  EXPECT_EQ(lease->env, (std::vector<std::pair<std::string, std::string>>{{"X", "1"}}));
  EXPECT_THAT(pod["spec"]["containers"][0]["env"].dump(), HasSubstr("spec.nodeName"))
      << "what comes from elsewhere stays the pod's";
  EXPECT_THAT(pod.dump(), ::testing::Not(HasSubstr("activeDeadlineSeconds")));
}

TEST(PoolPlan, TheSameMomentGivesTheSamePodName) {
  World world;
  world.add_trial("t1");
  EXPECT_EQ(world.plan().create[0]["metadata"]["name"], world.plan().create[0]["metadata"]["name"]);
}

TEST(PoolPlan, NeverMakesMorePodsThanTrialsRunAtOnce) {
  World world;
  for (const char* name : {"t1", "t2", "t3"}) world.add_trial(name);
  EXPECT_THAT(world.plan().create, SizeIs(3)) << "elastic parallelism: as many as are active";
  world.jobs["t3"]["spec"]["suspend"] = true;
  EXPECT_THAT(world.plan().create, SizeIs(2));
  world.add_pod(0, "Running");
  const PoolPlan plan = world.plan();
  EXPECT_THAT(plan.create, SizeIs(1)) << "the idle one is taken first";
  EXPECT_EQ(given(plan)->trial, "t1");
}

TEST(PoolPlan, ARunningTrialIsLeftAlone) {
  World world;
  world.add_trial("t1");
  World::give(world.add_pod(0, "Running"), world.lease("t1"));
  const PoolPlan plan = world.plan();
  EXPECT_THAT(plan.jobs, IsEmpty());
  EXPECT_THAT(plan.pods, IsEmpty());
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_TRUE(plan.look_again) << "for the day its runner falls silent";
}

TEST(PoolPlan, ASuccessCompletesTheJobAndThePodWaitsForItsTrial) {
  World world;
  world.add_trial("t1");
  world.add_trial("t2");
  Json& pod = world.add_pod(0, "Running");
  World::give(pod, world.lease("t1"));
  World::end(pod, world.lease("t1"), 0);
  PoolPlan plan = world.plan();
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_EQ(condition_of(plan.jobs[0].status), "Complete");
  EXPECT_EQ(plan.jobs[0].status["succeeded"], 1);

  world.jobs["t1"]["status"] = plan.jobs[0].status;
  plan = world.plan();
  EXPECT_THAT(plan.pods, IsEmpty()) << "its output is still being read";
  world.trials["t1"].state = resources::TrialState::kSucceeded;
  EXPECT_EQ(given(world.plan())->key(), "t2/1");
}

TEST(PoolPlan, AFailureCountsAgainstBackoffLimit) {
  World world;
  world.add_trial("t1");
  world.jobs["t1"]["spec"]["backoffLimit"] = 1;
  Json& pod = world.add_pod(0, "Running");
  World::give(pod, world.lease("t1"));
  World::end(pod, world.lease("t1"), 3);
  PoolPlan plan = world.plan();
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_EQ(condition_of(plan.jobs[0].status), "");
  EXPECT_EQ(plan.jobs[0].status["failed"], 1);

  // The next attempt waits its time, on the same pod.
  world.jobs["t1"]["metadata"]["annotations"][kWarmAttemptsAnnotation] = plan.jobs[0].attempts;
  EXPECT_THAT(world.plan().pods, IsEmpty());
  world.now += seconds(11);
  plan = world.plan();
  EXPECT_EQ(given(plan)->key(), "t1/2");

  World::give(pod, world.lease("t1", 2));
  World::end(pod, world.lease("t1", 2), 3);
  plan = world.plan();
  EXPECT_EQ(condition_of(plan.jobs[0].status), "Failed");
  EXPECT_THAT(
      attempts_of(
          {{"metadata", {{"annotations", {{kWarmAttemptsAnnotation, plan.jobs[0].attempts}}}}}}),
      SizeIs(2));
}

TEST(PoolPlan, InfeasibleParametersAreNotTriedAgain) {
  World world;
  world.add_trial("t1");
  world.jobs["t1"]["spec"]["backoffLimit"] = 6;
  Json& pod = world.add_pod(0, "Running");
  World::give(pod, world.lease("t1"));
  World::end(pod, world.lease("t1"), 78, "no such kernel");
  EXPECT_EQ(condition_of(world.plan().jobs[0].status), "Failed");
}

TEST(PoolPlan, AnOomKillIsTriedAgainAtOnceAndRemembersItsLimit) {
  World world;
  world.add_trial("t1");
  world.oom_retries = 1;
  Json& pod = world.add_pod(0, "Running");
  World::give(pod, world.lease("t1"));
  WarmResult result;
  result.trial = "t1";
  result.attempt = 1;
  result.exit_code = 137;
  result.oom_killed = true;
  World::put(pod, result);
  const PoolPlan plan = world.plan();
  EXPECT_EQ(condition_of(plan.jobs[0].status), "");
  world.jobs["t1"]["metadata"]["annotations"][kWarmAttemptsAnnotation] = plan.jobs[0].attempts;
  EXPECT_EQ(attempts_of(world.jobs["t1"])[0].memory, "256Mi");
  EXPECT_EQ(given(world.plan())->key(), "t1/2") << "without a wait";
  EXPECT_THAT(killed_pods(attempts_of(world.jobs["t1"]), "main"), SizeIs(1));
}

TEST(PoolPlan, ADeadPodIsReplacedAndItsTrialCharged) {
  World world;
  world.add_trial("t1");
  world.jobs["t1"]["spec"]["backoffLimit"] = 1;
  Json& pod = world.add_pod(0, "Failed");
  World::give(pod, world.lease("t1"));
  pod["status"]["containerStatuses"][0]["state"]["terminated"] = {{"exitCode", 137},
                                                                  {"reason", "Error"}};
  PoolPlan plan = world.plan();
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_THAT(plan.create, IsEmpty());
  world.jobs["t1"]["metadata"]["annotations"][kWarmAttemptsAnnotation] = plan.jobs[0].attempts;
  world.now += seconds(11);
  plan = world.plan();
  ASSERT_THAT(plan.create, SizeIs(1));
  EXPECT_EQ(slot_of(plan.create[0]).generation, 2);
}

TEST(PoolPlan, ADeletedPodIsNoFaultOfItsTrial) {
  World world;
  world.add_trial("t1");
  Json& pod = world.add_pod(0, "Running");
  World::give(pod, world.lease("t1"));
  pod["metadata"]["deletionTimestamp"] = "2026-11-30T12:00:00Z";
  const PoolPlan plan = world.plan();
  EXPECT_THAT(plan.jobs, IsEmpty());
  ASSERT_THAT(plan.create, SizeIs(1));
  EXPECT_EQ(resources::lease_of(plan.create[0])->key(), "t1/1");
}

TEST(PoolPlan, AJobThatIsGoneWithdrawsItsLeaseOnce) {
  World world;
  world.add_trial("t1");
  const WarmLease lease = world.lease("t1");
  World::give(world.add_pod(0, "Running"), lease);
  world.jobs.erase("t1");
  PoolPlan plan = world.plan();
  ASSERT_TRUE(given(plan));
  EXPECT_TRUE(given(plan)->cancelled);
  EXPECT_EQ(given(plan)->since, lease.since) << "its log goes on from where it began";
  World::give(world.pods["pod-0"], *given(plan));
  EXPECT_THAT(world.plan().pods, IsEmpty());

  // A runner that does not stop hangs.
  world.now += seconds(36);
  plan = world.plan();
  ASSERT_THAT(plan.remove, SizeIs(1));
}

TEST(PoolPlan, ADeadlineFailsTheJobAndStopsTheTrial) {
  World world;
  world.add_trial("t1");
  world.jobs["t1"]["spec"]["activeDeadlineSeconds"] = 5;
  World::give(world.add_pod(0, "Running"), world.lease("t1"));
  const PoolPlan plan = world.plan();
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_THAT(plan.jobs[0].status.dump(), HasSubstr("DeadlineExceeded"));
  EXPECT_TRUE(given(plan)->cancelled);
}

TEST(PoolPlan, ASilentRunnerIsRemoved) {
  World world;
  world.add_trial("t1");
  World::give(world.add_pod(0, "Running"), world.lease("t1"));
  world.silent = seconds(91);
  const PoolPlan plan = world.plan();
  EXPECT_THAT(plan.remove, SizeIs(1));
  ASSERT_THAT(plan.jobs, SizeIs(1));
  EXPECT_THAT(plan.jobs[0].status.dump(), HasSubstr("said nothing for 91 s"));
}

TEST(PoolPlan, IdlePodsEndWithTheExperiment) {
  World world;
  world.add_pod(0, "Running");
  world.add_pod(1, "Pending");
  EXPECT_THAT(world.plan().pods, IsEmpty()) << "the next trials come soon";
  world.raw["status"]["conditions"] = Json::parse(R"([{"type": "Succeeded", "status": "True"}])");
  PoolPlan plan = world.plan();
  EXPECT_TRUE(given(plan)->end);
  EXPECT_THAT(plan.remove, SizeIs(1)) << "one that never ran has nobody to tell";
  World::give(world.pods["pod-0"], *given(plan));
  world.pods.erase("pod-1");
  world.now += seconds(31);
  EXPECT_THAT(world.plan().remove, SizeIs(1)) << "it did not end";
}

TEST(PoolPlan, APodThatRanATrialBeforeTheNodeHasSaidSoEndsInsteadOfBeingRemoved) {
  World world;
  world.add_trial("t");
  Json& pod = world.add_pod(0, "Pending");
  World::give(pod, world.lease("t"));
  World::end(pod, world.lease("t"), 0);
  world.jobs.clear();
  world.trials.clear();
  world.raw["status"]["conditions"] = Json::parse(R"([{"type": "Succeeded", "status": "True"}])");

  const PoolPlan plan = world.plan();

  EXPECT_THAT(plan.remove, IsEmpty()) << "its log would go with it";
  EXPECT_THAT(plan.pods, SizeIs(1)) << "it is told to end";
}

TEST(PoolPlan, WithoutReuseAnyMoreThePoolGoesOnUntilItsTrialsHaveEnded) {
  World world;
  world.raw["spec"]["trialPods"]["reuse"] = "None";
  world.add_trial("t1");
  world.add_pod(0, "Running");
  world.add_pod(1, "Running");
  const PoolPlan plan = world.plan();
  ASSERT_THAT(plan.pods, SizeIs(2));
  EXPECT_EQ(given(plan, 0)->key(), "t1/1");
  EXPECT_TRUE(given(plan, 1)->end);
}

class PoolSizes : public ::testing::Test {
 protected:
  PoolSizes() {
    world.raw["spec"]["trialPods"]["resize"] = {{"mode", "InPlace"},
                                                {"deferredTimeoutSeconds", 60}};
    world.add_trial("t1");
    world.add_pod(0, "Running");
  }
  void wait_for_room(const char* reason, seconds so_long) {
    Json& pod = world.pods["pod-0"];
    pod["spec"]["containers"][0]["resources"] = world.wanted.resources;
    pod["status"]["conditions"] =
        Json::array({Json{{"type", "PodResizePending"},
                          {"status", "True"},
                          {"reason", reason},
                          {"lastTransitionTime", format_rfc3339(kNow - so_long)}}});
  }
  World world;
};

TEST_F(PoolSizes, AGrowthIsWaitedFor) {
  world.wanted.resources = amounts("512Mi");
  PoolPlan plan = world.plan();
  ASSERT_THAT(plan.resizes, SizeIs(1));
  EXPECT_THAT(plan.pods, IsEmpty());
  Json& pod = world.pods["pod-0"];
  pod["spec"]["containers"][0]["resources"] = amounts("512Mi");
  plan = world.plan();
  EXPECT_THAT(plan.resizes, IsEmpty()) << "asked for already";
  EXPECT_THAT(plan.pods, IsEmpty());
  pod["status"]["containerStatuses"][0]["resources"] = amounts("512Mi");
  EXPECT_TRUE(given(world.plan()));
}

TEST_F(PoolSizes, AShrinkIsNot) {
  world.wanted.resources = amounts("64Mi");
  const PoolPlan plan = world.plan();
  EXPECT_THAT(plan.resizes, SizeIs(1));
  EXPECT_TRUE(given(plan));
}

TEST_F(PoolSizes, WithoutRoomInTimeTheTrialRunsAtThePresentSize) {
  world.wanted.resources = amounts("512Mi");
  wait_for_room("Deferred", seconds(59));
  EXPECT_THAT(world.plan().pods, IsEmpty());
  wait_for_room("Deferred", seconds(60));
  const PoolPlan plan = world.plan();
  EXPECT_TRUE(given(plan));
  ASSERT_THAT(plan.resizes, SizeIs(1));
  EXPECT_EQ(plan.resizes[0].resources, amounts("256Mi")) << "the wish is taken back";
}

TEST_F(PoolSizes, OrThePodIsMadeAnew) {
  world.raw["spec"]["trialPods"]["resize"]["mode"] = "InPlaceOrRecreate";
  world.wanted.resources = amounts("512Mi");
  wait_for_room("Deferred", seconds(60));
  const PoolPlan plan = world.plan();
  ASSERT_TRUE(given(plan));
  EXPECT_TRUE(given(plan)->end);
  World::give(world.pods["pod-0"], *given(plan));
  EXPECT_THAT(world.plan().create, SizeIs(1));
}

TEST_F(PoolSizes, WhatNoNodeHasIsNotWaitedFor) {
  world.wanted.resources = amounts("512Gi");
  wait_for_room("Infeasible", seconds(0));
  EXPECT_TRUE(given(world.plan()));
}

TEST_F(PoolSizes, AnIdlePodLetsGoOfRoomThatItWaitsFor) {
  world.jobs.clear();
  world.wanted.resources = amounts("512Mi");
  wait_for_room("Deferred", seconds(1));
  const PoolPlan plan = world.plan();
  ASSERT_THAT(plan.resizes, SizeIs(1));
  EXPECT_EQ(plan.resizes[0].resources, amounts("256Mi"));
}

TEST_F(PoolSizes, WhatAWorkerStillHoldsIsAddedUpToWhatIsAllowed) {
  world.add_trial("done");
  WarmResult result;
  result.trial = "done";
  result.attempt = 1;
  result.left_bytes = (40LL << 20U) - 5;
  Json& pod = world.pods.begin()->second;
  World::give(pod, world.lease("done"));
  World::put(pod, result);
  world.jobs.erase("done");
  world.trials.erase("done");
  world.wanted.resources = amounts("200Mi");

  PoolPlan plan = world.plan();
  ASSERT_THAT(plan.resizes, SizeIs(1));
  EXPECT_EQ(plan.resizes[0].resources["limits"]["memory"], "240Mi");

  world.raw["spec"]["trialPods"]["resize"]["maxAllowed"]["memory"] = "210Mi";
  plan = world.plan();
  ASSERT_THAT(plan.resizes, SizeIs(1));
  EXPECT_EQ(plan.resizes[0].resources["limits"]["memory"], "210Mi");
}

TEST_F(PoolSizes, WhatATrialUsedIsToldWithoutWhatItsWorkerCarried) {
  Json& pod = world.pods["pod-0"];
  World::give(pod, world.lease("t1"));
  WarmResult result;
  result.trial = "t1";
  result.attempt = 1;
  result.peak_bytes = 300LL << 20U;
  result.baseline_bytes = 200LL << 20U;
  result.carried_bytes = 50LL << 20U;
  World::put(pod, result);
  const PoolPlan plan = world.plan();
  ASSERT_THAT(plan.trials, SizeIs(1));
  EXPECT_EQ(plan.trials[0].resources["peak"]["memory"], "250Mi");
  EXPECT_EQ(plan.trials[0].resources["baseline"]["memory"], "200Mi");

  // One that never rose above where it began may have reused all of that.
  result.peak_bytes = 200LL << 20U;
  World::put(pod, result);
  EXPECT_EQ(world.plan().trials[0].resources["peak"]["memory"], "200Mi");
}

}  // namespace
}  // namespace mizan::pods
