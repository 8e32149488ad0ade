// What clients report and tell.
#include "api/tell.h"

#include <gtest/gtest.h>

#include "resources/trial.h"

namespace mizan::api {
namespace {

using resources::TrialState;

resources::Objective objective() {
  resources::Objective made;
  made.metric = "loss";
  made.additional_metrics = {"accuracy"};
  return made;
}

Result<resources::TrialOutcome> tell(const char* text) {
  return read_tell(*parse_metrics_json(text), objective());
}

TEST(TellTest, WhatIsToldIsTheObservation) {
  const auto outcome = tell(R"({"metrics": {"loss": 0.31, "accuracy": 1}})");

  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, TrialState::kSucceeded);
  EXPECT_EQ(outcome->observation,
            (std::vector<resources::ObservedMetric>{{"accuracy", "1", "1", "1"},
                                                    {"loss", "0.31", "0.31", "0.31"}}));
}

TEST(TellTest, NumbersKeepEveryDigit) {
  EXPECT_EQ(tell(R"({"metrics": {"loss": 0.1234567890123456789}})")->observation[0].latest,
            "0.12345678901234568");
  EXPECT_EQ(tell(R"({"metrics": {"loss": "1e-7"}})")->observation[0].latest, "1e-7");
}

TEST(TellTest, ASuccessWithoutAFiniteObjectiveHasNoMetrics) {
  for (const char* text :
       {R"({"metrics": {"loss": null}})", R"({"metrics": {"loss": NaN}})",
        R"({"metrics": {"loss": Infinity}})", R"({"metrics": {"loss": -Infinity, "accuracy": 1}})",
        R"({"metrics": {"loss": "nan"}})"}) {
    const auto outcome = tell(text);
    ASSERT_TRUE(outcome) << text;
    EXPECT_EQ(outcome->state, TrialState::kMetricsUnavailable) << text;
  }
}

TEST(TellTest, FailuresNeedNoMetrics) {
  const auto outcome =
      tell(R"({"state": "Failed", "reason": "OutOfMemory", "message": "the GPU was full"})");

  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, TrialState::kFailed);
  EXPECT_EQ(outcome->reason, "OutOfMemory");
  EXPECT_EQ(outcome->message, "the GPU was full");
  EXPECT_EQ(tell(R"({"state": "EarlyStopped"})")->state, TrialState::kEarlyStopped);
  EXPECT_EQ(tell(R"({"state": "EarlyStopped", "metrics": {"loss": 2}})")->state,
            TrialState::kEarlyStopped);
  EXPECT_EQ(tell(R"({"state": "Infeasible"})")->state, TrialState::kInfeasible);
}

TEST(TellTest, AReasonWithSpacesIsAMessage) {
  const auto outcome = tell(R"({"state": "Failed", "reason": "it broke"})");

  EXPECT_EQ(outcome->reason, "");
  EXPECT_EQ(outcome->message, "it broke");
}

TEST(TellTest, SaysWhichFieldIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"metrics": {"loss": 1, "speed": 2}})", "metrics.speed"},
      {R"({"metrics": {"loss": true}})", "metrics.loss"},
      {R"({"metrics": {"loss": "low"}})", "metrics.loss"},
      {R"({"metrics": {"accuracy": 1}})", "metrics.loss"},
      {R"({"metrics": [1]})", "metrics"},
      {R"({})", "metrics.loss"},
      {R"({"state": "Running"})", "state"},
      {R"({"state": 1})", "state"},
      {R"({"metrics": {"loss": 1}, "extra": 1})", "extra"},
  };
  for (const auto& [text, field] : rows) {
    const auto outcome = tell(text);
    ASSERT_FALSE(outcome) << text;
    EXPECT_EQ(outcome.error().code, Code::kInvalid) << text;
    EXPECT_EQ(outcome.error().fields.front().path, field) << text;
  }
}

TEST(TellTest, PythonsNonNumbersAreReadOutsideOfStringsOnly) {
  EXPECT_EQ(parse_metrics_json(R"({"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \" Infinity"})")
                .value(),
            Json::parse(R"({"a": null, "b": [null, null], "c": "NaN \" Infinity"})"));
  EXPECT_FALSE(parse_metrics_json("[1]"));
  EXPECT_FALSE(parse_metrics_json("{"));
}

TEST(TellTest, KnowsTheSameTellAgain) {
  const auto outcome = *tell(R"({"metrics": {"loss": 0.31, "accuracy": 1}})");
  const Json object{{"metadata", {{"name", "t"}}},
                    {"spec", {{"objective", {{"objectiveMetricName", "loss"}}}}}};
  const auto ended = resources::read_trial(resources::with_outcome(object, outcome, Time{}));

  EXPECT_TRUE(ended_as(ended, outcome));
  EXPECT_TRUE(ended_as(
      ended, *tell(R"({"metrics": {"accuracy": 1, "loss": 0.31}, "state": "Succeeded"})")));
  EXPECT_FALSE(ended_as(ended, *tell(R"({"metrics": {"loss": 0.32, "accuracy": 1}})")));
  EXPECT_FALSE(ended_as(ended, *tell(R"({"metrics": {"loss": 0.31}})")));
  EXPECT_FALSE(ended_as(ended, *tell(R"({"state": "Failed"})")));
}

TEST(ReportTest, BecomesRowsWithTimeAndStep) {
  const auto report = read_report(
      *parse_metrics_json(R"({"step": 3, "metrics": {"loss": 0.41, "accuracy": null}})"),
      objective(), Time{});

  ASSERT_TRUE(report);
  ASSERT_EQ(report->rows.size(), 2U);
  EXPECT_EQ(report->rows[0].metric, "accuracy");
  EXPECT_EQ(report->rows[0].value, "NaN");
  EXPECT_EQ(report->rows[1].value, "0.41");
  EXPECT_EQ(report->rows[1].step, 3);
  for (const char* bad : {R"({"metrics": {"x": 1}})", R"({"step": 1})",
                          R"({"step": 1.5, "metrics": {}})", R"({"state": "x", "metrics": {}})"}) {
    EXPECT_FALSE(read_report(Json::parse(bad), objective(), Time{})) << bad;
  }
}

TEST(ShouldStopTest, WhenEveryRuleHolds) {
  const std::vector<store::Measurement> reported{
      {"loss", "5", {}, 1}, {"loss", "NaN", {}, 2}, {"loss", "3", {}, 3}, {"loss", "4", {}, 4}};
  const auto stop = [&](std::vector<resources::EarlyStoppingRule> rules) {
    return should_stop(rules, objective(), reported);
  };

  EXPECT_FALSE(stop({}));
  EXPECT_TRUE(stop({{"loss", "2", "greater", 1}}));
  EXPECT_FALSE(stop({{"loss", "2", "less", 1}}));
  EXPECT_FALSE(stop({{"loss", "4", "greater", 2}})) << "from the second value on the best is 3";
  EXPECT_FALSE(stop({{"loss", "2", "greater", 4}})) << "only three numbers are there";
  EXPECT_TRUE(stop({{"loss", "3", "equal", 3}}));
  EXPECT_FALSE(stop({{"loss", "2", "greater", 1}, {"accuracy", "1", "less", 1}}));
}

}  // namespace
}  // namespace mizan::api
