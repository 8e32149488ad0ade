// Trials: reading, states, values, outcomes.
#include "resources/trial.h"

#include <gtest/gtest.h>

#include "resources/condition.h"

namespace mizan::resources {
namespace {

const Time kNow = *parse_rfc3339("2026-01-01T00:00:00Z");

Json with_conditions(std::initializer_list<std::pair<const char*, const char*>> conditions) {
  Json trial = {{"metadata", {{"name", "t"}}}, {"status", {{"conditions", Json::array()}}}};
  for (const auto& [type, status] : conditions) {
    trial["status"]["conditions"].push_back(
        {{"type", type}, {"status", status}, {"reason", "r"}, {"message", "m"}});
  }
  return trial;
}

std::vector<std::string> types(const Json& trial) {
  std::vector<std::string> names;
  for (const Json& condition : trial["status"]["conditions"]) {
    names.push_back(condition["type"].get<std::string>() + "=" +
                    condition["status"].get<std::string>());
  }
  return names;
}

TEST(ReadTrial, ReadsEveryField) {
  const Trial t =
      read_trial(Json::parse(R"({"metadata":{"name":"e-abc","namespace":"n","uid":"u","labels":{
      "katib.kubeflow.org/experiment":"e","mizan.kubeflow.org/origin":"imported"},"annotations":{"mizan.kubeflow.org/client-id":"w1"}},
    "spec":{"objective":{"type":"maximize","objectiveMetricName":"acc"},
      "parameterAssignments":[{"name":"lr","value":"0.1"}],
      "earlyStoppingRules":[{"name":"acc","value":"0.5","comparison":"less","startStep":3}],
      "runSpec":{"kind":"Job"},"retainRun":true,"metricsCollector":{"collector":{"kind":"Push"}},
      "primaryPodLabels":{"a":"b"},"primaryContainerName":"main","successCondition":"s","failureCondition":"f"},
    "status":{"startTime":"2026-01-01T00:00:00Z","completionTime":null,"suggestedFrom":{"draw":7},
      "observation":{"metrics":[{"name":"acc","min":"0.1","max":"0.9","latest":"0.5"}]},
      "conditions":[{"type":"Running","status":"True"}]}})"));
  EXPECT_EQ(t.name, "e-abc");
  EXPECT_EQ(t.experiment, "e");
  EXPECT_TRUE(t.imported);
  EXPECT_EQ(t.annotations.at(std::string(kClientIdAnnotation)), "w1");
  EXPECT_EQ(t.started, kNow);
  EXPECT_FALSE(t.completed);
  EXPECT_EQ(t.assignments, (std::vector<Assignment>{{"lr", "0.1"}}));
  EXPECT_EQ(t.stopping_rules, (std::vector<EarlyStoppingRule>{{"acc", "0.5", "less", 3}}));
  EXPECT_EQ(t.run_spec["kind"], "Job");
  EXPECT_TRUE(t.retain_run);
  EXPECT_EQ(t.collector.kind, "Push");
  EXPECT_EQ(t.primary_container, "main");
  EXPECT_EQ(t.state, TrialState::kRunning);
  EXPECT_EQ(t.draw_index, 7U);
  EXPECT_EQ(objective_value(t, t.objective), 0.9);
}

TEST(ReadTrial, TakesTheDrawFromTheAnnotationBeforeTheFirstStatus) {
  Json trial = {
      {"metadata", {{"annotations", {{std::string(kSuggestedFromAnnotation), R"({"draw":12})"}}}}}};
  EXPECT_EQ(read_trial(trial).draw_index, 12U);
  trial["metadata"]["annotations"][std::string(kSuggestedFromAnnotation)] = "no json";
  EXPECT_FALSE(read_trial(trial).draw_index);
  trial["metadata"]["annotations"][std::string(kSuggestedFromAnnotation)] = R"({"draw":-1})";
  EXPECT_FALSE(read_trial(trial).draw_index);
}

TEST(TrialState, IsTheFirstThatAppliesInKatibsOrderOfCounting) {
  const auto state = [](auto... conditions) {
    return read_trial(with_conditions({conditions...})).state;
  };
  using C = std::pair<const char*, const char*>;
  EXPECT_EQ(read_trial(with_conditions({})).state, TrialState::kPending);
  EXPECT_EQ(state(C{"Created", "True"}), TrialState::kPending);
  EXPECT_EQ(state(C{"Created", "True"}, C{"Running", "True"}), TrialState::kRunning);
  EXPECT_EQ(state(C{"Running", "False"}, C{"Succeeded", "True"}), TrialState::kSucceeded);
  EXPECT_EQ(state(C{"Succeeded", "True"}, C{"Failed", "True"}), TrialState::kFailed);
  EXPECT_EQ(state(C{"Failed", "True"}, C{"Killed", "True"}), TrialState::kKilled);
  EXPECT_EQ(state(C{"EarlyStopped", "True"}, C{"Running", "True"}), TrialState::kEarlyStopped);
  EXPECT_EQ(state(C{"Running", "False"}, C{"MetricsUnavailable", "True"}),
            TrialState::kMetricsUnavailable);
  EXPECT_EQ(state(C{"Failed", "True"}, C{"Infeasible", "True"}), TrialState::kInfeasible);
}

