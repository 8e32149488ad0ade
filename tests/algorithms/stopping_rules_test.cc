// medianstop and asha on worked curves: when they stop a trial, and when they must not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/counter_rng.h"
#include "algorithms/stopping/asha.h"
#include "algorithms/stopping/median_stop.h"
#include "algorithms/stopping_rule.h"

namespace mizan::algorithms {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Curve curve_of(const std::vector<double>& values, bool succeeded = false) {
  Curve curve;
  for (std::size_t i = 0; i < values.size(); ++i) curve.add(static_cast<double>(i + 1), values[i]);
  curve.finished = curve.succeeded = succeeded;
  return curve;
}

StoppingVerdict judge(std::string_view rule, const std::vector<NamedText>& given,
                      const std::vector<Curve>& peers, const Curve& candidate) {
  const StoppingAlgorithm& row = *find_stopping_algorithm(rule);
  const ParsedSettings parsed = parse_settings(rule, row.settings, given);
  EXPECT_TRUE(parsed.errors.empty());
  std::vector<const Curve*> pointers;
  for (const Curve& peer : peers) pointers.push_back(&peer);
  const StoppingVerdict verdict = row.rule->judge({parsed.settings, pointers, candidate});

  // What is known of the finished ones changes no judgement, whenever they came to be known.
  FinishedAverages finished;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (i == peers.size() / 2) finished.at(candidate.last_step());
    if (peers[i].finished && !peers[i].empty()) finished.add(peers[i]);
  }
  const auto known = row.rule->judge({parsed.settings, pointers, candidate, &finished});
  EXPECT_EQ(known.stop, verdict.stop);
  EXPECT_EQ(known.bound, verdict.bound);
  EXPECT_EQ(known.peers, verdict.peers);
  return verdict;
}

