// Watches of LocalStore beyond the suite: slow watchers, bookmarks, compaction, closing, and how
// often objects are parsed.
#include <gmock/gmock.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "resources/known_resources.h"
#include "store/compactor.h"
#include "tests/support/memory_store.h"

namespace mizan::testing {
namespace {

using store::Key;
using store::Patch;
using store::PatchType;
using store::Selection;
using store::WatchEvent;
using store::WatchOptions;
using ::testing::HasSubstr;

using resources::kConfigMaps;

Json a_map(const std::string& name) {
  return {{"metadata", {{"name", name}}}, {"data", {{"k", "0"}}}};
}

class WatchTest : public ::testing::Test {
 protected:
  explicit WatchTest(store::LocalStoreOptions options = small())
      : memory(std::make_unique<MemoryStore>(resources::AdmissionTable{},
                                             MemoryStore::builtin_table(), std::move(options))) {}
  static store::LocalStoreOptions small() {
    store::LocalStoreOptions options;
    options.watch_queue = 4;
    options.bookmark_interval = std::chrono::milliseconds(1);
    return options;
  }
  std::string create(const std::string& name) {
    auto made = memory->run(memory->store.create(kConfigMaps, "default", a_map(name), {}));
    return string_at(*made.value().object, "metadata.resourceVersion");
  }
  std::unique_ptr<store::Watch> watch(const std::string& version, bool bookmarks = false) {
    WatchOptions options;
    options.resource_version = version;
    options.bookmarks = bookmarks;
    return memory->run(memory->store.watch(Selection(kConfigMaps, "default"), options)).value();
  }
  Result<WatchEvent> next(store::Watch& watch) { return memory->run(watch.next()); }

  std::unique_ptr<MemoryStore> memory;
};

TEST_F(WatchTest, CutsOffAWatcherThatFallsTooFarBehindAndNoOther) {
  const std::string start = create("start");
  auto slow = watch(start);
  auto quick = watch(start);
  create("first");
  EXPECT_TRUE(next(*slow));
  EXPECT_TRUE(next(*quick));

  for (int i = 0; i < 6; ++i) {
    create("m" + std::to_string(i));
    EXPECT_TRUE(next(*quick));
  }

  const auto end = next(*slow);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::kExpired);
  create("more");
  EXPECT_TRUE(next(*quick));
}

TEST_F(WatchTest, GivesBookmarksOnlyToThoseWhoAskAndOnlyWhenNothingWaits) {
  auto seen = watch(create("a"), true);
  create("b");

  EXPECT_EQ(next(*seen)->type, WatchEvent::Type::kAdded);
  const auto mark = next(*seen);

  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->type, WatchEvent::Type::kBookmark);
  EXPECT_FALSE(mark->initial_end);
  EXPECT_EQ(string_at(*mark->object, "metadata.resourceVersion"),
            std::to_string(memory->backend.current()));
  EXPECT_EQ((*mark->object)["apiVersion"], "v1");
}

TEST_F(WatchTest, SaysWhereItIsForTheLastLineOfAStream) {
  create("a");
  WatchOptions options;
  auto seen = memory->run(memory->store.watch(Selection(kConfigMaps, "default"), options)).value();

  EXPECT_FALSE(seen->bookmark()) << "initial events are still to come";
  EXPECT_TRUE(next(*seen));
  create("b");
  EXPECT_TRUE(next(*seen));

  EXPECT_EQ(string_at(*seen->bookmark()->object, "metadata.resourceVersion"),
            std::to_string(memory->backend.current()));
}

TEST_F(WatchTest, RefusesARevisionThatWasCompacted) {
  create("a");
  create("b");
  memory->run(memory->backend.compact(memory->backend.current())).value();
  create("c");

  const auto end = next(*watch("1"));

  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::kExpired);
  EXPECT_THAT(end.error().message, HasSubstr("too old resource version: 1 ("));
}

TEST_F(WatchTest, StaysSilentUntilAFutureRevisionHasPassed) {
  const store::Revision now = std::stoull(create("a"));
  auto seen = watch(std::to_string(now + 2));
  create("b");
  create("c");
  create("d");

  const auto event = next(*seen);

  EXPECT_EQ(string_at(*event->object, "metadata.name"), "d");
}

TEST_F(WatchTest, RefusesARevisionThatIsNone) {
  WatchOptions options;
  options.resource_version = "abc";

  const auto made = memory->run(memory->store.watch(Selection(kConfigMaps, "default"), options));

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kBadRequest);
}

TEST_F(WatchTest, EndsEveryWatchWhenTheStoreCloses) {
  auto waiting = watch(create("a"));
  std::optional<Code> ended;
  const auto reader = [](store::Watch& from, std::optional<Code>& code) -> Task<> {
    const auto event = co_await from.next();
    code = event ? Code::kInternal : event.error().code;
  };
  boost::asio::co_spawn(memory->io, reader(*waiting, ended), boost::asio::detached);
  memory->run_ready();

  memory->store.close();
  memory->run_ready();

  EXPECT_EQ(ended, Code::kUnavailable);
  EXPECT_EQ(next(*watch("")).error().code, Code::kUnavailable);
}

TEST_F(WatchTest, SharesOneDecodedObjectBetweenAllReaders) {
  auto one = watch(create("a"));
  auto two = watch("1");
  create("b");
  while (string_at(*next(*one)->object, "metadata.name") != "b") {
  }
  const store::ObjectPtr read =
      memory->run(memory->store.get(Key(kConfigMaps, "default", "b"))).value();
  create("c");

  const store::ObjectPtr first = next(*one)->object;
  store::ObjectPtr second;
  while (second == nullptr || string_at(*second, "metadata.name") != "c")
    second = next(*two)->object;

  EXPECT_EQ(first, second);
  EXPECT_EQ(read, memory->run(memory->store.get(Key(kConfigMaps, "default", "b"))).value());
}

TEST_F(WatchTest, ForgetsAWatchThatIsDropped) {
  auto seen = watch(create("a"));
  create("b");
  EXPECT_TRUE(next(*seen));
  EXPECT_EQ(memory->store.watchers(), 1U);

  seen.reset();

  EXPECT_EQ(memory->store.watchers(), 0U);
  create("c");
}

TEST(CompactorTest, ForgetsWhatIsOlderThanItIsToldToKeep) {
  MemoryStore memory;
  store::CompactorOptions options;
  options.keep = std::chrono::minutes(5);
  store::Compactor compactor(memory.io.get_executor(), memory.backend, memory.clock, options);
  const store::Revision early = memory.backend.current();

  memory.run(compactor.trim());
  memory.clock.advance(std::chrono::minutes(4));
  memory.add_namespace("later");
  memory.run(compactor.trim());
  EXPECT_EQ(memory.backend.compacted(), 0U);
  memory.clock.advance(std::chrono::minutes(1));
  memory.run(compactor.trim());

  EXPECT_EQ(memory.backend.compacted(), early);
}

TEST(CompactorTest, KeepsNoMoreChangesThanItMay) {
  MemoryStore memory;
  store::CompactorOptions options;
  options.keep_changes = 3;
  store::Compactor compactor(memory.io.get_executor(), memory.backend, memory.clock, options);
  for (int i = 0; i < 10; ++i) memory.add_namespace("n" + std::to_string(i));

  memory.run(compactor.trim());

  EXPECT_EQ(memory.backend.compacted(), memory.backend.current() - 3);
}

}  // namespace
}  // namespace mizan::testing
