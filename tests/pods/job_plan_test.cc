// What becomes of a Job, from its Pods and the time alone.
#include "pods/job/job_plan.h"

#include <gtest/gtest.h>

#include "resources/condition.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kCreated = *parse_rfc3339("2026-11-23T20:00:00Z");

Json a_job(Json spec = Json::object()) {
  spec["template"] = {
      {"metadata", {{"labels", {{"a", "b"}}}}},
      {"spec", {{"restartPolicy", "Never"}, {"containers", Json::array({{{"name", "main"}}})}}}};
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata",
           {{"name", "train"},
            {"namespace", "default"},
            {"uid", "u-1"},
            {"creationTimestamp", "2026-11-23T20:00:00Z"}}},
          {"spec", std::move(spec)}};
}

std::shared_ptr<const Json> a_pod(int index, const std::string& phase,
                                  const std::string& ended = "") {
  Json pod{{"metadata", {{"name", job_pod_name("train", "u-1", index)}, {"namespace", "default"}}},
           {"status", {{"phase", phase}}}};
  if (!ended.empty()) {
    pod["status"]["containerStatuses"] =
        Json::array({{{"state", {{"terminated", {{"finishedAt", ended}}}}}}});
  }
  return std::make_shared<const Json>(std::move(pod));
}

Json with_status(Json job, const JobPlan& plan) {
  if (!plan.status.is_null()) job["status"] = plan.status;
  return job;
}

TEST(JobPlanTest, ANewJobGetsOnePodWithItsLabelsAndOwner) {
  const Json job = a_job();
  const JobPlan plan = plan_job(job, {}, kCreated);

  ASSERT_EQ(plan.create.size(), 1u);
  const Json& pod = plan.create[0];
  EXPECT_EQ(resources::name_of(pod), job_pod_name("train", "u-1", 0));
  EXPECT_EQ(resources::labels_of(pod).at("batch.kubernetes.io/job-name"), "train");
  EXPECT_EQ(resources::labels_of(pod).at("a"), "b");
  ASSERT_TRUE(resources::controller_of(pod));
  EXPECT_EQ(resources::controller_of(pod)->uid, "u-1");
  EXPECT_EQ(string_at(pod, "spec.restartPolicy"), "Never");
}

TEST(JobPlanTest, AShortJobIsNotWrittenAsActiveFirst) {
  const Json job = a_job();
  EXPECT_TRUE(plan_job(job, {}, kCreated).status.is_null());
  EXPECT_EQ(plan_job(job, {}, kCreated).look_again, milliseconds(250));

  const JobPlan later = plan_job(job, {a_pod(0, "Running")}, kCreated + seconds(2));
  EXPECT_TRUE(later.create.empty());
  EXPECT_EQ(later.status.value("active", 0), 1);
  EXPECT_EQ(string_at(later.status, "startTime"), "2026-11-23T20:00:02Z");
}

TEST(JobPlanTest, ASucceededPodCompletesTheJob) {
  const Json job = a_job();
  const JobPlan plan = plan_job(job, {a_pod(0, "Succeeded")}, kCreated);
  const Json done = with_status(job, plan);
  EXPECT_TRUE(resources::has_condition(done, "Complete"));
  EXPECT_EQ(plan.status.value("succeeded", 0), 1);
  EXPECT_EQ(string_at(plan.status, "completionTime"), "2026-11-23T20:00:00Z");
  EXPECT_TRUE(plan.create.empty());

  const JobPlan again = plan_job(done, {a_pod(0, "Succeeded")}, kCreated + seconds(9));
  EXPECT_TRUE(again.status.is_null());
  EXPECT_TRUE(again.create.empty());
}

TEST(JobPlanTest, AFailedPodIsReplacedAfterADelayThatDoubles) {
  const Json job = a_job();
  const std::string first_end = "2026-11-23T20:00:05Z";
  const JobPlan waiting = plan_job(job, {a_pod(0, "Failed", first_end)}, kCreated + seconds(6));
  EXPECT_TRUE(waiting.create.empty());
  EXPECT_EQ(waiting.look_again, seconds(9));
  EXPECT_EQ(waiting.status.value("failed", 0), 1);

  const JobPlan second = plan_job(job, {a_pod(0, "Failed", first_end)}, kCreated + seconds(15));
  ASSERT_EQ(second.create.size(), 1u);
  EXPECT_EQ(resources::name_of(second.create[0]), job_pod_name("train", "u-1", 1));

  const ObjectList two{a_pod(0, "Failed", first_end), a_pod(1, "Failed", "2026-11-23T20:00:20Z")};
  EXPECT_EQ(plan_job(job, two, kCreated + seconds(20)).look_again, seconds(20));
}

