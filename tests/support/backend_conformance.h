// What every store::Backend does. Include in one test file and instantiate:
//
// INSTANTIATE_TEST_SUITE_P(Memory, BackendConformance, ::testing::Values(BackendKind{"Memory",
// make_memory}), name_of_kind);
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/backend.h"
#include "tests/support/run_task.h"

namespace mizan::testing {

/// A backend with what it needs to live.
class BackendHarness {
 public:
  virtual ~BackendHarness() = default;
  virtual store::Backend& backend() = 0;
  boost::asio::io_context io;
};

struct BackendKind {
  std::string name;
  std::function<std::unique_ptr<BackendHarness>()> make;
};
inline std::string name_of_kind(const ::testing::TestParamInfo<BackendKind>& info) {
  return info.param.name;
}
inline void PrintTo(const BackendKind& kind, std::ostream* out) { *out << kind.name; }

inline store::Value bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class BackendConformance : public ::testing::TestWithParam<BackendKind> {
 protected:
  BackendConformance() : harness_(GetParam().make()) {}

  template <class T>
  T run(Task<T> task) {
    return run_task(harness_->io, std::move(task));
  }
  store::Backend& backend() { return harness_->backend(); }

  store::Revision create(const std::string& key, const std::string& value) {
    return run(backend().create(key, bytes(value))).value();
  }
  store::Revision update(const std::string& key, const std::string& value,
                         store::Revision expected) {
    return run(backend().update(key, bytes(value), expected)).value();
  }
  store::Revision remove(const std::string& key, store::Revision expected) {
    return run(backend().remove(key, expected)).value();
  }
  std::vector<std::string> shown(const std::string& prefix, store::Revision at = 0) {
    std::vector<std::string> rows;
    const auto range = run(backend().list(prefix, at, 0, ""));
    for (const store::Entry& entry : range.value().entries)
      rows.push_back(entry.key + "=" + *entry.value);
    return rows;
  }

  std::unique_ptr<BackendHarness> harness_;
};

using Rows = std::vector<std::string>;

TEST_P(BackendConformance, CountsEveryWriteOfEveryKeyWithOneRevision) {
  EXPECT_EQ(backend().current(), 0U);

  EXPECT_EQ(create("/a/1", "x"), 1U);
  EXPECT_EQ(create("/b/1", "y"), 2U);
  EXPECT_EQ(update("/a/1", "z", 1), 3U);
  EXPECT_EQ(remove("/b/1", 2), 4U);

  EXPECT_EQ(backend().current(), 4U);
}

TEST_P(BackendConformance, GivesBackWhatWasWrittenWithItsRevisions) {
  create("/a/1", "one");
  update("/a/1", "two", 1);

  const auto entry = run(backend().get("/a/1")).value();

  ASSERT_TRUE(entry);
  EXPECT_EQ(*entry->value, "two");
  EXPECT_EQ(entry->created, 1U);
  EXPECT_EQ(entry->modified, 2U);
  EXPECT_FALSE(run(backend().get("/a/2")).value());
}

TEST_P(BackendConformance, RefusesAWriteThatExpectsAnotherState) {
  create("/a/1", "x");
  update("/a/1", "y", 1);

  EXPECT_EQ(run(backend().create("/a/1", bytes("z"))).error().code, Code::kAlreadyExists);
  EXPECT_EQ(run(backend().update("/a/1", bytes("z"), 1)).error().code, Code::kConflict);
  EXPECT_EQ(run(backend().remove("/a/1", 1)).error().code, Code::kConflict);
  EXPECT_EQ(run(backend().update("/a/2", bytes("z"), 1)).error().code, Code::kNotFound);
  EXPECT_EQ(run(backend().remove("/a/2", 1)).error().code, Code::kNotFound);

  EXPECT_EQ(backend().current(), 2U) << "a refused write takes no revision";
  EXPECT_EQ(shown("/"), Rows{"/a/1=y"});
}

TEST_P(BackendConformance, StartsANewLifeWhenARemovedKeyIsCreatedAgain) {
  create("/a/1", "x");
  remove("/a/1", 1);

  EXPECT_EQ(create("/a/1", "y"), 3U);

  EXPECT_EQ(run(backend().get("/a/1")).value()->created, 3U);
}

TEST_P(BackendConformance, ListsAPrefixInTheOrderOfKeys) {
  for (const char* key : {"/a/b", "/a/a", "/ab/a", "/a/c/d", "/b/a"}) create(key, "v");

  EXPECT_EQ(shown("/a/"), (Rows{"/a/a=v", "/a/b=v", "/a/c/d=v"}));
}

TEST_P(BackendConformance, ListsPagesThatShowOneSnapshotWhileOthersWrite) {
  for (const char* key : {"/a/1", "/a/2", "/a/3", "/a/4", "/a/5", "/a/6"}) create(key, "old");

  const auto first = run(backend().list("/a/", 0, 2, "")).value();
  update("/a/4", "new", 4);
  update("/a/4", "newer", 7);
  remove("/a/3", 3);
  remove("/a/6", 6);
  create("/a/3", "again");
  create("/a/35", "new");
  const auto second =
      run(backend().list("/a/", first.revision, 2, first.entries.back().key)).value();
  const auto third =
      run(backend().list("/a/", first.revision, 2, second.entries.back().key)).value();

  EXPECT_EQ(first.entries.size(), 2U);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(first.remaining, 4U);
  ASSERT_EQ(second.entries.size(), 2U);
  EXPECT_EQ(second.entries[0].key, "/a/3");
  EXPECT_EQ(*second.entries[0].value, "old");
  EXPECT_EQ(second.entries[1].key, "/a/4");
  EXPECT_EQ(*second.entries[1].value, "old");
  EXPECT_EQ(second.entries[1].modified, 4U);
  EXPECT_TRUE(second.more);
  EXPECT_EQ(second.remaining, 2U);
  EXPECT_EQ(second.revision, first.revision);
  ASSERT_EQ(third.entries.size(), 2U);
  EXPECT_EQ(third.entries[0].key, "/a/5");
  EXPECT_EQ(third.entries[1].key, "/a/6");
  EXPECT_FALSE(third.more);
}

TEST_P(BackendConformance, ListsEveryOlderRevisionAsItWas) {
  std::vector<Rows> was = {{}};
  create("/a/1", "x");
  was.push_back(shown("/a/"));
  create("/a/2", "y");
  was.push_back(shown("/a/"));
  update("/a/1", "z", 1);
  was.push_back(shown("/a/"));
  remove("/a/2", 2);
  was.push_back(shown("/a/"));
  create("/a/2", "w");
  was.push_back(shown("/a/"));
  update("/a/2", "v", 5);

  for (std::size_t revision = 1; revision < was.size(); ++revision) {
    EXPECT_EQ(shown("/a/", revision), was[revision]) << "at revision " << revision;
  }
}

TEST_P(BackendConformance, RefusesAListOfTheFuture) {
  create("/a/1", "x");

  EXPECT_EQ(run(backend().list("/a/", 2, 0, "")).error().code, Code::kTimeout);
}

TEST_P(BackendConformance, ReplaysChangesInOrderWithWhatWasBefore) {
  create("/a/1", "x");
  create("/b/1", "other");
  update("/a/1", "y", 1);
  remove("/a/1", 3);

  const auto changes = run(backend().changes("/a/", 0, 0)).value();

  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].type, store::Change::Type::kCreated);
  EXPECT_EQ(changes[0].previous, nullptr);
  EXPECT_EQ(changes[1].type, store::Change::Type::kUpdated);
  EXPECT_EQ(changes[1].revision, 3U);
  EXPECT_EQ(*changes[1].entry.value, "y");
  EXPECT_EQ(*changes[1].previous, "x");
  EXPECT_EQ(changes[1].previous_modified, 1U);
  EXPECT_EQ(changes[2].type, store::Change::Type::kDeleted);
  EXPECT_EQ(*changes[2].entry.value, "y");
  EXPECT_EQ(changes[2].entry.modified, 4U);
  EXPECT_EQ(changes[2].entry.created, 1U);
  EXPECT_EQ(changes[2].previous_modified, 3U);
}