TEST(MetricValue, FollowsTheStrategyAndFallsBackToTheLatest) {
  const ObservedMetric metric{"m", "0.1", "0.9", "0.5"};
  EXPECT_EQ(metric_value(metric, MetricStrategy::kMin), 0.1);
  EXPECT_EQ(metric_value(metric, MetricStrategy::kMax), 0.9);
  EXPECT_EQ(metric_value(metric, MetricStrategy::kLatest), 0.5);
  EXPECT_EQ(metric_value({"m", "unavailable", "", "0.5"}, MetricStrategy::kMin), 0.5);
  EXPECT_EQ(metric_value({"m", "", "nan", "+.5e1"}, MetricStrategy::kMax), 5);
  for (const char* text : {"", "unavailable", "nan", "inf", "1x", "0x1p3", "1 "}) {
    EXPECT_FALSE(metric_value({"m", "", "", text}, MetricStrategy::kLatest)) << text;
  }
}

TEST(WithOutcome, EndsARunningTrialInKatibsOrder) {
  const Json trial = with_conditions({{"Created", "True"}, {"Running", "True"}});
  const Json ended =
      with_outcome(trial, {TrialState::kSucceeded, "", "", {{"loss", "1", "3", "2"}}}, kNow);
  EXPECT_EQ(types(ended),
            (std::vector<std::string>{"Created=True", "Running=False", "Succeeded=True"}));
  EXPECT_EQ(find_condition(ended, "Running")->message, "m") << "its old words stay";
  EXPECT_EQ(find_condition(ended, "Succeeded")->reason, "TrialSucceeded");
  EXPECT_EQ(find_condition(ended, "Succeeded")->message, "Trial has succeeded");
  EXPECT_EQ(ended["status"]["completionTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(ended["status"]["observation"],
            Json::parse(R"({"metrics":[{"name":"loss","min":"1","max":"3","latest":"2"}]})"));
}

TEST(WithOutcome, SaysTheObjectiveAsTheTrialWroteIt) {
  Json trial = with_conditions({{"Running", "True"}});
  trial["spec"]["objective"] = {{"type", "maximize"}, {"objectiveMetricName", "acc"}};
  const auto objective = [&](const ObservedMetric& metric) {
    const Json ended = with_outcome(trial, {TrialState::kSucceeded, "", "", {metric}}, kNow);
    return ended["status"].value("objective", "none");
  };
  EXPECT_EQ(objective({"acc", "0.10", "0.90", "0.50"}), "0.90");
  EXPECT_EQ(objective({"acc", "unavailable", "unavailable", "5e-1"}), "5e-1");
  EXPECT_EQ(objective({"acc", "", "", "unavailable"}), "none");
  EXPECT_EQ(objective({"other", "1", "1", "1"}), "none");
}

TEST(WithOutcome, UsesTheWordsThatAreGiven) {
  const Json ended = with_outcome(
      with_conditions({}), {TrialState::kInfeasible, "ResourceLimit", "needs 8Gi", {}}, kNow);
  EXPECT_EQ(types(ended), std::vector<std::string>{"Infeasible=True"});
  EXPECT_EQ(find_condition(ended, "Infeasible")->reason, "ResourceLimit");
  EXPECT_EQ(find_condition(ended, "Infeasible")->message, "needs 8Gi");
  EXPECT_FALSE(ended["status"].contains("observation"));
}

TEST(WithOutcome, HasWordsForEveryEnd) {
  for (const TrialState state :
       {TrialState::kSucceeded, TrialState::kKilled, TrialState::kFailed, TrialState::kEarlyStopped,
        TrialState::kMetricsUnavailable, TrialState::kInfeasible}) {
    EXPECT_TRUE(is_completed(state));
    const Json ended = with_outcome(with_conditions({}), {state, "", "", {}}, kNow);
    EXPECT_EQ(read_trial(ended).state, state) << to_string(state);
    EXPECT_FALSE(find_condition(ended, to_string(state))->reason.empty());
    EXPECT_FALSE(find_condition(ended, to_string(state))->message.empty());
  }
}

TEST(WithOutcome, LeavesEndedTrialsAlone) {
  const Json ended = with_outcome(with_conditions({}), {TrialState::kFailed, "", "", {}}, kNow);
  EXPECT_EQ(
      with_outcome(ended, {TrialState::kSucceeded, "", "", {}}, kNow + std::chrono::seconds(9)),
      ended);
  EXPECT_EQ(with_outcome(with_conditions({}), {TrialState::kRunning, "", "", {}}, kNow),
            with_conditions({}))
      << "running is no outcome";
}

TEST(Assignments, GoBothWays) {
  const std::vector<Assignment> assignments = {{"lr", "0.01"}, {"name", "a \"b\""}};
  EXPECT_EQ(read_assignments(to_json(assignments)), assignments);
  const std::vector<EarlyStoppingRule> rules = {{"loss", "0.5", "greater", 4},
                                                {"acc", "1", "equal", 0}};
  EXPECT_EQ(read_stopping_rules(to_json(rules)), rules);
}

}  // namespace
}  // namespace mizan::resources
