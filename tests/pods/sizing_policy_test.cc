// The arithmetic of sizes: bounds, ratios, growth.
#include "pods/tuner/sizing_policy.h"

#include <gtest/gtest.h>

namespace mizan::pods {
namespace {

constexpr std::int64_t kMib = 1LL << 20U;

TEST(SizingPolicyTest, ReadsWhatIsThereAndDefaultsTheRest) {
  const SizingPolicy policy = read_policy(Json::parse(R"({"resize": {
    "mode": "InPlace", "minAllowed": {"memory": "64Mi"}, "maxAllowed": {"memory": "1Gi", "cpu": "2"},
    "oomRetries": 1, "controlledValues": "RequestsOnly", "deferredTimeoutSeconds": 7}})"));

  EXPECT_EQ(policy.mode, SizingMode::kInPlace);
  EXPECT_EQ(policy.least, 64 * kMib);
  EXPECT_EQ(policy.most, 1024 * kMib);
  EXPECT_EQ(policy.oom_retries, 1);
  EXPECT_EQ(policy.deferred_seconds, 7);
  EXPECT_TRUE(policy.requests_only);
  EXPECT_EQ(read_policy(Json()).mode, SizingMode::kOff);
  EXPECT_EQ(read_policy(Json::parse(R"({"resize": {"mode": 3}})")).mode, SizingMode::kOff);
}

TEST(SizingPolicyTest, LeavesMemoryAloneWhenOnlyCpuIsControlled) {
  EXPECT_FALSE(
      read_policy(Json::parse(R"({"resize": {"mode": "Initial", "controlledResources": ["cpu"]}})"))
          .memory);
}

TEST(SizingPolicyTest, KeepsWithinBoundsInWholeMebibytes) {
  SizingPolicy policy;
  policy.least = 64 * kMib;
  policy.most = 256 * kMib;

  EXPECT_EQ(bounded(1, policy), 64 * kMib);
  EXPECT_EQ(bounded(100.2 * static_cast<double>(kMib), policy), 101 * kMib);
  EXPECT_EQ(bounded(1e30, policy), 256 * kMib);
  EXPECT_EQ(bounded(0, policy), 256 * kMib) << "nothing is known: 512 MiB, bounded";
}

TEST(SizingPolicyTest, KeepsTheRatioOfRequestToLimit) {
  const Json container = Json::parse(
      R"({"resources": {"requests": {"memory": "64Mi", "cpu": "1"}, "limits": {"memory": "128Mi"}}})");

  const Json sized = sized_resources(container, 200 * kMib, {});

  EXPECT_EQ(sized["limits"]["memory"], "200Mi");
  EXPECT_EQ(sized["requests"]["memory"], "100Mi");
  EXPECT_EQ(sized["requests"]["cpu"], "1");
}

TEST(SizingPolicyTest, GivesATemplateThatSaysNothingBoth) {
  const Json sized = sized_resources(Json::object(), 200 * kMib, {});

  EXPECT_EQ(sized["limits"]["memory"], "200Mi");
  EXPECT_EQ(sized["requests"]["memory"], "200Mi");
}

TEST(SizingPolicyTest, RequestsOnlyLeavesTheLimit) {
  SizingPolicy policy;
  policy.requests_only = true;
  const Json container = Json::parse(R"({"resources": {"limits": {"memory": "128Mi"}}})");

  EXPECT_EQ(sized_resources(container, 200 * kMib, policy)["requests"]["memory"], "128Mi");
  EXPECT_EQ(sized_resources(container, 50 * kMib, policy)["requests"]["memory"], "50Mi");
  EXPECT_EQ(sized_resources(container, 50 * kMib, policy)["limits"]["memory"], "128Mi");
}

TEST(SizingPolicyTest, GrowsBeforeTheLimitIsReached) {
  const SizingPolicy policy;
  EXPECT_FALSE(grown(50 * kMib, 50 * kMib, 1, 100 * kMib, policy));
  EXPECT_EQ(grown(90 * kMib, 90 * kMib, 1, 100 * kMib, policy), 120 * kMib);
  EXPECT_EQ(grown(60 * kMib, 30 * kMib, 1, 100 * kMib, policy), 132 * kMib)
      << "at that pace it is full in two seconds";
}

TEST(SizingPolicyTest, DoesNotGrowBeyondWhatIsAllowed) {
  SizingPolicy policy;
  policy.most = 100 * kMib;
  EXPECT_FALSE(grown(99 * kMib, 99 * kMib, 1, 100 * kMib, policy));
}

TEST(SizingPolicyTest, PutsHyperparametersInTheOrderOfTheExperiment) {
  resources::Experiment experiment;
  experiment.parameters.resize(3);
  experiment.parameters[0].name = "lr";
  experiment.parameters[0].type = resources::ParameterType::kDouble;
  experiment.parameters[1].name = "optimizer";
  experiment.parameters[1].type = resources::ParameterType::kCategorical;
  experiment.parameters[2].name = "layers";
  experiment.parameters[2].type = resources::ParameterType::kInt;
  resources::Trial trial;
  trial.assignments = {{"layers", "3"}, {"optimizer", "adam"}, {"lr", "0.5"}};

  const TunerPoint point = point_of(experiment, trial);

  EXPECT_EQ(point.numbers, (std::vector<double>{0.5, 3}));
  EXPECT_EQ(point.categories, (std::vector<std::string>{"adam"}));
}

}  // namespace
}  // namespace mizan::pods
