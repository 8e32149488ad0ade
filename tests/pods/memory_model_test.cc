// What the model says of trials that it has not seen, and how sure it is.
#include "pods/tuner/memory_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/pods/mebibyte.h"

namespace mizan::pods {
namespace {

TunerPoint at(double batch, double width) { return {{batch, width}, {}}; }

TEST(MemoryModelTest, SaysNothingBeforeItHasSeenAnything) {
  MemoryModel model;
  EXPECT_FALSE(model.predict(at(1, 1)).has_value());
  model.add(at(1, 1), 100 * kMib);
  model.add(at(2, 1), 100 * kMib);
  EXPECT_FALSE(model.predict(at(1, 1)).has_value());
}

TEST(MemoryModelTest, FindsALinearNeedAndReservesLittleMore) {
  MemoryModel model;
  for (int i = 0; i < 40; ++i) {
    const double batch = 8 << (i % 5), width = 64 + 23 * i;
    const double scatter = 1 + 0.02 * std::sin(i);
    model.add(at(batch, width), (400 + 2 * batch + 0.9 * width) * scatter * kMib);
  }

  const auto said = model.predict(at(64, 500));

  ASSERT_TRUE(said.has_value());
  const double truth = 400 + 2 * 64 + 0.9 * 500;
  EXPECT_NEAR(said->expected / kMib, truth, 0.03 * truth);
  EXPECT_GT(said->upper / kMib, truth);
  EXPECT_LT(said->upper / kMib, 1.2 * truth);
  EXPECT_EQ(said->basis, "linear");
  EXPECT_EQ(said->evidence, 40U);
}

TEST(MemoryModelTest, FindsAProductOfTwo) {
  MemoryModel model;
  for (int i = 0; i < 60; ++i) {
    const double batch = 8 << (i % 6), width = 64 + (i * 37) % 448;
    model.add(at(batch, width), (300 + 2.2 * batch * width / 256) * kMib);
  }

  const auto said = model.predict(at(256, 500));

  ASSERT_TRUE(said.has_value());
  EXPECT_NEAR(said->expected / kMib, 300 + 2.2 * 256 * 500 / 256, 30);
}

TEST(MemoryModelTest, TellsCategoriesApart) {
  MemoryModel model;
  for (int i = 0; i < 30; ++i) {
    const bool adam = i % 2 == 0;
    model.add({{double(i)}, {adam ? "adam" : "sgd"}}, (adam ? 900 : 300 + i) * kMib);
  }

  EXPECT_LT(model.predict({{10}, {"sgd"}})->upper / kMib, 400);
  EXPECT_GT(model.predict({{10}, {"adam"}})->upper / kMib, 890);
}

TEST(MemoryModelTest, FallsBackToAPercentileWhereHyperparametersExplainNothing) {
  MemoryModel model;
  double highest = 0;
  for (int i = 0; i < 80; ++i) {
    const double peak = 300 + (i * 7919) % 1000;
    highest = std::max(highest, peak);
    model.add(at((i * 104729) % 97, (i * 15485863) % 89), peak * kMib);
  }

  const auto said = model.predict(at(50, 50));

  ASSERT_TRUE(said.has_value());
  EXPECT_EQ(said->basis, "percentile of peaks");
  EXPECT_GE(said->upper / kMib, 0.97 * highest);
}

TEST(MemoryModelTest, IgnoresMeasurementsThatAreNone) {
  MemoryModel model;
  model.add(at(1, 1), 0);
  model.add(at(1, 1), -5);
  model.add(at(1, 1), std::nan(""));
  EXPECT_EQ(model.size(), 0U);
}

TEST(MemoryModelTest, KeepsTheNewestOnly) {
  MemoryModel model;
  for (int i = 0; i < 1000; ++i) model.add(at(i, 1), 100 * kMib);
  EXPECT_EQ(model.size(), 400U);
}

TEST(AfterOomTest, GivesTheLargestOfThree) {
  EXPECT_EQ(after_oom(100 * kMib, {}), 200 * kMib);
  EXPECT_EQ(after_oom(1000 * kMib, {}), 1200 * kMib);
  EXPECT_EQ(
      after_oom(100 * kMib,
                NeedPrediction{
                    .expected = 1, .upper = 900 * kMib, .lower = 0, .basis = "", .evidence = 9}),
      900 * kMib);
}

}  // namespace
}  // namespace mizan::pods
