// Which Events are forgotten, and which stay.
#include "controller/event_keeper.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "resources/known_resources.h"
#include "tests/support/memory_store.h"

namespace mizan::controller {
namespace {

using resources::kEvents;

class EventKeeperTest : public ::testing::Test {
 protected:
  void make(const std::string& name, Time seen, const std::string& ns = "default") {
    Json event = {{"metadata", {{"name", name}}},
                  {"involvedObject", {{"kind", "Trial"}, {"namespace", ns}, {"name", "t"}}},
                  {"reason", "Tried"},
                  {"message", name},
                  {"type", "Normal"},
                  {"lastTimestamp", format_rfc3339(seen)}};
    auto made = memory.run(memory.store.create(kEvents, ns, std::move(event), {}));
    if (!made) throw std::runtime_error(made.error().message);
  }
  std::vector<std::string> left() {
    std::vector<std::string> names;
    const auto page = memory.run(memory.store.list(store::Selection(kEvents, ""), {}));
    for (const auto& event : page->items) names.push_back(string_at(*event, "metadata.name"));
    return names;
  }
  std::size_t trim(std::chrono::seconds keep, std::size_t most) {
    EventKeeperOptions options;
    options.keep = keep;
    options.most = most;
    EventKeeper keeper(memory.io.get_executor(), memory.store, memory.clock, options);
    return memory.run(keeper.trim()).value();
  }

  testing::MemoryStore memory;
  using Names = std::vector<std::string>;
};

TEST_F(EventKeeperTest, ForgetsWhatWasLastSeenTooLongAgoInEveryNamespace) {
  const Time now = memory.clock.now();
  make("new", now);
  make("old", now - std::chrono::seconds(61));
  make("just", now - std::chrono::seconds(60));
  make("there", now - std::chrono::seconds(61), "kubeflow");

  EXPECT_EQ(trim(std::chrono::seconds(60), 100), 2U);

  EXPECT_EQ(left(), (Names{"just", "new"}));
}

TEST_F(EventKeeperTest, KeepsTheNewestOnlyWhereThereAreTooMany) {
  const Time now = memory.clock.now();
  for (int i = 0; i < 1200; ++i)
    make("e" + std::to_string(1000 + i), now - std::chrono::seconds(i));

  EXPECT_EQ(trim(std::chrono::hours(1), 3), 1197U);

  EXPECT_EQ(left(), (Names{"e1000", "e1001", "e1002"}));
}

TEST_F(EventKeeperTest, WhatIsSeenAgainStaysThoughItIsOld) {
  const Time now = memory.clock.now();
  make("again", now - std::chrono::hours(5));
  const Json change = {{"count", 7}, {"lastTimestamp", format_rfc3339(now)}};
  ASSERT_TRUE(memory.run(memory.store.patch(store::Key(kEvents, "default", "again"), "",
                                            store::Patch(store::PatchType::kMerge, change), {})));

  EXPECT_EQ(trim(std::chrono::hours(1), 100), 0U);
  EXPECT_EQ(left(), Names{"again"});
}

TEST_F(EventKeeperTest, RunsUntilItIsStopped) {
  make("old", memory.clock.now() - std::chrono::hours(2));
  EventKeeper keeper(memory.io.get_executor(), memory.store, memory.clock);
  bool ended = false;
  const auto run = [](EventKeeper* it, bool* end) -> Task<> {
    co_await it->run();
    *end = true;
  };
  boost::asio::co_spawn(memory.io, run(&keeper, &ended), boost::asio::detached);
  memory.run_ready();
  EXPECT_EQ(left(), Names{});

  keeper.stop();
  memory.run_ready();

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace mizan::controller
