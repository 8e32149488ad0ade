// What fits on the node, and what never will.
#include "pods/node/capacity_ledger.h"

#include <gtest/gtest.h>

namespace mizan::pods {
namespace {

using controller::Request;
using resources::Quantity;

Amounts cpu(std::int64_t milli) { return {{"cpu", Quantity::of_milli(milli)}}; }

TEST(CapacityLedgerTest, GivesOutWhatThereIsAndNoMore) {
  CapacityLedger ledger({{"cpu", Quantity::of_milli(1000)}});

  EXPECT_EQ(ledger.take("a", cpu(600)), "");
  EXPECT_EQ(ledger.take("b", cpu(500)), "0/1 nodes are available: 1 Insufficient cpu.");
  EXPECT_EQ(ledger.take("c", cpu(400)), "");
  ledger.release("a");
  EXPECT_EQ(ledger.take("b", cpu(500)), "");
}

TEST(CapacityLedgerTest, SaysWhatTheNodeWillNeverHave) {
  CapacityLedger ledger({{"cpu", Quantity::of_milli(1000)}, {"pods", Quantity::of_milli(1000)}});

  EXPECT_EQ(ledger.take("a", {{"nvidia.com/gpu", Quantity::of_milli(1000)},
                              {"pods", Quantity::of_milli(1000)}}),
            "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. It can never run here: it "
            "requests 1 of "
            "nvidia.com/gpu, and the node has 0.");
  EXPECT_EQ(ledger.take("a", {{"pods", Quantity::of_milli(1000)}}), "");
  EXPECT_EQ(ledger.take("b", {{"pods", Quantity::of_milli(1000)}}),
            "0/1 nodes are available: 1 Too many pods.");
}

TEST(CapacityLedgerTest, ServesThoseWhoWaitInTheOrderOfTheirComing) {
  CapacityLedger ledger({{"cpu", Quantity::of_milli(1000)}});
  (void)ledger.take("running", cpu(1000));
  ledger.wait(Request("ns", "late"), "2026-01-01T00:00:03Z", cpu(300));
  ledger.wait(Request("ns", "early"), "2026-01-01T00:00:01Z", cpu(600));
  ledger.wait(Request("ns", "huge"), "2026-01-01T00:00:02Z", cpu(900));
  EXPECT_TRUE(ledger.ready().empty());

  ledger.release("running");
  const std::vector<Request> ready = ledger.ready();

  ASSERT_EQ(ready.size(), 2U);
  EXPECT_EQ(ready[0].name, "early");
  EXPECT_EQ(ready[1].name, "late");
  ledger.stop_waiting(Request("ns", "early"));
  EXPECT_EQ(ledger.ready().front().name, "huge");
  EXPECT_EQ(ledger.waiting(), 2U);
}

TEST(CapacityLedgerTest, CountsWhatRunsAlreadyEvenWhereItDoesNotFit) {
  CapacityLedger ledger({{"cpu", Quantity::of_milli(1000)}});
  ledger.take_anyway("old", cpu(1500));

  EXPECT_EQ(ledger.taken().at("cpu").milli(), 1500);
  EXPECT_NE(ledger.take("new", cpu(1)), "");
}

}  // namespace
}  // namespace mizan::pods
