// Which failures are tried again, and how often.
#include "experiment/trial_retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment/trial_plan.h"
#include "experiment/trial_status.h"
#include "tests/experiment/builders.h"
#include "tests/experiment/cluster.h"

namespace mizan::experiment {
namespace {

using ::testing::HasSubstr;

Json trial_with_retry(const char* rules, int attempts = 1) {
  Json object = testing::with_conditions(testing::trial_object("t"), {"Created", "Running"});
  object["spec"]["retry"] = Json::parse(rules);
  object["status"]["attempts"] = attempts;
  return object;
}

PodView pod_of(const std::string& reason, int code, const std::string& pod_reason = "") {
  PodView pod = testing::failed_pod("t", code, reason);
  pod.reason = pod_reason;
  return pod;
}

TEST(TrialRetryTest, GoesByClassCodeAndLimit) {
  const char* rules = R"([{"class": "OOMKilled", "limit": 2}, {"class": "Preempted", "limit": 5},
    {"class": "Error", "limit": 1, "exitCodes": [75, 143]}, {"class": "DeadlineExceeded", "limit": 1}])";
  const struct {
    const char* what;
    PodView pod;
    const char* job_reason;
    int attempts;
    const char* failure_class;
    bool again;
  } cases[] = {
      {"out of memory", pod_of("OOMKilled", 137), "", 1, "OOMKilled", true},
      {"out of memory, the last time", pod_of("OOMKilled", 137), "", 2, "OOMKilled", true},
      {"out of memory too often", pod_of("OOMKilled", 137), "", 3, "OOMKilled", false},
      {"the machine was started anew", pod_of("Error", 137, "NodeReboot"), "", 3, "Preempted",
       true},
      {"a code that is listed", pod_of("Error", 75), "", 1, "Error", true},
      {"once only", pod_of("Error", 75), "", 2, "Error", false},
      {"a code that isn't", pod_of("Error", 1), "", 1, "Error", false},
      {"the Job's deadline", pod_of("Error", 143), "DeadlineExceeded", 1, "DeadlineExceeded", true},
      {"the pod's deadline", pod_of("Error", 143, "DeadlineExceeded"), "", 1, "DeadlineExceeded",
       true},
  };
  for (const auto& one : cases) {
    const auto trial = resources::read_trial(trial_with_retry(rules, one.attempts));
    const RunFailure failure{one.job_reason, ""};
    EXPECT_EQ(failure_class(trial, &one.pod, failure), one.failure_class) << one.what;
    EXPECT_EQ(retry_rule(trial, &one.pod, failure) != nullptr, one.again) << one.what;
  }
  const auto trial = resources::read_trial(trial_with_retry(R"([{"class": "Error", "limit": 1}])"));
  EXPECT_NE(retry_rule(trial, nullptr, {}), nullptr);  // a foreign kind that only says it failed
}

class Failure {
 public:
  explicit Failure(const Json& object, const Json& job = testing::job_object("t", "Failed"))
      : trial(resources::read_trial(object)), run(job), all(trial.objective) {}
  TrialPlan plan() {
    const TrialView view{.trial = trial,
                         .run = &run,
                         .success = success,
                         .failure = failure,
                         .pod = &pod,
                         .collected = &all,
                         .last_line = "",
                         .stop_early = "",
                         .seen_for = std::chrono::milliseconds(1000),
                         .unwritten_for = std::chrono::milliseconds(0),
                         .now = clock.now()};
    return plan_trial(view);
  }

  mizan::testing::ManualClock clock;
  resources::Trial trial;
  Json run;
  PodView pod = testing::failed_pod("t", 3);
  Collected all;
  Result<ConditionExpression> success = ConditionExpression::parse(testing::kComplete);
  Result<ConditionExpression> failure = ConditionExpression::parse(testing::kFailed);
};

TEST(TrialRetryTest, AnotherAttemptIsNoFailure) {
  Failure failed(trial_with_retry(R"([{"class": "Error", "limit": 2}])"));
  const TrialPlan plan = failed.plan();
  EXPECT_FALSE(plan.outcome);
  EXPECT_EQ(plan.attempt, 2);
  EXPECT_TRUE(plan.delete_run);
  ASSERT_TRUE(plan.why);
  EXPECT_THAT(*plan.why, HasSubstr("Attempt 1 failed: Its command ended with exit code 3"));
  EXPECT_EQ(trial_status_after(failed.trial, plan, failed.clock.now())["attempts"], 2);
}

TEST(TrialRetryTest, TheRunOfAnEarlierAttemptGoesAndIsNotJudgedAgain) {
  Failure failed(trial_with_retry(R"([{"class": "Error", "limit": 2}])", 2));
  EXPECT_FALSE(failed.plan().attempt);
  EXPECT_TRUE(failed.plan().delete_run);

  Json second = testing::job_object("t", "Failed");
  second["metadata"]["annotations"]["mizan.kubeflow.org/attempt"] = "2";
  EXPECT_EQ(
      Failure(trial_with_retry(R"([{"class": "Error", "limit": 2}])", 2), second).plan().attempt,
      3);
}

TEST(TrialRetryTest, ATrialThatFailsEachTimeFailsInTheEnd) {
  testing::Cluster cluster;
  Json object = testing::experiment_object("e", "exit 75");
  object["spec"]["trialTemplate"]["retry"] =
      Json::parse(R"([{"class": "Error", "limit": 2, "exitCodes": [75]}])");
  object["spec"]["maxFailedTrialCount"] = 1;
  object["spec"]["parallelTrialCount"] = 1;
  cluster.create(testing::kExperiments, object);

  cluster.run_until_state("e", "Failed");

  const Json trial = cluster.trials_in("Failed").front();
  EXPECT_EQ(trial["status"]["attempts"], 3);
}

}  // namespace
}  // namespace mizan::experiment