TEST(JobPlanTest, PastTheBackoffLimitTheJobFails) {
  const Json job = a_job({{"backoffLimit", 0}});
  const JobPlan plan =
      plan_job(job, {a_pod(0, "Failed", "2026-11-23T20:00:05Z")}, kCreated + seconds(5));
  const auto failed = resources::find_condition(with_status(job, plan), "Failed");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->reason, "BackoffLimitExceeded");
  EXPECT_TRUE(plan.create.empty());
  ASSERT_EQ(plan.events.size(), 1u);
  EXPECT_TRUE(plan.events[0].warning);
}

TEST(JobPlanTest, APodKilledForWantOfMemoryIsReplacedAtOnceAsOftenAsTheTunerAllows) {
  const Json job = a_job({{"backoffLimit", 0}});
  const auto killed = [](int index) {
    Json pod = *a_pod(index, "Failed", "2026-11-23T20:00:05Z");
    pod["status"]["containerStatuses"][0]["state"]["terminated"]["reason"] = "OOMKilled";
    return std::make_shared<const Json>(std::move(pod));
  };
  JobTiming timing;
  timing.oom_retries = 1;

  const JobPlan again = plan_job(job, {killed(0)}, kCreated + seconds(5), timing);
  EXPECT_EQ(again.create.size(), 1u);
  EXPECT_FALSE(again.look_again && *again.look_again > seconds(1)) << "without a back-off";

  const JobPlan spent = plan_job(job, {killed(0), killed(1)}, kCreated + seconds(6), timing);
  EXPECT_TRUE(resources::find_condition(with_status(job, spent), "Failed"));
  const JobPlan other = plan_job(job, {killed(0), a_pod(1, "Failed", "2026-11-23T20:00:06Z")},
                                 kCreated + seconds(6), timing);
  EXPECT_TRUE(resources::find_condition(with_status(job, other), "Failed"))
      << "another failure counts as ever";
}

TEST(JobPlanTest, APodThatTheTunerReplacesIsNoFailureAndIsFollowedAtOnce) {
  const Json job = a_job({{"backoffLimit", 0}});
  Json pod = *a_pod(0, "Failed", "2026-11-23T20:00:05Z");
  pod["metadata"]["annotations"]["mizan.kubeflow.org/replaced"] = "true";
  const JobPlan plan =
      plan_job(job, {std::make_shared<const Json>(std::move(pod))}, kCreated + seconds(5));

  ASSERT_EQ(plan.create.size(), 1u);
  EXPECT_EQ(resources::name_of(plan.create[0]), job_pod_name("train", "u-1", 1));
  EXPECT_EQ(with_status(job, plan)["status"].value("failed", 0), 0);
}

TEST(JobPlanTest, TheDeadlineIsHandedToThePodAndThenFailsTheJob) {
  Json job = a_job({{"activeDeadlineSeconds", 30}});
  const JobPlan first = plan_job(job, {}, kCreated);
  ASSERT_EQ(first.create.size(), 1u);
  EXPECT_EQ(first.create[0]["spec"]["activeDeadlineSeconds"], 30);

  job["status"]["startTime"] = "2026-11-23T20:00:00Z";
  const JobPlan over =
      plan_job(job, {a_pod(0, "Failed", "2026-11-23T20:00:30Z")}, kCreated + seconds(30));
  EXPECT_EQ(resources::find_condition(with_status(job, over), "Failed")->reason,
            "DeadlineExceeded");

  const JobPlan stuck = plan_job(job, {a_pod(0, "Running")}, kCreated + seconds(33));
  EXPECT_EQ(stuck.remove, std::vector<std::string>{job_pod_name("train", "u-1", 0)});
}

TEST(JobPlanTest, ASuspendedJobHasNoPods) {
  const Json job = a_job({{"suspend", true}});
  const JobPlan plan = plan_job(job, {a_pod(0, "Running")}, kCreated);
  EXPECT_EQ(plan.remove.size(), 1u);
  EXPECT_TRUE(plan.create.empty());
  EXPECT_TRUE(resources::has_condition(with_status(job, plan), "Suspended"));
}

TEST(JobPlanTest, ParallelismAndCompletionsBoundThePods) {
  const Json job = a_job({{"completions", 5}, {"parallelism", 2}});
  EXPECT_EQ(plan_job(job, {}, kCreated).create.size(), 2u);
  const ObjectList four{a_pod(0, "Succeeded"), a_pod(1, "Succeeded"), a_pod(2, "Succeeded"),
                        a_pod(3, "Succeeded")};
  EXPECT_EQ(plan_job(job, four, kCreated).create.size(), 1u);
}

