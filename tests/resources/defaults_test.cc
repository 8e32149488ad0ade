// Katib's defaults.
#include "resources/defaults.h"

#include <gtest/gtest.h>

#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

Json defaulted(Json object) {
  default_experiment(object);
  return object;
}

Json spec_of(const char* spec) { return defaulted({{"spec", Json::parse(spec)}})["spec"]; }

TEST(Defaults, AreTheSameTwice) {
  for (const Json& object :
       {experiment(), client_experiment(), Json::object(), Json{{"spec", Json::object()}}}) {
    const Json once = defaulted(object);
    EXPECT_EQ(defaulted(once), once);
  }
}

TEST(Defaults, GiveStrategiesInKatibsOrder) {
  EXPECT_EQ(
      spec_of(
          R"({"objective":{"type":"minimize","objectiveMetricName":"loss","additionalMetricNames":["a","b"],
                     "metricStrategies":[{"name":"b","value":"latest"}]}})")["objective"]
                                                                            ["metricStrategies"],
      Json::parse(
          R"([{"name":"b","value":"latest"},{"name":"loss","value":"min"},{"name":"a","value":"min"}])"));
  EXPECT_EQ(
      spec_of(R"({"objective":{"type":"maximize","objectiveMetricName":"x"}})")["objective"]
                                                                               ["metricStrategies"],
      Json::parse(R"([{"name":"x","value":"max"}])"));
  EXPECT_FALSE(
      spec_of(R"({"objective":{"type":"maximize"}})")["objective"].contains("metricStrategies"));
}

TEST(Defaults, SpreadParametersUniformly) {
  const Json parameters = spec_of(
      R"({"parameters":[{"name":"a"},{"name":"b","feasibleSpace":{"distribution":"normal"}}]})")
      ["parameters"];
  EXPECT_EQ(parameters[0]["feasibleSpace"]["distribution"], "uniform");
  EXPECT_EQ(parameters[1]["feasibleSpace"]["distribution"], "normal");
}

TEST(Defaults, MoveTheListOfThePythonSdkWhereItBelongs) {
  EXPECT_EQ(
      spec_of(R"({"parameters":[{"name":"a","feasibleSpace":{"distribution":["x","y"]}}]})")
          ["parameters"][0],
      Json::parse(R"({"name":"a","feasibleSpace":{"list":["x","y"],"distribution":"uniform"}})"));
}

TEST(Defaults, FollowTheKindOfTheTemplate) {
  const auto of_kind = [](const char* kind) {
    return spec_of((std::string(R"({"trialTemplate":{"trialSpec":{"kind":")") + kind + "\"}}}")
                       .c_str())["trialTemplate"];
  };
  EXPECT_EQ(of_kind("Job")["successCondition"],
            R"(status.conditions.#(type=="Complete")#|#(status=="True")#)");
  EXPECT_EQ(of_kind("Job")["failureCondition"],
            R"(status.conditions.#(type=="Failed")#|#(status=="True")#)");
  EXPECT_FALSE(of_kind("Job").contains("primaryPodLabels"));
  EXPECT_EQ(
      of_kind("TrainJob")["primaryPodLabels"],
      Json::parse(
          R"({"jobset.sigs.k8s.io/replicatedjob-name":"node","batch.kubernetes.io/job-completion-index":"0"})"));
  for (const char* kind : {"TFJob", "PyTorchJob", "XGBoostJob", "MPIJob"}) {
    EXPECT_EQ(of_kind(kind)["successCondition"],
              R"(status.conditions.#(type=="Succeeded")#|#(status=="True")#)")
        << kind;
    EXPECT_EQ(of_kind(kind)["primaryPodLabels"],
              Json::parse(R"({"training.kubeflow.org/job-role":"master"})"))
        << kind;
  }
  EXPECT_FALSE(of_kind("Workflow").contains("successCondition")) << "the user must say it";
  EXPECT_EQ(of_kind("Pod")["successCondition"], R"(status.[@this].#(phase=="Succeeded")#)");
}

TEST(Defaults, KeepConditionsThatAreGiven) {
  const Json given =
      spec_of(R"({"trialTemplate":{"trialSpec":{"kind":"PyTorchJob"},"successCondition":"mine",
                              "primaryPodLabels":{"a":"b"}}})")["trialTemplate"];
  EXPECT_EQ(given["successCondition"], "mine");
  EXPECT_EQ(given["primaryPodLabels"], Json::parse(R"({"a":"b"})"));
}

TEST(Defaults, CompleteCollectors) {
  const auto collector = [](const char* spec) {
    return spec_of(
        (std::string(R"({"metricsCollectorSpec":)") + spec + "}").c_str())["metricsCollectorSpec"];
  };
  EXPECT_EQ(spec_of("{}")["metricsCollectorSpec"],
            Json::parse(R"({"collector":{"kind":"StdOut"}})"));
  EXPECT_EQ(collector(R"({"source":{"filter":{"metricsFormat":["x"]}}})")["collector"]["kind"],
            "StdOut");
  EXPECT_EQ(collector(R"({"collector":{"kind":"File"}})")["source"]["fileSystemPath"],
            Json::parse(R"({"kind":"File","path":"/var/log/katib/metrics.log","format":"TEXT"})"));
  EXPECT_EQ(
      collector(
          R"({"collector":{"kind":"File"},"source":{"fileSystemPath":{"path":"/m","format":"JSON"}}})")
          ["source"]["fileSystemPath"],
      Json::parse(R"({"kind":"File","path":"/m","format":"JSON"})"));
  EXPECT_EQ(collector(R"({"collector":{"kind":"TensorFlowEvent"}})")["source"]["fileSystemPath"],
            Json::parse(R"({"kind":"Directory","path":"/var/log/katib/tfevent/"})"));
  EXPECT_EQ(collector(R"({"collector":{"kind":"PrometheusMetric"}})")["source"]["httpGet"],
            Json::parse(R"({"path":"/metrics","port":8080})"));
  EXPECT_EQ(
      collector(R"({"collector":{"kind":"PrometheusMetric"},"source":{"httpGet":{"port":9090}}})")
          ["source"]["httpGet"]["port"],
      9090);
}

TEST(Defaults, RunThreeAtOnceButNotMoreThanThereAre) {
  EXPECT_EQ(spec_of("{}")["parallelTrialCount"], 3);
  EXPECT_EQ(spec_of(R"({"maxTrialCount":2})")["parallelTrialCount"], 2);
  EXPECT_EQ(spec_of(R"({"maxTrialCount":50})")["parallelTrialCount"], 3);
  EXPECT_EQ(spec_of(R"({"parallelTrialCount":7})")["parallelTrialCount"], 7);
  EXPECT_EQ(spec_of(R"({"parallelTrialCount":null})")["parallelTrialCount"], 3);
  EXPECT_FALSE(spec_of(R"({"trialTemplate":{"client":{}}})").contains("parallelTrialCount"));
}

TEST(Defaults, NameNoAlgorithm) { EXPECT_FALSE(spec_of("{}").contains("algorithm")); }

}  // namespace
}  // namespace mizan::resources