TEST_P(BackendConformance, ReplaysNoMoreThanTheLimitAndOnlyWhatIsLater) {
  for (int i = 1; i <= 5; ++i) create("/a/" + std::to_string(i), "x");

  const auto changes = run(backend().changes("/a/", 2, 2)).value();

  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].revision, 3U);
  EXPECT_EQ(changes[1].revision, 4U);
}

TEST_P(BackendConformance, ForgetsChangesUpToTheCompactedRevisionAndNothingElse) {
  create("/a/1", "x");
  create("/a/2", "y");
  update("/a/1", "z", 1);
  remove("/a/2", 2);
  create("/a/3", "w");

  ASSERT_TRUE(run(backend().compact(4)));

  EXPECT_EQ(backend().compacted(), 4U);
  EXPECT_EQ(run(backend().changes("/a/", 3, 0)).error().code, Code::kExpired);
  EXPECT_EQ(run(backend().list("/a/", 3, 0, "")).error().code, Code::kExpired);
  EXPECT_EQ(shown("/a/", 4), Rows{"/a/1=z"});
  EXPECT_EQ(shown("/a/"), (Rows{"/a/1=z", "/a/3=w"}));
  const auto changes = run(backend().changes("/a/", 4, 0)).value();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].entry.key, "/a/3");
}

