// The arithmetic of sizes: bounds, ratios, growth.
#include "pods/tuner/sizing_policy.h"

#include <gtest/gtest.h>

#include "tests/pods/mebibyte.h"

namespace mizan::pods {
namespace {

TEST(SizingPolicyTest, ReadsWhatIsThereAndDefaultsTheRest) {
  const SizingPolicy policy = read_policy(Json::parse(R"({"resize": {
    "mode": "InPlace", "minAllowed": {"memory": "64Mi"}, "maxAllowed": {"memory": "1Gi", "cpu": "2"},
    "oomRetries": 1, "controlledValues": "RequestsOnly", "deferredTimeoutSeconds": 7}})"));

  EXPECT_EQ(policy.mode, SizingMode::kInPlace);
  EXPECT_EQ(policy.least, (TrialSize{64 * kMib, 10}));
  EXPECT_EQ(policy.most, (TrialSize{1024 * kMib, 2000}));
  EXPECT_TRUE(policy.memory);
  EXPECT_FALSE(policy.cpu);
  EXPECT_FALSE(policy.recreate);
  EXPECT_FALSE(policy.boosts());
  EXPECT_EQ(policy.oom_retries, 1);
  EXPECT_EQ(policy.deferred_seconds, 7);
  EXPECT_TRUE(policy.requests_only);
  EXPECT_EQ(read_policy(Json()).mode, SizingMode::kOff);
  EXPECT_EQ(read_policy(Json::parse(R"({"resize": {"mode": 3}})")).mode, SizingMode::kOff);
}

TEST(SizingPolicyTest, LeavesMemoryAloneWhenOnlyCpuIsControlled) {
  const SizingPolicy policy = read_policy(
      Json::parse(R"({"resize": {"mode": "Initial", "controlledResources": ["cpu"]}})"));
  EXPECT_FALSE(policy.memory);
  EXPECT_TRUE(policy.cpu);
}

TEST(SizingPolicyTest, ReadsRecreationBoostAndElasticity) {
  const SizingPolicy policy = read_policy(Json::parse(R"({"resize": {"mode": "InPlaceOrRecreate",
    "startupBoost": {"cpuFactor": 2.5, "durationSeconds": 20}}, "elasticParallelism": {"max": 8}})"));
  EXPECT_EQ(policy.mode, SizingMode::kInPlace);
  EXPECT_TRUE(policy.recreate);
  EXPECT_TRUE(policy.boosts());
  EXPECT_EQ(policy.boost_factor, 2.5);
  EXPECT_EQ(policy.boost_seconds, 20);
  EXPECT_EQ(policy.elastic_most, 8);
}

TEST(SizingPolicyTest, NoPodIsLargerThanTheNode) {
  SizingPolicy policy;
  policy.most = {.memory = 0, .cpu = 500};
  const SizingPolicy bounded = within_node(policy, {.memory = 64 * kMib, .cpu = 2000});
  EXPECT_EQ(bounded.most, (TrialSize{64 * kMib, 500}));
  EXPECT_EQ(within_node(policy, {}).most, policy.most) << "of a node nothing is known";
}

TEST(SizingPolicyTest, KeepsWithinBoundsInWholeMebibytes) {
  SizingPolicy policy;
  policy.least.memory = 64 * kMib;
  policy.most.memory = 256 * kMib;

  EXPECT_EQ(bounded_memory(1, policy), 64 * kMib);
  EXPECT_EQ(bounded_memory(100.2 * static_cast<double>(kMib), policy), 101 * kMib);
  EXPECT_EQ(bounded_memory(1e30, policy), 256 * kMib);
  EXPECT_EQ(bounded_memory(0, policy), 256 * kMib) << "nothing is known: 512 MiB, bounded";
}

TEST(SizingPolicyTest, KeepsTheRatioOfRequestToLimit) {
  const Json container = Json::parse(
      R"({"resources": {"requests": {"memory": "64Mi", "cpu": "1"}, "limits": {"memory": "128Mi"}}})");

  const Json sized = sized_resources(container, {.memory = 200 * kMib}, {});

  EXPECT_EQ(sized["limits"]["memory"], "200Mi");
  EXPECT_EQ(sized["requests"]["memory"], "100Mi");
  EXPECT_EQ(sized["requests"]["cpu"], "1");
}

TEST(SizingPolicyTest, GivesATemplateThatSaysNothingBoth) {
  const Json sized = sized_resources(Json::object(), {.memory = 200 * kMib}, {});

  EXPECT_EQ(sized["limits"]["memory"], "200Mi");
  EXPECT_EQ(sized["requests"]["memory"], "200Mi");
}

TEST(SizingPolicyTest, RequestsOnlyLeavesTheLimit) {
  SizingPolicy policy;
  policy.requests_only = true;
  const Json container = Json::parse(R"({"resources": {"limits": {"memory": "128Mi"}}})");

  EXPECT_EQ(sized_resources(container, {.memory = 200 * kMib}, policy)["requests"]["memory"],
            "128Mi");
  EXPECT_EQ(sized_resources(container, {.memory = 50 * kMib}, policy)["requests"]["memory"],
            "50Mi");
  EXPECT_EQ(sized_resources(container, {.memory = 50 * kMib}, policy)["limits"]["memory"], "128Mi");
}

TEST(SizingPolicyTest, SizesCpuInHundredthsOfACore) {
  SizingPolicy policy;
  EXPECT_EQ(bounded_cpu(1, policy), 10);
  EXPECT_EQ(bounded_cpu(301, policy), 310);
  policy.most.cpu = 305;
  EXPECT_EQ(bounded_cpu(301, policy), 305);
  const Json container = Json::parse(
      R"({"resources": {"requests": {"cpu": "250m"}, "limits": {"cpu": "1", "memory": "1Gi"}}})");

  const Json sized = sized_resources(container, {.cpu = 300}, {});

  EXPECT_EQ(sized["limits"]["cpu"], "300m");
  EXPECT_EQ(sized["requests"]["cpu"], "75m");
  EXPECT_EQ(sized["limits"]["memory"], "1Gi");
  EXPECT_FALSE(sized["requests"].contains("memory"));
}

TEST(SizingPolicyTest, ABoostTakesARequestThatEqualsTheLimitAlong) {
  SizingPolicy policy;
  policy.boost_factor = 2;
  const Json burstable =
      Json::parse(R"({"requests": {"cpu": "250m"}, "limits": {"cpu": "500m", "memory": "1Gi"}})");
  const Json guaranteed =
      Json::parse(R"({"requests": {"cpu": "500m"}, "limits": {"cpu": "500m"}})");

  EXPECT_EQ((*boosted_resources(burstable, policy))["limits"]["cpu"], "1");
  EXPECT_EQ((*boosted_resources(burstable, policy))["requests"]["cpu"], "250m");
  EXPECT_EQ((*boosted_resources(guaranteed, policy))["requests"]["cpu"], "1");
  policy.most.cpu = 700;
  EXPECT_EQ((*boosted_resources(guaranteed, policy))["limits"]["cpu"], "700m");
  policy.most.cpu = 500;
  EXPECT_FALSE(boosted_resources(guaranteed, policy)) << "there is nothing to be had";
  EXPECT_FALSE(boosted_resources(Json::parse(R"({"requests": {"cpu": "1"}})"), policy))
      << "no limit, nothing to raise";
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