TEST(FinishedAveragesTest, ManyCurvesAndManyStepsGiveWhatAWalkGives) {
  CounterRng rng(2, 0, Purpose::kSample);
  std::vector<Curve> curves;
  for (int i = 0; i < 5'000; ++i) {
    Curve curve = curve_of({rng.normal(), rng.normal(), rng.normal()}, rng.below(2) == 0);
    curve.finished = true;
    curves.push_back(std::move(curve));
  }
  FinishedAverages finished;
  for (const Curve& curve : curves) finished.add(curve);
  // More steps than are kept, and some once more.
  for (int step = 1; step <= 470; ++step) {
    const double at = step % 450 / 100.0;
    std::vector<double> expected;
    for (const Curve& curve : curves) {
      const auto average = curve.average_until(at);
      if (average && (curve.succeeded || curve.last_step() >= at)) expected.push_back(*average);
    }
    std::ranges::sort(expected);
    const auto found = finished.at(at);
    ASSERT_EQ(std::vector<double>(found.ordered.begin(), found.ordered.end()), expected) << at;
  }
  EXPECT_EQ(finished.size(), 5'000U);
  finished.clear();
  EXPECT_TRUE(finished.at(1).ordered.empty());
}

TEST(CurveTest, TellsAveragesAndBestsUpToAStep) {
  const Curve curve = curve_of({4, 2, kNan, 6});
  EXPECT_EQ(curve.reports(), 4U);
  EXPECT_EQ(curve.average_until(0.5), std::nullopt);
  EXPECT_EQ(curve.average_until(1), 4);
  EXPECT_EQ(curve.average_until(3), 3);
  EXPECT_EQ(curve.average_until(99), 4);
  EXPECT_EQ(curve.best_until(1), 4);
  EXPECT_EQ(curve.best_until(4), 2);
  EXPECT_EQ(curve_of({kNan, std::numeric_limits<double>::infinity()}).best_until(2), std::nullopt);
}

TEST(CurveTest, TakesStepsInAnyOrder) {
  Curve curve;
  for (const double step : {3.0, 1.0, 2.0}) curve.add(step, 10 * step);
  EXPECT_EQ(curve.average_until(2), 15);
  EXPECT_EQ(curve.best_until(3), 10);
  EXPECT_EQ(curve.last_step(), 3);
}

TEST(CurveTest, KeepsItsEndsAndRunningValuesWhenThinned) {
  std::vector<double> values(5000);
  std::iota(values.begin(), values.end(), 1);
  Curve curve = curve_of(values);
  const auto average = curve.average_until(5000);
  curve.thin(100);
  EXPECT_EQ(curve.last_step(), 5000);
  EXPECT_EQ(curve.average_until(5000), average);
  EXPECT_EQ(curve.best_until(1), 1);
  EXPECT_NEAR(*curve.average_until(2500), 1250, 30);
  EXPECT_EQ(curve.reports(), 5000U);
}

TEST(MedianStopTest, StopsWhatIsWorseThanTheMedianAtTheSameStep) {
  const std::vector<Curve> peers = {curve_of({5, 4, 3, 2, 1}, true),
                                    curve_of({6, 6, 6, 6, 6}, true),
                                    curve_of({9, 8, 7, 6, 5}, true)};
  // Averages over the first four: 3.5, 6, 7.5.
  const StoppingVerdict worse = judge("medianstop", {}, peers, curve_of({9, 9, 8, 6.5}));
  EXPECT_TRUE(worse.stop);
  EXPECT_EQ(worse.bound, 6);
  EXPECT_EQ(worse.value, 6.5);
  EXPECT_EQ(worse.step, 4);
  EXPECT_EQ(worse.peers, 3U);
  EXPECT_FALSE(judge("medianstop", {}, peers, curve_of({9, 9, 8, 6})).stop) << "as good as it";
  EXPECT_FALSE(judge("medianstop", {}, peers, curve_of({9, 9, 9})).stop) << "before start_step";
  EXPECT_TRUE(judge("medianstop", {{"start_step", "3"}}, peers, curve_of({9, 9, 9})).stop);
}

TEST(MedianStopTest, TakesTheMeanOfTheTwoMiddleOnes) {
  const std::vector<Curve> peers = {curve_of({1}, true), curve_of({2}, true), curve_of({4}, true),
                                    curve_of({100}, true)};
  EXPECT_EQ(judge("medianstop", {{"start_step", "1"}}, peers, curve_of({50})).bound, 3);
}

TEST(MedianStopTest, WaitsForEnoughSucceededTrials) {
  const std::vector<Curve> two = {curve_of({1, 1, 1, 1}, true), curve_of({1, 1, 1, 1}, true)};
  EXPECT_FALSE(judge("medianstop", {}, two, curve_of({9, 9, 9, 9})).stop);
  EXPECT_TRUE(
      judge("medianstop", {{"min_trials_required", "2"}}, two, curve_of({9, 9, 9, 9})).stop);
  std::vector<Curve> with_running = two;
  with_running.push_back(curve_of({1, 1, 1, 1}));
  EXPECT_FALSE(judge("medianstop", {}, with_running, curve_of({9, 9, 9, 9})).stop);
}

TEST(MedianStopTest, CountsStoppedTrialsOnlyWhereTheyGotTo) {
  Curve stopped = curve_of({8, 8});
  stopped.finished = true;
  const std::vector<Curve> peers = {curve_of({1, 1, 1}, true), stopped, stopped};
  const std::vector<NamedText> settings = {{"min_trials_required", "1"}, {"start_step", "2"}};
  EXPECT_EQ(judge("medianstop", settings, peers, curve_of({9, 9})).bound, 8);
  EXPECT_EQ(judge("medianstop", settings, peers, curve_of({9, 9, 9})).bound, 1);
}

TEST(MedianStopTest, NeverStopsOnNan) {
  const std::vector<Curve> peers(5, curve_of({1, 1, 1, 1, 1}, true));
  EXPECT_FALSE(judge("medianstop", {}, peers, curve_of({kNan, kNan, kNan, kNan})).stop);
  EXPECT_FALSE(judge("medianstop", {}, peers, curve_of({0.5, kNan, kNan, kNan})).stop);
  const std::vector<Curve> odd(5, curve_of({kNan, kNan, kNan, kNan}, true));
  EXPECT_FALSE(judge("medianstop", {}, odd, curve_of({9, 9, 9, 9})).stop);
}

TEST(AshaTest, FindsTheRungThatAReportReaches) {
  EXPECT_EQ(rung_just_reached(curve_of({1}), 1, 3), 1);
  EXPECT_EQ(rung_just_reached(curve_of({1, 1}), 1, 3), std::nullopt);
  EXPECT_EQ(rung_just_reached(curve_of({1, 1, 1}), 1, 3), 3);
  Curve sparse;
  sparse.add(2, 1);
  EXPECT_EQ(rung_just_reached(sparse, 1, 3), 1);
  sparse.add(20, 1);
  EXPECT_EQ(rung_just_reached(sparse, 1, 3), 9) << "the highest of those that were passed over";
  sparse.add(21, 1);
  EXPECT_EQ(rung_just_reached(sparse, 1, 3), std::nullopt);
}

TEST(AshaTest, LetsTheBestThirdGoOn) {
  std::vector<Curve> peers;
  for (int i = 1; i <= 8; ++i) peers.push_back(curve_of({10.0 * i, 10.0 * i, 10.0 * i}));
  EXPECT_FALSE(judge("asha", {}, peers, curve_of({99, 99, 30})).stop) << "third of nine";
  const StoppingVerdict fourth = judge("asha", {}, peers, curve_of({99, 99, 31}));
  EXPECT_TRUE(fourth.stop);
  EXPECT_EQ(fourth.bound, 30);
  EXPECT_EQ(fourth.step, 3);
  EXPECT_EQ(fourth.peers, 8U);
  EXPECT_FALSE(judge("asha", {}, peers, curve_of({99, 99, 99, 99})).stop) << "between rungs";
  EXPECT_FALSE(judge("asha", {{"min_resource", "5"}}, peers, curve_of({99, 99, 99})).stop);
}

TEST(AshaTest, StopsNobodyBeforeEtaTrialsReachedTheRung) {
  const std::vector<Curve> one = {curve_of({1, 1, 1})};
  EXPECT_FALSE(judge("asha", {}, one, curve_of({9, 9, 9})).stop);
  EXPECT_TRUE(judge("asha", {{"eta", "2"}}, one, curve_of({9, 9})).stop);
}

TEST(AshaTest, RanksATrialWithoutAFiniteValueLast) {
  const std::vector<Curve> peers = {curve_of({1}), curve_of({2})};
  EXPECT_TRUE(judge("asha", {}, peers, curve_of({kNan})).stop);
  const std::vector<Curve> all_bad = {curve_of({kNan}), curve_of({kNan})};
  EXPECT_FALSE(judge("asha", {}, all_bad, curve_of({kNan})).stop) << "nobody is better";
  EXPECT_FALSE(judge("asha", {}, all_bad, curve_of({5})).stop);
}

TEST(StoppingRulesTest, HoldForRandomCurves) {
  CounterRng rng(1, 0, Purpose::kSample);
  for (int round = 0; round < 300; ++round) {
    std::vector<Curve> peers;
    for (std::uint64_t i = rng.below(12); i > 0; --i) {
      std::vector<double> values;
      for (std::uint64_t k = rng.below(10); k > 0; --k)
        values.push_back(rng.below(9) == 0 ? kNan : rng.normal());
      peers.push_back(curve_of(values, rng.below(2) == 0));
    }
    std::vector<double> values = {rng.normal()};
    for (std::uint64_t k = rng.below(10); k > 0; --k) values.push_back(rng.normal());
    double best = 1e9;
    for (const Curve& peer : peers) best = std::min(best, peer.best_until(1e9).value_or(1e9));
    for (const StoppingAlgorithm& row : stopping_algorithms()) {
      const StoppingVerdict verdict = judge(row.name, {}, peers, curve_of(values));
      if (!verdict.stop) continue;
      EXPECT_GT(verdict.value, verdict.bound);
      values.back() = best - 1;  // the best of all is never stopped
      EXPECT_FALSE(judge(row.name, {}, peers, curve_of(values)).stop);
    }
  }
}

TEST(StoppingRulesTest, CheckTheirSettingsInKatibsWords) {
  const auto message = [](const char* rule, const char* name, const char* value) {
    const std::vector<NamedText> given = {{name, value}};
    const auto parsed = parse_settings(rule, find_stopping_algorithm(rule)->settings, given);
    return parsed.errors.empty() ? std::string() : parsed.errors[0].message;
  };
  EXPECT_EQ(message("medianstop", "min_trials_required", "0"),
            "min_trials_required must be greater than zero (>0), got 0");
  EXPECT_EQ(message("medianstop", "start_step", "0"),
            "start_step must be greater or equal than one (>=1), got 0");
  EXPECT_EQ(message("medianstop", "steps", "1"),
            "unknown setting steps for algorithm medianstop; it has min_trials_required, "
            "start_step");
  EXPECT_EQ(message("asha", "eta", "1"), "eta should be greater than or equal to two, got 1");
  EXPECT_EQ(message("asha", "min_resource", "27"), "");
}

}  // namespace
}  // namespace mizan::algorithms