TEST_P(BackendConformance, KeepsCountingAfterEverythingWasRemovedAndCompacted) {
  create("/a/1", "x");
  remove("/a/1", 1);
  ASSERT_TRUE(run(backend().compact(100)));

  EXPECT_EQ(backend().compacted(), 2U) << "no further than what there is";
  EXPECT_EQ(create("/a/1", "y"), 3U);
}

TEST_P(BackendConformance, TellsTheObserverBeforeTheWriterResumes) {
  std::vector<store::Revision> seen;
  store::Revision current_then = 0;
  backend().set_observer([&](const std::vector<store::Change>& changes) {
    for (const store::Change& change : changes) seen.push_back(change.revision);
    current_then = backend().current();
  });

  const store::Revision revision = create("/a/1", "x");

  EXPECT_EQ(seen, std::vector<store::Revision>{revision});
  EXPECT_EQ(current_then, revision);
}

TEST_P(BackendConformance, GivesTheObserverTheVeryValueThatWasWritten) {
  const store::Value value = bytes("x");
  const std::string* seen = nullptr;
  backend().set_observer(
      [&](const std::vector<store::Change>& changes) { seen = changes.front().entry.value.get(); });

  ASSERT_TRUE(run(backend().create("/a/1", value)));

  EXPECT_EQ(seen, value.get());
}

TEST_P(BackendConformance, TellsTheObserverOfManyWritersInRevisionOrderWithoutAGap) {
  std::vector<store::Revision> seen;
  backend().set_observer([&](const std::vector<store::Change>& changes) {
    for (const store::Change& change : changes) seen.push_back(change.revision);
  });
  const auto writer = [](store::Backend& target, std::string prefix) -> Task<> {
    store::Revision last = 0;
    for (int i = 0; i < 50; ++i) {
      const auto made = co_await target.create(prefix + std::to_string(i), bytes("x"));
      EXPECT_GT(made.value(), last);
      last = made.value();
    }
  };

  for (int i = 0; i < 8; ++i) {
    boost::asio::co_spawn(harness_->io, writer(backend(), "/w/" + std::to_string(i) + "/"),
                          boost::asio::detached);
  }
  harness_->io.restart();
  harness_->io.run();

  ASSERT_EQ(seen.size(), 400U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);
}

TEST_P(BackendConformance, LetsOneOfManyWritersOfTheSameStateWin) {
  create("/a/1", "x");
  int won = 0;
  int lost = 0;
  const auto writer = [](store::Backend& target, int& wins, int& losses) -> Task<> {
    const auto made = co_await target.update("/a/1", bytes("y"), 1);
    ++(made ? wins : losses);
    if (!made) EXPECT_EQ(made.error().code, Code::kConflict);
  };

  for (int i = 0; i < 10; ++i) {
    boost::asio::co_spawn(harness_->io, writer(backend(), won, lost), boost::asio::detached);
  }
  harness_->io.restart();
  harness_->io.run();

  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 9);
}

TEST_P(BackendConformance, KeepsValuesOfThreeMebibytes) {
  const std::string large(3 * 1024 * 1024, 'x');
  create("/a/1", large);

  EXPECT_EQ(*run(backend().get("/a/1")).value()->value, large);
}

TEST_P(BackendConformance, RefusesEverythingAfterClose) {
  create("/a/1", "x");

  backend().close();

  EXPECT_EQ(run(backend().get("/a/1")).error().code, Code::kCancelled);
  EXPECT_EQ(run(backend().list("/a/", 0, 0, "")).error().code, Code::kCancelled);
  EXPECT_EQ(run(backend().create("/a/2", bytes("x"))).error().code, Code::kCancelled);
  EXPECT_EQ(run(backend().changes("/a/", 0, 0)).error().code, Code::kCancelled);
}

}  // namespace mizan::testing
