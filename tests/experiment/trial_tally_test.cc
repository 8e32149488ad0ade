// The tally, and that it equals a recount after any history.
#include "experiment/trial_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace mizan::experiment {
namespace {

using resources::Trial;
using resources::TrialState;
using ::testing::ElementsAre;

Trial trial(const std::string& name, TrialState state, std::optional<std::string> value = {},
            int draw = 0, int completed = 0) {
  Trial made;
  made.name = name;
  made.state = state;
  made.draw_index = static_cast<std::uint64_t>(draw);
  made.created = Time(std::chrono::seconds(100));
  if (resources::is_completed(state)) made.completed = Time(std::chrono::seconds(completed));
  made.objective.metric = "loss";
  made.objective.strategies = {{"loss", resources::MetricStrategy::kMin}};
  if (value) made.observation = {{"loss", *value, *value, *value}};
  return made;
}

TEST(TrialTallyTest, CountsEachStateAndFollowsChanges) {
  TrialTally tally;
  tally.put(trial("a", TrialState::kPending));
  tally.put(trial("b", TrialState::kRunning));
  tally.put(trial("c", TrialState::kFailed));
  tally.put(trial("d", TrialState::kMetricsUnavailable));
  tally.put(trial("a", TrialState::kSucceeded, "1"));

  EXPECT_EQ(tally.total(), 4);
  EXPECT_EQ(tally.active(), 1);
  EXPECT_EQ(tally.completed(), 3);
  EXPECT_EQ(tally.unsuccessful(), 2);
  EXPECT_EQ(tally.count(TrialState::kPending), 0);
  tally.remove("c");
  tally.remove("never was");
  EXPECT_EQ(tally.total(), 3);
}

TEST(TrialTallyTest, NamesTheNewestOldestFirst) {
  TrialTally tally;
  for (int i = 0; i < 5; ++i)
    tally.put(trial("t" + std::to_string(4 - i), TrialState::kSucceeded, "1", i));

  EXPECT_THAT(tally.names(TrialState::kSucceeded, 2), ElementsAre("t1", "t0"));
  EXPECT_EQ(tally.names(TrialState::kSucceeded, 0).size(), 5U);
}

TEST(TrialTallyTest, OfEqualsTheOldestIsBest) {
  TrialTally tally;
  tally.put(trial("late", TrialState::kSucceeded, "1", 9));
  tally.put(trial("early", TrialState::kSucceeded, "1.0", 1));
  tally.put(trial("worse", TrialState::kSucceeded, "2", 0));

  EXPECT_EQ(tally.best(), (BestTrial{"early", 1}));
}

TEST(TrialTallyTest, AnExcludedTrialCountsButIsNeverBest) {
  TrialTally tally;
  Trial lucky = trial("lucky", TrialState::kSucceeded, "0.1", 1);
  tally.put(lucky);
  tally.put(trial("fair", TrialState::kSucceeded, "1", 2));
  EXPECT_EQ(tally.best()->name, "lucky");

  lucky.excluded = true;
  tally.put(lucky);
  EXPECT_EQ(tally.best()->name, "fair");
  EXPECT_EQ(tally.completed(), 2);
}

TEST(TrialTallyTest, AMaximisedObjectiveKeepsItsSign) {
  TrialTally tally;
  for (const auto& [name, value] : std::map<std::string, std::string>{{"a", "0.5"}, {"b", "0.9"}}) {
    Trial made = trial(name, TrialState::kSucceeded, value);
    made.objective.type = resources::ObjectiveType::kMaximize;
    made.objective.strategies = {{"loss", resources::MetricStrategy::kMax}};
    tally.put(made);
  }

  EXPECT_EQ(tally.best(), (BestTrial{"b", 0.9}));
}

TEST(TrialTallyTest, ALuckyPrefixDoesNotWinOverASucceededTrial) {
  TrialTally tally;
  tally.put(trial("stopped", TrialState::kEarlyStopped, "0.1"));
  EXPECT_EQ(tally.best(), (BestTrial{"stopped", 0.1}));

  tally.put(trial("whole", TrialState::kSucceeded, "0.5"));

  EXPECT_EQ(tally.best(), (BestTrial{"whole", 0.5}));
}

TEST(TrialTallyTest, TrialsThatRanFurtherCountFirst) {
  TrialTally tally("epochs");
  Trial cheap = trial("cheap", TrialState::kSucceeded, "0.1");
  cheap.assignments = {{"epochs", "1"}};
  Trial full = trial("full", TrialState::kSucceeded, "0.5");
  full.assignments = {{"epochs", "27"}};
  tally.put(cheap);
  tally.put(full);

  EXPECT_EQ(tally.best(), (BestTrial{"full", 0.5}));
}

TEST(TrialTallyTest, ImportedTrialsCountNowhere) {
  TrialTally tally;
  Trial imported = trial("i", TrialState::kSucceeded, "0");
  imported.imported = true;
  tally.put(imported);

  EXPECT_EQ(tally.total(), 0);
  EXPECT_FALSE(tally.best());
  EXPECT_TRUE(tally.contains("i"));
}

TEST(TrialTallyTest, CountsTrialsWithoutImprovementInOrderOfTheirEnd) {
  TrialTally tally;
  const char* values[] = {"5", "4", "3.95", "6", "3.9"};
  for (int i = 0; i < 5; ++i)
    tally.put(trial("t" + std::to_string(i), TrialState::kSucceeded, values[i], i, i));
  EXPECT_EQ(tally.without_improvement(0), 0);
  EXPECT_EQ(tally.without_improvement(0.5), 3);

  tally.put(trial("f", TrialState::kFailed, {}, 6, 6));
  EXPECT_EQ(tally.without_improvement(0.5), 4);
  tally.put(trial("early", TrialState::kSucceeded, "3.3", 7, 0));  // became known late

  EXPECT_EQ(tally.without_improvement(0.5), 5);
}

TEST(TrialTallyTest, EqualsARecountAfterAnyHistory) {
  std::mt19937 random(11);
  for (int round = 0; round < 30; ++round) {
    TrialTally tally(round % 2 == 0 ? "" : "lr");
    std::map<std::string, Trial> truth;
    for (int step = 0; step < 300; ++step) {
      const std::string name = "t" + std::to_string(random() % 40);
      if (random() % 8 == 0) {
        tally.remove(name);
        truth.erase(name);
        continue;
      }
      Trial made = trial(name, static_cast<TrialState>(random() % 8), {},
                         static_cast<int>(random() % 20), static_cast<int>(random() % 50));
      if (random() % 3 != 0) {
        const std::string value = random() % 5 == 0 ? "nan" : std::to_string(random() % 10);
        made.observation = {{"loss", value, value, value}};
      }
      made.imported = random() % 10 == 0;
      made.assignments = {{"lr", std::to_string(random() % 3)}};
      tally.put(made);
      truth[name] = made;
      if (random() % 4 == 0) tally.without_improvement(1);
    }
    TrialTally recount(round % 2 == 0 ? "" : "lr");
    for (const auto& [name, made] : truth) recount.put(made);

    ASSERT_EQ(tally, recount) << "round " << round;
    ASSERT_EQ(tally.best(), recount.best());
    ASSERT_EQ(tally.without_improvement(1), recount.without_improvement(1));
  }
}

/// What the tally says, counted by hand, so that the recount above is not merely equal to itself.
TEST(TrialTallyTest, AgreesWithCountingByHand) {
  std::mt19937 random(5);
  TrialTally tally;
  std::map<TrialState, int> counts;
  std::optional<double> best;
  for (int i = 0; i < 500; ++i) {
    const auto state = static_cast<TrialState>(random() % 8);
    const auto value = static_cast<double>(random() % 1000);
    tally.put(trial("t" + std::to_string(i), state, std::to_string(value), i));
    ++counts[state];
    if (state == TrialState::kSucceeded && (!best || value < *best)) best = value;
  }

  for (const auto& [state, count] : counts) EXPECT_EQ(tally.count(state), count);
  EXPECT_EQ(tally.best()->value, *best);
}

}  // namespace
}  // namespace mizan::experiment
