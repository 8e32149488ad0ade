// Launch plans survive their way through the pod's folder.
#include "pods/shim/launch_plan.h"

#include <gtest/gtest.h>

#include "pods/shim/report.h"

namespace mizan::pods {
namespace {

LaunchPlan a_plan() {
  LaunchPlan plan;
  plan.uid = "u";
  plan.data_dir = "/data";
  plan.folder = "/data/pods/u";
  plan.isolation = Isolation::kLandlock;
  plan.restart = RestartPolicy::kOnFailure;
  plan.deadline_ms = 123;
  plan.grace_ms = 0;
  ContainerPlan container;
  container.name = "main";
  container.role = Role::kSidecar;
  container.argv = {"sh", "-c", std::string("a\0b", 3), ""};
  container.env = {"A=1"};
  container.mounts = {{"volumes/v", "/v", true, false}, {"", "/t", false, true}};
  container.cgroup.join = {"/sys/fs/cgroup/x"};
  container.oom_score = -5;
  plan.containers = {container, container};
  return plan;
}

TEST(LaunchPlanTest, ReadsWhatItWrote) {
  const Result<LaunchPlan> read = decode_plan(encode(a_plan()));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, a_plan());
}

TEST(LaunchPlanTest, RefusesEveryCutAndEveryAddition) {
  const std::string bytes = encode(a_plan());

  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_plan(bytes.substr(0, size)).has_value()) << size;
  EXPECT_FALSE(decode_plan(bytes + "x").has_value());
}

TEST(ReportTest, ReadsWhatItWroteWhateverTheMessageHolds) {
  PodReport report;
  report.phase = "Failed";
  report.reason = "DeadlineExceeded";
  ContainerReport container;
  container.name = "main";
  container.state = ContainerReport::State::kTerminated;
  container.reason.clear();
  container.ended = {137,
                     9,
                     "OOMKilled",
                     "say \"no\"\n\t\\ and \x01",
                     "2026-01-01T00:00:00Z",
                     "2026-01-01T00:00:01Z"};
  container.has_last = true;
  container.last.reason = "Error";
  container.restarts = 3;
  container.peak_memory = 1U << 30U;
  report.containers = {container, ContainerReport{}};

  const Result<PodReport> read = read_report(to_json(report));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, report);
}

TEST(ReportTest, RepairsMessagesThatAreNoUtf8) {
  PodReport report;
  report.message = "caf\xe9";

  const Result<PodReport> read = read_report(to_json(report));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->message, "caf\xef\xbf\xbd");
}

}  // namespace
}  // namespace mizan::pods
