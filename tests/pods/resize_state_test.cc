// The state machine of a resize, without a node: who is granted what, and what is said about it.
#include "pods/resize/resize_state.h"

#include <gtest/gtest.h>

#include "pods/node/capacity_ledger.h"

namespace mizan::pods {
namespace {

using Answer = Room::Answer;
using Change = ResizeState::Change;
using resources::Quantity;

PodSize sized_cpu(std::int64_t milli) {
  return {{"main", {{{"cpu", Quantity::of_milli(milli)}}, {}}}};
}
const auto kRoom = [](const PodSize&) { return Room{}; };
const auto kNoRoom = [](const PodSize&) { return Room{Answer::kDeferred, "later"}; };
const auto kNever = [](const PodSize&) { return Room{Answer::kInfeasible, "never"}; };

Amounts milli(std::int64_t amount) { return {{"cpu", Quantity::of_milli(amount)}}; }

TEST(ResizeStateTest, GrantsThenBringsIntoForce) {
  ResizeState state(sized_cpu(100));

  EXPECT_EQ(state.consider(sized_cpu(200), 2, kRoom, Time()), Change::kAllocated);
  EXPECT_EQ(state.allocated(), sized_cpu(200));
  EXPECT_EQ(state.actual(), sized_cpu(100));
  ASSERT_EQ(state.conditions(Time()).size(), 1U);
  EXPECT_EQ(state.conditions(Time())[0]["type"], "PodResizeInProgress");
  EXPECT_EQ(state.conditions(Time())[0]["observedGeneration"], 2);
  EXPECT_FALSE(state.conditions(Time())[0].contains("reason"));

  EXPECT_TRUE(state.actuated());
  EXPECT_EQ(state.actual(), sized_cpu(200));
  EXPECT_TRUE(state.conditions(Time()).empty());
  EXPECT_FALSE(state.actuated()) << "it ends once";
}

TEST(ResizeStateTest, KeepsWhatIsGrantedWhileItWaits) {
  ResizeState state(sized_cpu(100));

  EXPECT_EQ(state.consider(sized_cpu(900), 2, kNoRoom, Time()), Change::kConditions);
  EXPECT_EQ(state.consider(sized_cpu(900), 2, kNoRoom, Time()), Change::kNone)
      << "nothing new to tell";
  EXPECT_TRUE(state.is_deferred());
  EXPECT_EQ(state.allocated(), sized_cpu(100));
  EXPECT_EQ(state.conditions(Time())[0]["reason"], "Deferred");

  EXPECT_EQ(state.consider(sized_cpu(900), 2, kRoom, Time()), Change::kAllocated);
  EXPECT_FALSE(state.is_pending());
}

TEST(ResizeStateTest, TakingAWishBackLeavesNoTrace) {
  ResizeState state(sized_cpu(100));
  (void)state.consider(sized_cpu(9000), 2, kNever, Time());

  EXPECT_EQ(state.consider(sized_cpu(100), 3, kNever, Time()), Change::kConditions);
  EXPECT_TRUE(state.conditions(Time()).empty());
  EXPECT_TRUE(state.is_settled());
}

TEST(ResizeStateTest, AStuckResizeAndAPendingOneStandSideBySide) {
  ResizeState state(sized_cpu(200));
  (void)state.consider(sized_cpu(100), 2, kRoom, Time());
  EXPECT_TRUE(state.failed("below usage"));
  EXPECT_FALSE(state.failed("below usage by another number"));
  (void)state.consider(sized_cpu(9000), 3, kNever, Time());

  const Json conditions = state.conditions(Time());
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(conditions[0]["reason"], "Infeasible");
  EXPECT_EQ(conditions[0]["observedGeneration"], 3);
  EXPECT_EQ(conditions[1]["reason"], "Error");
  EXPECT_EQ(conditions[1]["observedGeneration"], 2);
}

TEST(ResizeStateTest, RecoversWhatWasGrantedAndNotYetTold) {
  Json pod{{"metadata", {{"generation", 2}}},
           {"spec", {{"containers", {{{"name", "main"}}}}}},
           {"status",
            {{"containerStatuses",
              {{{"name", "main"}, {"resources", {{"requests", {{"cpu", "100m"}}}}}}}}}}};
  ResizeState state = ResizeState::recover(pod, sized_cpu(200), Time());

  EXPECT_FALSE(state.is_settled());
  EXPECT_EQ(state.actual(), sized_cpu(100));
  EXPECT_TRUE(state.actuated()) << "its end is still to be told";
}

TEST(CapacityLedgerTest, CountsADeferredWishAgainstNewPodsAndNotAgainstResizes) {
  CapacityLedger ledger(milli(2000));
  (void)ledger.take("blocker", milli(1000));
  (void)ledger.take("waits", milli(100));
  EXPECT_EQ(ledger.room_for("waits", milli(1400)).message,
            "Node didn't have enough resource: cpu, requested: 1400, used: 1000, capacity: 2000");
  ledger.defer("waits", {"ns", "waits"}, {true, 0, 1, Time(), "waits"}, milli(1400));

  EXPECT_NE(ledger.take("new", milli(500)), "");
  EXPECT_EQ(ledger.room_for("blocker", milli(1900)).answer, Answer::kFits);
  ledger.stop_deferring("waits");
  EXPECT_EQ(ledger.take("new", milli(500)), "");
}

TEST(CapacityLedgerTest, AnInfeasibleWishIsAboutCapacityMemoryFirst) {
  CapacityLedger ledger({{"cpu", Quantity::of_milli(2000)}, {"memory", Quantity::of_bytes(1024)}});

  const Room room = ledger.room_for(
      "a", {{"cpu", Quantity::of_milli(3000)}, {"memory", Quantity::of_bytes(2048)}});

  EXPECT_EQ(room.answer, Answer::kInfeasible);
  EXPECT_EQ(room.message,
            "Node didn't have enough capacity: memory, requested: 2048, capacity: 1024");
}

TEST(CapacityLedgerTest, ServesDeferredResizesInTheirOrderBeforeNewPods) {
  CapacityLedger ledger(milli(1000));
  (void)ledger.take("blocker", milli(800));
  (void)ledger.take("late", milli(100));
  (void)ledger.take("guaranteed", milli(100));
  const Time now = Time();
  ledger.defer("late", {"ns", "late"}, {true, 0, 1, now, "late"}, milli(300));
  ledger.defer("guaranteed", {"ns", "guaranteed"}, {true, 0, 0, now + std::chrono::seconds(9), "g"},
               milli(700));
  ledger.wait({"ns", "new"}, "2026", milli(100));
  EXPECT_TRUE(ledger.ready().empty());

  ledger.release("blocker");

  const auto ready = ledger.ready();
  ASSERT_EQ(ready.size(), 2U) << "there is no room for the new pod beside them";
  EXPECT_EQ(ready[0].name, "guaranteed");
  EXPECT_EQ(ready[1].name, "late");
}

}  // namespace
}  // namespace mizan::pods
