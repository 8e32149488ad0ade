// Reading Experiments as controllers do.
#include "resources/experiment.h"

#include <gtest/gtest.h>

#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

TEST(ReadExperiment, ReadsEveryField) {
  const Json object = Json::parse(
      R"({"metadata":{"name":"e","namespace":"n","uid":"u","resourceVersion":"5","labels":{"a":"b"},
      "creationTimestamp":"2026-01-01T00:00:00Z"},
    "spec":{
      "parameters":[{"name":"gamma","parameterType":"double","feasibleSpace":{"min":"0.1","max":"1","step":"0.1","distribution":"logUniform"},
                     "activeWhen":{"parameter":"kernel","in":["rbf"]},"inactiveValue":"none"},
                    {"name":"kernel","parameterType":"categorical","feasibleSpace":{"list":["rbf","linear"]}}],
      "objective":{"type":"maximize","goal":0.9,"objectiveMetricName":"acc","additionalMetricNames":["loss"],
                   "metricStrategies":[{"name":"loss","value":"latest"}]},
      "algorithm":{"algorithmName":"tpe","algorithmSettings":[{"name":"random_state","value":"7"}]},
      "earlyStopping":{"algorithmName":"medianstop"},
      "trialTemplate":{"retain":true,"trialSpec":{"kind":"Job"},"primaryContainerName":"main","primaryPodLabels":{"role":"m"},
        "trialParameters":[{"name":"g","description":"d","reference":"gamma"}],"successCondition":"s","failureCondition":"f"},
      "parallelTrialCount":2,"maxTrialCount":10,"maxFailedTrialCount":0,"resumePolicy":"LongRunning",
      "metricsCollectorSpec":{"collector":{"kind":"File"},"source":{"fileSystemPath":{"path":"/m","kind":"File","format":"JSON"},
        "filter":{"metricsFormat":["x"]}}},
      "suspend":true,"maxDurationSeconds":60,"stopWhen":{"noImprovementTrials":30,"minImprovement":0.001},
      "initialTrials":[{"assignments":{"kernel":"rbf"},"metrics":{"acc":0.3,"loss":1}}],
      "trialPods":{"reuse":"Pod"},"nasConfig":{}, "future":1}})");
  const Experiment e = read_experiment(object);
  EXPECT_EQ(e.ns + "/" + e.name + " " + e.uid + " " + e.resource_version, "n/e u 5");
  EXPECT_EQ(e.labels.at("a"), "b");
  ASSERT_EQ(e.parameters.size(), 2U);
  EXPECT_EQ(e.parameters[0], (Parameter{"gamma",
                                        ParameterType::kDouble,
                                        "0.1",
                                        "1",
                                        "0.1",
                                        {},
                                        Distribution::kLogUniform,
                                        "kernel",
                                        {"rbf"},
                                        "none"}));
  EXPECT_EQ(e.parameters[1].list, (std::vector<std::string>{"rbf", "linear"}));
  EXPECT_EQ(e.objective.type, ObjectiveType::kMaximize);
  EXPECT_EQ(e.objective.goal, 0.9);
  EXPECT_EQ(e.objective.strategies,
            (std::map<std::string, MetricStrategy>{{"acc", MetricStrategy::kMax},
                                                   {"loss", MetricStrategy::kLatest}}));
  EXPECT_EQ(e.algorithm, (Algorithm{"tpe", {{"random_state", "7"}}}));
  ASSERT_TRUE(e.early_stopping);
  EXPECT_EQ(e.early_stopping->name, "medianstop");
  EXPECT_TRUE(e.trial_template.retain);
  EXPECT_EQ(e.trial_template.trial_spec["kind"], "Job");
  EXPECT_EQ(e.trial_template.parameters, (std::vector<TrialParameter>{{"g", "d", "gamma"}}));
  EXPECT_EQ(e.trial_template.primary_pod_labels.at("role"), "m");
  EXPECT_FALSE(e.trial_template.client);
  EXPECT_EQ(e.parallel_trial_count, 2);
  EXPECT_EQ(e.max_trial_count, 10);
  EXPECT_EQ(e.max_failed_trial_count, 0);
  EXPECT_EQ(e.resume_policy, ResumePolicy::kLongRunning);
  EXPECT_EQ(e.collector.kind + e.collector.path + e.collector.path_kind + e.collector.format,
            "File/mFileJSON");
  EXPECT_EQ(e.collector.filters, std::vector<std::string>{"x"});
  EXPECT_TRUE(e.suspend);
  EXPECT_EQ(e.max_duration_seconds, 60);
  ASSERT_TRUE(e.stop_when);
  EXPECT_EQ(e.stop_when->no_improvement_trials, 30);
  EXPECT_EQ(e.stop_when->min_improvement, 0.001);
  ASSERT_EQ(e.initial_trials.size(), 1U);
  EXPECT_EQ(e.initial_trials[0].metrics.at("acc"), 0.3);
  EXPECT_EQ(e.trial_pods["reuse"], "Pod");
  EXPECT_TRUE(e.has_nas);
  EXPECT_EQ(e.raw, object) << "unknown fields stay";
}

TEST(ReadExperiment, ReadsSourcesOfTrials) {
  Json object = experiment();
  object["spec"]["trialTemplate"] = Json::parse(R"({"client":{"abandonAfterSeconds":30}})");
  Experiment e = read_experiment(object);
  EXPECT_TRUE(e.trial_template.client);
  EXPECT_EQ(e.trial_template.abandon_after_seconds, 30);
  EXPECT_TRUE(e.trial_template.trial_spec.is_null());
  object["spec"]["trialTemplate"] = Json::parse(
      R"({"configMap":{"configMapName":"c","configMapNamespace":"n","templatePath":"p"}})");
  EXPECT_EQ(read_experiment(object).trial_template.config_map, (ConfigMapSource{"c", "n", "p"}));
}

TEST(ReadExperiment, TakesTheListThatThePythonSdkPutsInTheWrongPlace) {
  Json object = experiment();
  object["spec"]["parameters"][3]["feasibleSpace"] = Json::parse(R"({"distribution":["a","b"]})");
  EXPECT_EQ(read_experiment(object).parameters[3].list, (std::vector<std::string>{"a", "b"}));
}

TEST(ReadExperiment, GivesEveryMetricAStrategy) {
  Json object = experiment();
  object["spec"]["objective"]["metricStrategies"] =
      Json::parse(R"([{"name":"accuracy","value":"odd"}])");
  EXPECT_EQ(read_experiment(object).objective.strategies,
            (std::map<std::string, MetricStrategy>{{"loss", MetricStrategy::kMin},
                                                   {"accuracy", MetricStrategy::kLatest}}));
}

TEST(ReadExperiment, ReadsMistypedFieldsAsAbsent) {
  const Experiment e = read_experiment(
      Json::parse(R"({"spec":{"parameters":[3,{"name":1,"feasibleSpace":[]}],"objective":"x",
    "maxTrialCount":"12","parallelTrialCount":2.5,"suspend":"yes","initialTrials":{},"trialTemplate":[],"stopWhen":1}})"));
  EXPECT_EQ(e.parameters.size(), 2U);
  EXPECT_EQ(e.parameters[1].name, "");
  EXPECT_FALSE(e.max_trial_count);
  EXPECT_FALSE(e.parallel_trial_count);
  EXPECT_FALSE(e.suspend);
  EXPECT_FALSE(e.stop_when);
}

}  // namespace
}  // namespace mizan::resources
