// Both backends against the suite, and against each other under one random script.
#include <fmt/format.h>

#include <random>

#include "store/memory_backend.h"
#include "store/sqlite_backend.h"
#include "tests/support/backend_conformance.h"
#include "tests/support/temp_dir.h"

namespace mizan::testing {
namespace {

class MemoryHarness final : public BackendHarness {
 public:
  store::Backend& backend() override { return backend_; }

 private:
  store::MemoryBackend backend_;
};

class SqliteHarness final : public BackendHarness {
 public:
  store::Backend& backend() override { return backend_; }

 private:
  TempDir dir_;
  std::unique_ptr<store::SqliteDatabase> database_ =
      store::SqliteDatabase::open(dir_ / "mizan.db", io.get_executor()).value();
  store::SqliteBackend backend_{*database_};
};

std::unique_ptr<BackendHarness> memory_backend() { return std::make_unique<MemoryHarness>(); }
std::unique_ptr<BackendHarness> sqlite_backend() { return std::make_unique<SqliteHarness>(); }

INSTANTIATE_TEST_SUITE_P(Backends, BackendConformance,
                         ::testing::Values(BackendKind{"Memory", memory_backend},
                                           BackendKind{"Sqlite", sqlite_backend}),
                         name_of_kind);

std::string told(const store::Entry& entry) {
  return fmt::format("{}={}@{}..{}", entry.key, *entry.value, entry.created, entry.modified);
}

std::string told(const Result<store::Revision>& result) {
  return result ? std::to_string(*result) : std::string(to_string(result.error().code));
}

std::string told(const Result<store::Range>& result) {
  if (!result) return std::string(to_string(result.error().code));
  std::string text =
      fmt::format("at {} more {} remaining {}:", result->revision, result->more, result->remaining);
  for (const store::Entry& entry : result->entries) text += " " + told(entry);
  return text;
}

std::string told(const Result<std::vector<store::Change>>& result) {
  if (!result) return std::string(to_string(result.error().code));
  std::string text;
  for (const store::Change& change : *result) {
    text += fmt::format(" {}:{}:{}<-{}@{}", static_cast<int>(change.type), change.revision,
                        told(change.entry), change.previous ? *change.previous : "",
                        change.previous_modified);
  }
  return text;
}

/// One step of the script, the same for every backend that is at the same state.
std::string step(BackendHarness& harness, std::mt19937_64 random) {
  store::Backend& backend = harness.backend();
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const std::string key = fmt::format("/{}/{}", below(2) == 0 ? "a" : "b", below(12));
  const std::string prefix = below(3) == 0 ? "/" : below(2) == 0 ? "/a/" : "/b/";
  const store::Revision near_now =
      backend.current() - std::min<store::Revision>(backend.current(), below(30));
  switch (below(8)) {
    case 0:
    case 1:
      return told(run_task(harness.io, backend.create(key, bytes(std::to_string(below(1000))))));
    case 2:
    case 3: {
      const auto entry = run_task(harness.io, backend.get(key)).value();
      const store::Revision expected = entry && below(5) != 0 ? entry->modified : below(50);
      return told(
          run_task(harness.io, backend.update(key, bytes(std::to_string(below(1000))), expected)));
    }
    case 4: {
      const auto entry = run_task(harness.io, backend.get(key)).value();
      return told(run_task(harness.io, backend.remove(key, entry ? entry->modified : 7)));
    }
    case 5:
      return told(run_task(harness.io, backend.list(prefix, below(3) == 0 ? 0 : near_now, below(6),
                                                    below(2) == 0 ? "" : key)));
    case 6:
      return told(run_task(harness.io, backend.changes(prefix, near_now, below(9))));
    default:
      if (below(6) == 0) run_task(harness.io, backend.compact(near_now)).value();
      return std::to_string(backend.compacted());
  }
}

TEST(BackendDifferentialTest, SqliteAnswersARandomScriptAsMemoryDoes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    MemoryHarness memory;
    SqliteHarness sqlite;
    for (std::uint64_t i = 0; i < 400; ++i) {
      const std::mt19937_64 random(seed * 1'000'003 + i);
      ASSERT_EQ(step(memory, random), step(sqlite, random)) << "step " << i;
    }
    EXPECT_GT(memory.backend().current(), 100U) << "the script writes";
    EXPECT_GT(memory.backend().compacted(), 0U) << "the script compacts";
  }
}

}  // namespace
}  // namespace mizan::testing
