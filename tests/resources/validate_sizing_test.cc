// What of trialPods.resize and elasticParallelism can't be, or can't have an effect.
#include <gtest/gtest.h>

#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

struct Said {
  std::vector<std::string> errors, warnings;
};

Said said(const char* pods, const char* metric = "loss") {
  Json spec;
  spec["parallelTrialCount"] = 3;
  spec["objective"] = {{"objectiveMetricName", metric}};
  spec["trialPods"] = Json::parse(pods);
  Verdict verdict;
  validate_sizing(spec, verdict);
  Said said;
  for (const FieldError& error : verdict.errors) said.errors.push_back(error.path);
  said.warnings = verdict.warnings;
  return said;
}

using Paths = std::vector<std::string>;

TEST(ValidateSizing, WarnsOfTimesWhereCpuIsTuned) {
  const char* const tuned = R"({"resize": {"mode": "Initial", "controlledResources": ["cpu"]}})";
  for (const char* metric : {"time", "train_time", "trainTime", "samples/sec", "p99-latency-ms",
                             "throughput", "stepSeconds"}) {
    const Said found = said(tuned, metric);
    ASSERT_EQ(found.warnings.size(), 1U) << metric;
    EXPECT_NE(found.warnings.front().find(metric), std::string::npos) << found.warnings.front();
  }
  for (const char* metric : {"loss", "accuracy", "sentiment", "f1", "section"})
    EXPECT_TRUE(said(tuned, metric).warnings.empty()) << metric;
  EXPECT_TRUE(said(R"({"resize": {"mode": "Initial"}})", "time").warnings.empty());
  EXPECT_TRUE(said(R"({"resize": {"mode": "Recommend", "controlledResources": ["cpu"]}})", "time")
                  .warnings.empty())
      << "nothing is changed";
}

TEST(ValidateSizing, ABoostNeedsBothAndAModeThatEndsIt) {
  EXPECT_EQ(said(R"({"resize": {"mode": "InPlace", "startupBoost": {"cpuFactor": 2}}})").errors,
            Paths{"spec.trialPods.resize.startupBoost.durationSeconds"});
  const char* const boost =
      R"({"resize": {"mode": "%", "startupBoost": {"cpuFactor": 2, "durationSeconds": 1}}})";
  const auto with = [&](std::string mode) {
    std::string text = boost;
    text.replace(text.find('%'), 1, mode);
    return said(text.c_str());
  };
  EXPECT_TRUE(with("InPlace").warnings.empty());
  EXPECT_TRUE(with("InPlaceOrRecreate").warnings.empty());
  EXPECT_EQ(with("Initial").warnings.size(), 1U);
}

TEST(ValidateSizing, ElasticityIsNotBelowWhatIsPlannedAndNeedsMemoryToBeTuned) {
  EXPECT_EQ(said(R"({"resize": {"mode": "Initial"}, "elasticParallelism": {"max": 2}})").errors,
            Paths{"spec.trialPods.elasticParallelism.max"});
  EXPECT_EQ(said(R"({"resize": {"mode": "Initial"}, "elasticParallelism": {}})").errors,
            Paths{"spec.trialPods.elasticParallelism.max"});
  EXPECT_TRUE(said(R"({"resize": {"mode": "Initial"}, "elasticParallelism": {"max": 3}})")
                  .warnings.empty());
  EXPECT_EQ(said(R"({"elasticParallelism": {"max": 8}})").warnings.size(), 1U);
  EXPECT_EQ(said(R"({"resize": {"mode": "Initial", "controlledResources": ["cpu"]},
                     "elasticParallelism": {"max": 8}})")
                .warnings.size(),
            1U);
}

}  // namespace
}  // namespace mizan::resources
