// More trials at once: within the memory of the static ones, the bounds, and what the algorithm
// bears.
#include "pods/tuner/elastic_slots.h"

#include <gtest/gtest.h>

namespace mizan::pods {
namespace {

Fleet fleet_of(std::vector<std::int64_t> held) {
  return {.planned = 2, .most = 6, .completed = 100, .static_bytes = 1000, .held = std::move(held)};
}

TEST(ElasticSlotsTest, FillsWhatTheStaticTrialsWouldHaveTaken) {
  EXPECT_EQ(trials_at_once(fleet_of({400, 400})), 5) << "2000 - 800 is room for three of 400";
  EXPECT_EQ(trials_at_once(fleet_of({400, 400, 400, 400, 400})), 5);
  EXPECT_EQ(trials_at_once(fleet_of({950, 200})), 2) << "the next may be as large as the largest";
}

TEST(ElasticSlotsTest, NeverMoreThanItsMaximumNorFewerThanPlanned) {
  EXPECT_EQ(trials_at_once(fleet_of({10, 10})), 6);
  EXPECT_EQ(trials_at_once(fleet_of({1500, 1500})), 2);
  EXPECT_EQ(trials_at_once(fleet_of({})), 2);
  EXPECT_EQ(trials_at_once(fleet_of({10})), 2) << "first those that are planned";
}

TEST(ElasticSlotsTest, WaitsForResultsBeforeItAsksForMore) {
  Fleet fleet = fleet_of({10, 10});
  fleet.completed = 3;
  EXPECT_EQ(trials_at_once(fleet), 2);
  fleet.completed = 8;
  EXPECT_EQ(trials_at_once(fleet), 4);
}

TEST(ElasticSlotsTest, DoesNotAddToThoseThatWaitForRoom) {
  Fleet fleet = fleet_of({10, 10, 10});
  fleet.waits = true;
  EXPECT_EQ(trials_at_once(fleet), 3);
}

TEST(ElasticSlotsTest, KnowsNoBudgetWithoutARequest) {
  Fleet fleet = fleet_of({10, 10});
  fleet.static_bytes = 0;
  EXPECT_EQ(trials_at_once(fleet), 2);
}

}  // namespace
}  // namespace mizan::pods
