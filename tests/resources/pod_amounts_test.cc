// What a pod may ask for, and what a resize may change of it.
#include "resources/pod_amounts.h"

#include <gtest/gtest.h>

#include "resources/field_error.h"

namespace mizan::resources {
namespace {

Json pod(const char* containers, const char* restart = "Always") {
  Json object{{"metadata", {{"name", "a"}}}, {"spec", {{"restartPolicy", restart}}}};
  object["spec"]["containers"] = Json::parse(containers);
  return object;
}

TEST(PodAmountsTest, ClassifiesAsKubernetesDoes) {
  EXPECT_EQ(qos_class(pod(R"([{"name": "a"}])")), "BestEffort");
  EXPECT_EQ(qos_class(pod(R"([{"name": "a", "resources": {"requests": {"cpu": "1"}}}])")),
            "Burstable");
  EXPECT_EQ(
      qos_class(pod(R"([{"name": "a", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}])")),
      "Guaranteed");
  EXPECT_EQ(qos_class(pod(R"([{"name": "a", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}},
                               {"name": "b"}])")),
            "Burstable");
}

TEST(PodAmountsTest, BringsAmountsToTheirOneFormAndRequestsFromLimits) {
  Json spec =
      pod(R"([{"name": "a", "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}])")["spec"];

  default_pod_amounts(spec);

  EXPECT_EQ(spec["containers"][0]["resources"],
            Json::parse(R"({"limits": {"cpu": "500m", "memory": "1Gi"},
                            "requests": {"cpu": "500m", "memory": "1Gi"}})"));
}

TEST(PodAmountsTest, RefusesWhatCanNotBe) {
  const auto errors = check_pod_amounts(
      pod(R"([{"name": "a", "resources": {"requests": {"cpu": "x", "memory": "2Gi", "a/b": "-1"},
                                          "limits": {"memory": "1Gi"}}},
              {"name": "b", "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "Sometimes"}]}])")
          ["spec"],
      "spec");
  const std::string all = join(errors);
  EXPECT_NE(all.find("spec.containers[0].resources.requests[cpu]: Invalid value: \"x\""),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("requests[a/b]: Invalid value: \"-1\": must be greater than or equal to 0"),
            std::string::npos);
  EXPECT_NE(all.find("must be less than or equal to memory limit of 1Gi"), std::string::npos);
  EXPECT_NE(all.find("spec.containers[1].resizePolicy"), std::string::npos);
  EXPECT_EQ(errors.size(), 4U);
}

TEST(PodAmountsTest, LeavesPlaceholdersAlone) {
  EXPECT_TRUE(
      check_pod_amounts(
          pod(R"([{"name": "a", "resources": {"requests": {"cpu": "${trialParameters.x}"}}}])")
              ["spec"],
          "spec")
          .empty());
}

TEST(PodAmountsTest, ResizeTakesResourcesAndNothingElse) {
  const Json before = pod(R"([{"name": "a", "image": "x",
                               "resources": {"requests": {"cpu": "100m"}}}])");
  Json wanted = before;
  wanted["metadata"]["labels"] = {{"a", "b"}};
  wanted["spec"]["containers"][0]["image"] = "y";
  wanted["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "0.2";

  const ResizedPod resized = resize_pod(before, wanted);

  EXPECT_TRUE(resized.errors.empty()) << join(resized.errors);
  Json expected = before;
  expected["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "200m";
  EXPECT_EQ(resized.pod, expected);
}

TEST(PodAmountsTest, ResizeRefusesEveryWrongThingAtOnce) {
  const Json before =
      pod(R"([{"name": "a", "image": "x", "resources": {"limits": {"cpu": "1", "memory": "1Gi"},
                                                         "requests": {"cpu": "1", "memory": "1Gi"}}}])");
  Json wanted = before;
  wanted["spec"]["containers"][0]["resources"] = {{"requests", {{"cpu", "500m"}}}};

  const std::string all = join(resize_pod(before, wanted).errors);

  EXPECT_NE(all.find("resource requests cannot be removed"), std::string::npos) << all;
  EXPECT_NE(all.find("resource limits cannot be removed"), std::string::npos);
  EXPECT_NE(all.find("\"Guaranteed\": Pod QOS Class may not change"), std::string::npos);
}

TEST(PodAmountsTest, AnUpdateOfThePodItselfMayNotResize) {
  const Json before = pod(R"([{"name": "a", "resources": {"requests": {"cpu": "100m"}}}])");
  Json same = before, other = before;
  same["spec"]["containers"][0]["image"] = "new";
  same["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "0.1";
  other["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "200m";

  EXPECT_TRUE(check_pod_update(before, same).empty());
  EXPECT_EQ(check_pod_update(before, other).size(), 1U);
}

}  // namespace
}  // namespace mizan::resources
