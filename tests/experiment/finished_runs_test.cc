// Which run objects are kept.
#include "experiment/finished_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mizan::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Time at(int second) { return Time(std::chrono::seconds(second)); }

TEST(FinishedRunsTest, TheNewestOfEachExperimentStay) {
  FinishedRuns runs(2);
  EXPECT_THAT(runs.add("ns/a", at(1), "a1"), IsEmpty());
  EXPECT_THAT(runs.add("ns/a", at(2), "a2"), IsEmpty());
  EXPECT_THAT(runs.add("ns/b", at(1), "b1"), IsEmpty());

  EXPECT_THAT(runs.add("ns/a", at(3), "a3"), ElementsAre("a1"));

  EXPECT_TRUE(runs.is_surplus("ns/a", "a1"));
  EXPECT_FALSE(runs.is_surplus("ns/a", "a3"));
}

TEST(FinishedRunsTest, AnOldOneThatComesLateIsItselfTooMany) {
  FinishedRuns runs(1);
  runs.add("ns/a", at(5), "new");

  EXPECT_THAT(runs.add("ns/a", at(1), "old"), ElementsAre("old"));
}

TEST(FinishedRunsTest, AddingTwiceChangesNothing) {
  FinishedRuns runs(2);
  runs.add("ns/a", at(1), "a1");
  runs.add("ns/a", at(1), "a1");
  runs.add("ns/a", at(9), "a1");

  EXPECT_THAT(runs.add("ns/a", at(2), "a2"), IsEmpty());
  EXPECT_THAT(runs.add("ns/a", at(3), "a3"), ElementsAre("a1"));
  EXPECT_THAT(runs.add("ns/a", at(1), "a1"), IsEmpty());  // known to be too many: said once
}

TEST(FinishedRunsTest, WhatWasRemovedMakesRoom) {
  FinishedRuns runs(2);
  runs.add("ns/a", at(1), "a1");
  runs.add("ns/a", at(2), "a2");
  runs.remove("ns/a", "a1");

  EXPECT_THAT(runs.add("ns/a", at(3), "a3"), IsEmpty());
}

TEST(FinishedRunsTest, KeepingNoneMakesEachTooManyAtOnce) {
  FinishedRuns runs(0);

  EXPECT_THAT(runs.add("ns/a", at(1), "a1"), ElementsAre("a1"));
}

}  // namespace
}  // namespace mizan::experiment
