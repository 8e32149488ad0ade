// The database file: who may open it, what survives, and how writes share commits.
#include "store/sqlite_database.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <sstream>
#include <thread>

#include "store/sqlite_backend.h"
#include "tests/support/run_task.h"
#include "tests/support/temp_dir.h"

namespace mizan::testing {
namespace {

using ::testing::HasSubstr;

store::Value bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

struct Opened {
  explicit Opened(const std::string& path, store::SqliteOptions options = {})
      : database(store::SqliteDatabase::open(path, io.get_executor(), std::move(options)).value()) {
  }
  template <class T>
  T run(Task<T> task) {
    return run_task(io, std::move(task));
  }
  boost::asio::io_context io;
  std::unique_ptr<store::SqliteDatabase> database;
  store::SqliteBackend backend{*database};
};

TEST(SqliteDatabaseTest, ShowsAfterReopeningWhatWasWrittenBefore) {
  const TempDir dir;
  {
    Opened first(dir / "mizan.db");
    first.run(first.backend.create("/a/1", bytes("x"))).value();
    first.run(first.backend.create("/a/2", bytes("y"))).value();
    first.run(first.backend.remove("/a/1", 1)).value();
    first.run(first.backend.compact(1)).value();
  }

  Opened second(dir / "mizan.db");

  EXPECT_EQ(second.backend.current(), 3U);
  EXPECT_EQ(second.backend.compacted(), 1U);
  EXPECT_FALSE(second.run(second.backend.get("/a/1")).value());
  EXPECT_EQ(second.run(second.backend.changes("/", 1, 0)).value().size(), 2U);
  EXPECT_EQ(second.run(second.backend.create("/a/3", bytes("z"))).value(), 4U);
}

TEST(SqliteDatabaseTest, RefusesASecondOwnerAndLetsTheNextOneIn) {
  const TempDir dir;
  boost::asio::io_context io;
  {
    Opened first(dir / "mizan.db");

    const auto second = store::SqliteDatabase::open(dir / "mizan.db", io.get_executor());

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kUnavailable);
    EXPECT_THAT(second.error().message, HasSubstr("is in use by another process"));
  }
  EXPECT_TRUE(store::SqliteDatabase::open(dir / "mizan.db", io.get_executor()));
}

TEST(SqliteDatabaseTest, RefusesFilesThatAreNotItsOwn) {
  const TempDir dir;
  boost::asio::io_context io;
  std::ofstream(dir / "text.db")
      << "this is no database, but it is long enough to be looked at as if it were one ....";
  {
    SQLite::Database other((dir / "other.db").string(),
                           SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE songs(title TEXT)");
    SQLite::Database newer((dir / "newer.db").string(),
                           SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    newer.exec("PRAGMA user_version=999");
  }

  EXPECT_THAT(store::SqliteDatabase::open(dir / "text.db", io.get_executor()).error().message,
              HasSubstr("not a database"));
  EXPECT_THAT(store::SqliteDatabase::open(dir / "other.db", io.get_executor()).error().message,
              HasSubstr("not one of mizan's"));
  EXPECT_THAT(store::SqliteDatabase::open(dir / "newer.db", io.get_executor()).error().message,
              HasSubstr("written by a newer mizan"));
  EXPECT_THAT(
      store::SqliteDatabase::open(dir / "nosuch" / "a.db", io.get_executor()).error().message,
      HasSubstr("No such file or directory"));
}

TEST(SqliteDatabaseTest, KeepsItsFilesFromOtherUsers) {
  const TempDir dir;
  Opened opened(dir / "mizan.db");
  opened.run(opened.backend.create("/a/1", bytes("x"))).value();

  for (const char* name : {"mizan.db", "mizan.db-wal", "mizan.db-shm", "mizan.db-lock"}) {
    struct ::stat status{};
    ASSERT_EQ(::stat((dir / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST(SqliteDatabaseTest, CommitsManyWritesTogether) {
  const TempDir dir;
  Opened opened(dir / "mizan.db");
  const auto writer = [](store::Backend& backend, std::string key) -> Task<> {
    EXPECT_TRUE(co_await backend.create(key, bytes("x")));
  };

  for (int i = 0; i < 500; ++i) {
    boost::asio::co_spawn(opened.io, writer(opened.backend, "/a/" + std::to_string(i)),
                          boost::asio::detached);
  }
  opened.io.restart();
  opened.io.run();

  const store::SqliteStats stats = opened.database->stats();
  EXPECT_EQ(stats.jobs, 500U);
  EXPECT_EQ(stats.failures, 0U);
  EXPECT_GE(stats.syncs, stats.commits);
  EXPECT_LT(stats.syncs, 2 * stats.commits + 10)
      << "one for each commit, some for the file's making";
  EXPECT_LT(stats.log_writes, stats.commits + 10) << "all pages of a commit at once";
  EXPECT_LT(stats.commits, 250U) << "most of them waited while others were committed";
  EXPECT_GT(stats.largest, 2U);
}

TEST(SqliteDatabaseTest, FinishesWhatWasAcceptedBeforeClose) {
  const TempDir dir;
  int done = 0;
  int refused = 0;
  {
    Opened opened(dir / "mizan.db");
    const auto writer = [](store::Backend& backend, std::string key, int& good,
                           int& bad) -> Task<> {
      const auto made = co_await backend.create(key, bytes("x"));
      ++(made ? good : bad);
      if (!made) EXPECT_EQ(made.error().code, Code::kCancelled);
    };
    for (int i = 0; i < 50; ++i) {
      boost::asio::co_spawn(opened.io,
                            writer(opened.backend, "/a/" + std::to_string(i), done, refused),
                            boost::asio::detached);
    }
    for (int i = 0; i < 20; ++i) opened.io.run_one();
    opened.backend.close();
    opened.io.run();
  }

  Opened again(dir / "mizan.db");
  EXPECT_EQ(done + refused, 50);
  EXPECT_GT(done, 0);
  EXPECT_EQ(again.run(again.backend.list("/a/", 0, 0, "")).value().entries.size(),
            static_cast<std::size_t>(done));
}

TEST(SqliteDatabaseTest, TellsEveryWriterOfABatchThatFailed) {
  const TempDir dir;
  Opened opened(dir / "mizan.db");
  opened.run(opened.backend.create("/a/1", bytes("x"))).value();
  int thrown = 0;
  const auto breaker = [](store::SqliteDatabase& database, int& count) -> Task<> {
    auto work = [](store::SqliteConnection& connection) -> Result<> {
      connection.query("INSERT INTO observations VALUES(77, 0, 'm', 'v', NULL, NULL)")
          .run();  // breaks a foreign key
      return {};
    };
    try {
      (void)co_await database.writer().submit(0, work);
    } catch (const SQLite::Exception&) {
      ++count;
    }
  };
  const auto writer = [](store::Backend& backend, std::string key, int& count) -> Task<> {
    try {
      (void)co_await backend.create(key, bytes("y"));
    } catch (const SQLite::Exception&) {
      ++count;
    }
  };

  // The first holds the writer's thread until the others have gathered behind it in one batch.
  std::promise<void> gathered;
  const auto holder = [](store::SqliteDatabase& database,
                         std::shared_future<void> until) -> Task<> {
    auto work = [until](store::SqliteConnection&) -> Result<> {
      until.wait();
      return {};
    };
    (void)co_await database.writer().submit(0, work);
  };
  boost::asio::co_spawn(opened.io, holder(*opened.database, gathered.get_future().share()),
                        boost::asio::detached);
  run_ready(opened.io);
  while (opened.database->writer().waiting() > 0)
    std::this_thread::yield();  // until the thread has taken it
  boost::asio::co_spawn(opened.io, writer(opened.backend, "/a/2", thrown), boost::asio::detached);
  boost::asio::co_spawn(opened.io, breaker(*opened.database, thrown), boost::asio::detached);
  boost::asio::co_spawn(opened.io, writer(opened.backend, "/a/3", thrown), boost::asio::detached);
  run_ready(opened.io);
  gathered.set_value();
  opened.io.restart();
  opened.io.run();

  EXPECT_EQ(thrown, 3);
  EXPECT_EQ(opened.database->writer().stats().failures, 1U);
  EXPECT_FALSE(opened.run(opened.backend.get("/a/2")).value());
  EXPECT_EQ(opened.run(opened.backend.create("/a/3", bytes("z"))).value(), 2U)
      << "no revision was lost";
}

/// What the disk surely has: each file as it was when it was last synced. Removals are there at
/// once: SQLite syncs the directory after them.
class SurvivingFiles {
 public:
  void take(const std::string& path) {
    const std::filesystem::path dir = std::filesystem::path(path).parent_path();
    std::erase_if(files_,
                  [&](const auto& file) { return !std::filesystem::exists(dir / file.first); });
    std::ifstream file(path, std::ios::binary);
    files_[std::filesystem::path(path).filename()] = {std::istreambuf_iterator<char>(file), {}};
  }
  void put_into(const std::filesystem::path& dir) const {
    std::filesystem::create_directory(dir);
    for (const auto& [name, content] : files_)
      std::ofstream(dir / name, std::ios::binary) << content;
  }

 private:
  std::map<std::string, std::string> files_;
};

TEST(SqliteDatabaseTest, KeepsEveryAcknowledgedWriteWhenThePowerGoesAfterAnySync) {
  const TempDir dir;
  struct Moment {
    SurvivingFiles files;
    int acknowledged = 0;
  };
  std::vector<Moment> moments;
  SurvivingFiles files;
  std::atomic<int> acknowledged = 0;
  {
    store::SqliteOptions options;
    options.after_sync = [&](const std::string& path) {
      files.take(path);
      // A checkpoint syncs the log before the file and then starts the log anew: every order of the
      // two is a moment.
      moments.push_back({files, acknowledged});
    };
    Opened opened(dir / "mizan.db", options);
    for (int i = 1; i <= 40; ++i) {
      opened.run(opened.backend.create("/k/" + std::to_string(i), bytes(std::string(2000, 'v'))))
          .value();
      acknowledged = i;
      moments.push_back({files, i});
    }
  }

  ASSERT_GT(moments.size(), 80U);
  for (std::size_t i = 0; i < moments.size(); i += 7) {
    const std::filesystem::path after = dir / ("after" + std::to_string(i));
    moments[i].files.put_into(after);
    if (moments[i].acknowledged == 0) continue;  // the file was still being made
    Opened opened(after / "mizan.db");
    for (int k = 1; k <= moments[i].acknowledged; ++k) {
      ASSERT_TRUE(opened.run(opened.backend.get("/k/" + std::to_string(k))).value())
          << "write " << k << ", moment " << i;
    }
  }
}

TEST(SqliteDatabaseTest, ItsLogStaysShortWhileWritesGoOn) {
  const TempDir dir;
  constexpr int kWrites = 60;
  {
    Opened opened(dir / "mizan.db");
    for (int i = 0; i < kWrites; ++i) {
      opened
          .run(opened.backend.create("/k/" + std::to_string(i), bytes(std::string(2'500'000, 'v'))))
          .value();
    }
    EXPECT_LT(std::filesystem::file_size(dir / "mizan.db-wal"), 100'000'000U)
        << "of 150 MB that were written";
    EXPECT_GT(std::filesystem::file_size(dir / "mizan.db"), 50'000'000U);
  }
  Opened again(dir / "mizan.db");
  const auto range = again.run(again.backend.list("/k/", 0, 0, "")).value();
  EXPECT_EQ(range.entries.size(), std::size_t{kWrites});
}

/// Writes for ever, and says on `out` what was acknowledged.
[[noreturn]] void write_until_killed(const std::string& path, int out) {
  Opened opened(path);
  const auto writer = [](store::Backend& backend, int number, int pipe) -> Task<> {
    const std::string key = "/k/" + std::to_string(number);
    store::Revision at = 0;
    if (auto there = co_await backend.get(key); *there) at = (*there)->modified;
    while (true) {
      const std::string value = std::to_string(at + 1);
      auto made = at == 0 ? co_await backend.create(key, bytes(value))
                          : co_await backend.update(key, bytes(value), at);
      at = made.value();
      const std::string line = std::to_string(number) + " " + std::to_string(at) + "\n";
      if (::write(pipe, line.data(), line.size()) < 0) ::_exit(1);
    }
  };
  for (int i = 0; i < 8; ++i)
    boost::asio::co_spawn(opened.io, writer(opened.backend, i, out), boost::asio::detached);
  opened.io.restart();
  opened.io.run();
  ::_exit(1);
}

TEST(SqliteDatabaseTest, KeepsEveryAcknowledgedWriteOfAKilledProcess) {
  const TempDir dir;
  const std::string path = dir / "mizan.db";
  for (int round = 1; round <= 4; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      write_until_killed(path, pipe[1]);
    }
    ::close(pipe[1]);
    std::string told;
    char buffer[512];
    const auto enough = static_cast<std::size_t>(500 * round);
    for (ssize_t got = 1; got > 0;) {
      got = ::read(pipe[0], buffer, sizeof buffer);
      if (got > 0) told.append(buffer, static_cast<std::size_t>(got));
      if (told.size() > enough)
        ::kill(child, SIGKILL);  // in the middle of a write, and of a line perhaps
    }
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    std::map<std::string, store::Revision> acknowledged;
    std::istringstream lines(told.substr(0, told.rfind('\n') + 1));
    std::string number;
    store::Revision revision = 0;
    while (lines >> number >> revision)
      acknowledged[number] = std::max(acknowledged[number], revision);

    Opened opened(path);

    EXPECT_GT(acknowledged.size(), 0U);
    for (const auto& [writer, newest] : acknowledged) {
      const auto entry = opened.run(opened.backend.get("/k/" + writer)).value();
      ASSERT_TRUE(entry) << writer;
      EXPECT_GE(entry->modified, newest) << writer;
    }
    const auto changes = opened.run(opened.backend.changes("/", 0, 0)).value();
    ASSERT_EQ(changes.size(), opened.backend.current()) << "one change for each revision";
    for (std::size_t i = 0; i < changes.size(); ++i) ASSERT_EQ(changes[i].revision, i + 1);
  }
}

}  // namespace
}  // namespace mizan::testing
