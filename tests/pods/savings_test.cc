// What tuning saved, summed over trials and told again and again.
#include "pods/tuner/savings.h"

#include <gtest/gtest.h>

namespace mizan::pods {
namespace {

Json resources_with(const TrialRun& run, const char* pod = "a") {
  return {{"runs", {{pod, run.json()}}}};
}

TEST(SavingsTest, IsTheStaticReservationLessTheRealOne) {
  Savings savings;
  const TrialRun run{
      .held = {3600, 1800}, .would_have_held = {7200, 1800}, .seconds = 3600, .ended = ""};
  EXPECT_TRUE(savings.put("t1", resources_with(run)));
  EXPECT_FALSE(savings.put("t1", resources_with(run))) << "the same again is no news";
  EXPECT_TRUE(savings.put("t2", resources_with(run)));

  EXPECT_DOUBLE_EQ(savings.memory_gib_hours(), 2);
  EXPECT_DOUBLE_EQ(savings.cpu_core_hours(), 0);
  EXPECT_EQ(savings.json()["trials"], 2);
  EXPECT_EQ(savings.json()["reservedGiBHours"], 2.0);
}

TEST(SavingsTest, AKilledAttemptCountsAgainstIt) {
  Savings savings;
  Json resources = resources_with(
      {.held = {1800, 0}, .would_have_held = {}, .seconds = 1, .ended = "OOMKilled"}, "a");
  resources["runs"]["b"] =
      TrialRun{.held = {1800, 0}, .would_have_held = {1800, 0}, .seconds = 1, .ended = ""}.json();
  savings.put("t", resources);
  EXPECT_DOUBLE_EQ(savings.memory_gib_hours(), -0.5);
  EXPECT_EQ(resources["runs"]["a"]["ended"], "OOMKilled");
}

TEST(SavingsTest, ATrialWithoutRunsIsNotCounted) {
  Savings savings;
  EXPECT_FALSE(savings.put("t", Json::parse(R"({"peak": {"memory": "1Mi"}})")));
  EXPECT_FALSE(savings.put("t", Json::parse(R"({"runs": 3})")));
  EXPECT_EQ(savings.trials(), 0U);
}

}  // namespace
}  // namespace mizan::pods