TEST(JobPlanTest, APodThatWasDeletedByHandIsReplacedAndAFinishedOneStillCounts) {
  EXPECT_EQ(plan_job(a_job(), {}, kCreated + seconds(60)).create.size(), 1u);
  Json job = a_job({{"completions", 2}});
  job["status"] = {{"succeeded", 1}, {"startTime", "2026-11-23T20:00:00Z"}};
  const JobPlan plan = plan_job(job, {a_pod(1, "Succeeded")}, kCreated + seconds(60));
  EXPECT_EQ(plan.create.size(), 1u);
}

TEST(JobPlanTest, TheJobGoesWhenItsTimeToLiveIsOver) {
  Json job = a_job({{"ttlSecondsAfterFinished", 10}});
  job = with_status(job, plan_job(job, {a_pod(0, "Succeeded")}, kCreated));
  EXPECT_EQ(plan_job(job, {}, kCreated + seconds(4)).look_again, seconds(6));
  EXPECT_TRUE(plan_job(job, {}, kCreated + seconds(10)).remove_job);
}

TEST(JobPlanTest, StrangeJobsDoNotCrash) {
  for (const char* text : {R"({})", R"({"spec": 3, "status": []})",
                           R"({"spec": {"template": 7, "completions": "x"}})"}) {
    plan_job(Json::parse(text), {std::make_shared<const Json>(Json::parse(text))}, kCreated);
  }
}

TEST(JobPlanTest, PodNamesAreStableDifferAndFitALabel) {
  EXPECT_EQ(job_pod_name("a", "u", 0), job_pod_name("a", "u", 0));
  EXPECT_NE(job_pod_name("a", "u", 0), job_pod_name("a", "u", 1));
  EXPECT_NE(job_pod_name("a", "u", 0), job_pod_name("a", "v", 0));
  EXPECT_EQ(resources::check_dns_label(job_pod_name(std::string(63, 'a'), "u", 0)), "");
}

TEST(JobPlanTest, APodThatReachesTheDeadlineFirstEndsTheJobByIt) {
  Json pod = *a_pod(0, "Failed", "2026-11-23T20:00:01Z");
  pod["status"]["reason"] = "DeadlineExceeded";
  const ObjectList pods = {std::make_shared<const Json>(pod)};
  Json job = a_job({{"backoffLimit", 0}, {"activeDeadlineSeconds", 1}});
  job["status"]["startTime"] = "2026-11-23T20:00:00Z";
  const auto reason = [&] {
    const Json ended = with_status(job, plan_job(job, pods, kCreated + milliseconds(900)));
    return resources::find_condition(ended, "Failed")->reason;
  };
  EXPECT_EQ(reason(), "DeadlineExceeded");
  job["spec"]["template"]["spec"]["activeDeadlineSeconds"] = 1;  // the pods' own
  EXPECT_EQ(reason(), "BackoffLimitExceeded");
}

TEST(JobPlanTest, APodThatSuspensionEndsIsNoFailure) {
  Json job = a_job({{"backoffLimit", 0}, {"suspend", true}});
  Json pod = *a_pod(0, "Failed", "2026-11-23T20:00:10Z");
  pod["metadata"]["deletionTimestamp"] = "2026-11-23T20:00:40Z";  // asked for at :10
  pod["metadata"]["deletionGracePeriodSeconds"] = 30;
  const auto ended = std::make_shared<const Json>(pod);

  const JobPlan held = plan_job(job, {ended}, kCreated + seconds(10));
  EXPECT_EQ(held.status.value("failed", 0), 0);
  job = with_status(job, held);
  job["spec"]["suspend"] = false;
  const JobPlan resumed = plan_job(job, {ended}, kCreated + seconds(12));
  EXPECT_FALSE(resources::has_condition(with_status(job, resumed), "Failed"));
  ASSERT_EQ(resumed.create.size(), 1u);
  EXPECT_NE(resources::name_of(resumed.create[0]), resources::name_of(pod)) << "that one still is";
  job = with_status(job, resumed);
  EXPECT_FALSE(resources::has_condition(
      with_status(job, plan_job(job, {ended}, kCreated + seconds(13))), "Failed"));

  // One that is deleted by hand later is a failure, as on a cluster.
  pod["metadata"]["deletionTimestamp"] = "2026-11-23T20:01:30Z";
  const auto by_hand = std::make_shared<const Json>(pod);
  EXPECT_TRUE(resources::has_condition(
      with_status(job, plan_job(job, {by_hand}, kCreated + seconds(61))), "Failed"));
}

}  // namespace
}  // namespace mizan::pods
