// Opening, locking and closing the file.
#include "store/sqlite_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/sqlite_schema.h"

namespace mizan::store {
namespace {

std::string reason() { return std::strerror(errno); }

/// Makes the file for its owner alone; SQLite gives its companions (-wal, -shm) the same mode.
Result<> make_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(Code::kInternal, fmt::format("can't open the database {}: {}", path, reason()));
  ::close(file);
  return {};
}

}  // namespace

/// An flock on a file beside the database: SQLite's own locks would let a second process in as a
/// reader and writer. It goes with the process, however that ends, and is not inherited by programs
/// that it starts.
class SqliteDatabase::FileLock {
 public:
  static Result<std::unique_ptr<FileLock>> take(const std::string& database) {
    const std::string path = database + "-lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return fail(Code::kInternal, fmt::format("can't open {}: {}", path, reason()));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      const bool held = errno == EWOULDBLOCK;
      std::string why = held ? fmt::format("the database {} is in use by another process", database)
                             : fmt::format("can't lock {}: {}", path, reason());
      ::close(file);
      return fail(held ? Code::kUnavailable : Code::kInternal, std::move(why));
    }
    return std::unique_ptr<FileLock>(new FileLock(file));
  }
  ~FileLock() { ::close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

SqliteDatabase::SqliteDatabase(std::string path, std::unique_ptr<FileLock> lock,
                               SqliteOptions options)
    : path_(std::move(path)), lock_(std::move(lock)), vfs_(std::move(options.after_sync)) {}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(std::string path,
                                                             boost::asio::any_io_executor io,
                                                             SqliteOptions options) {
  TRY(std::unique_ptr<FileLock> lock, FileLock::take(path));
  if (auto made = make_private(path); !made) return fail(std::move(made).error());
  const SqliteWriter::Limits limits = options.limits;
  std::unique_ptr<SqliteDatabase> database(
      new SqliteDatabase(std::move(path), std::move(lock), std::move(options)));
  if (auto started = database->start(std::move(io), limits); !started)
    return fail(std::move(started).error());
  return database;
}

Result<> SqliteDatabase::start(boost::asio::any_io_executor io, SqliteWriter::Limits limits) {
  try {
    auto connection =
        std::make_unique<SqliteConnection>(path_, SqliteConnection::Mode::kWriter, vfs_.name());
    if (auto migrated = migrate(*connection); !migrated) {
      return fail(migrated.error().code, fmt::format("{}: {}", path_, migrated.error().message));
    }
    quick_ =
        std::make_unique<SqliteConnection>(path_, SqliteConnection::Mode::kReader, vfs_.name());
    auto beside =
        std::make_unique<SqliteConnection>(path_, SqliteConnection::Mode::kWriter, vfs_.name());
    writer_ = std::make_unique<SqliteWriter>(std::move(io), std::move(connection),
                                             std::move(beside), limits);
  } catch (const SQLite::Exception& problem) {
    return fail(Code::kInternal,
                fmt::format("can't open the database {}: {}", path_, problem.what()));
  }
  return {};
}

SqliteStats SqliteDatabase::stats() const {
  SqliteStats stats = writer_->stats();
  stats.syncs = vfs_.syncs();
  stats.log_writes = vfs_.log_writes();
  return stats;
}

SqliteDatabase::~SqliteDatabase() { close(); }

std::unique_ptr<SqliteConnection> SqliteDatabase::take_reader() {
  {
    std::lock_guard guard(mutex_);
    if (!idle_readers_.empty()) {
      auto reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
  }
  return std::make_unique<SqliteConnection>(path_, SqliteConnection::Mode::kReader, vfs_.name());
}

void SqliteDatabase::give_back(std::unique_ptr<SqliteConnection> reader) {
  std::lock_guard guard(mutex_);
  idle_readers_.push_back(std::move(reader));
}

void SqliteDatabase::close() {
  if (std::exchange(closed_, true)) return;
  if (writer_) writer_->close();
  readers_.join();
}

}  // namespace mizan::store
