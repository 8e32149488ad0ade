// From measurements to min, max and latest.
#include "experiment/observation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mizan::experiment {
namespace {

using resources::MetricStrategy;
using resources::Objective;

Objective objective(MetricStrategy strategy = MetricStrategy::kMin) {
  Objective made;
  made.metric = "loss";
  made.additional_metrics = {"acc"};
  made.strategies = {{"loss", strategy}, {"acc", MetricStrategy::kMax}};
  return made;
}

store::Measurement row(std::string metric, std::string value, std::optional<int> second = {}) {
  store::Measurement made{std::move(metric), std::move(value), std::nullopt, std::nullopt};
  if (second) made.time = Time(std::chrono::seconds(*second));
  return made;
}

TEST(ObservationTest, KeepsTextVerbatimAndComparesNumbers) {
  ObservationBuilder builder(objective());
  for (const char* value : {"10", "9.50", "1e1", "9.5"}) builder.add(row("loss", value));

  const auto observation = builder.observation();

  ASSERT_EQ(observation.size(), 2U);
  EXPECT_EQ(observation[0], (resources::ObservedMetric{"loss", "9.50", "10", "9.5"}));
  EXPECT_EQ(observation[1],
            (resources::ObservedMetric{"acc", "unavailable", "unavailable", "unavailable"}));
}

TEST(ObservationTest, ANanIsNeverMinOrMax) {
  ObservationBuilder builder(objective());
  for (const char* value : {"nan", "0.5", "inf", "0.7", "-Infinity"})
    builder.add(row("loss", value));

  EXPECT_EQ(builder.observation()[0],
            (resources::ObservedMetric{"loss", "0.5", "0.7", "-Infinity"}));
  EXPECT_TRUE(builder.has_objective());
}

TEST(ObservationTest, LatestIsTheLatestByTimeAndOfEqualTimesTheLast) {
  ObservationBuilder builder(objective());
  builder.add(row("loss", "3", 30));
  builder.add(row("loss", "1", 10));
  builder.add(row("loss", "4", 30));

  EXPECT_EQ(builder.observation()[0].latest, "4");
  EXPECT_EQ(builder.observation()[0].min, "1");
}

TEST(ObservationTest, OnlyAFiniteObjectiveCounts) {
  struct Case {
    MetricStrategy strategy;
    std::vector<const char*> values;
    bool available;
  };
  for (const Case& one :
       {Case{MetricStrategy::kMin, {}, false}, Case{MetricStrategy::kMin, {"nan"}, false},
        Case{MetricStrategy::kMin, {"nan", "1"}, true},
        Case{MetricStrategy::kLatest, {"1", "nan"}, false},
        Case{MetricStrategy::kLatest, {"nan", "1"}, true},
        Case{MetricStrategy::kMax, {"inf"}, false}, Case{MetricStrategy::kMax, {"abc"}, false}}) {
    ObservationBuilder builder(objective(one.strategy));
    for (const char* value : one.values) builder.add(row("loss", value));
    EXPECT_EQ(builder.has_objective(), one.available);
  }
}

TEST(ObservationTest, ReadsNumbersAsGoDoes) {
  EXPECT_EQ(parse_metric_value("+.5e1"), 5.0);
  EXPECT_EQ(parse_metric_value("-3"), -3.0);
  EXPECT_TRUE(std::isnan(*parse_metric_value("nan")));
  EXPECT_EQ(parse_metric_value("-inf"), -HUGE_VAL);
  EXPECT_EQ(parse_metric_value("1e999"), HUGE_VAL);
  EXPECT_EQ(parse_metric_value("-1e999"), -HUGE_VAL);
  EXPECT_EQ(parse_metric_value("1e-999"), 0.0);
  for (const char* text : {"", "+", "++1", "+-1", "1x", "0x10", " 1", "1 ", "1_000"})
    EXPECT_FALSE(parse_metric_value(text)) << text;
}

}  // namespace
}  // namespace mizan::experiment
