// The database file that the SQLite implementations share: one writer with group commit, a
// connection for quick reads on the io thread, a few for long ones on threads of their own, and a
// lock against a second process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/executors.h"
#include "core/result.h"
#include "core/task.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_vfs.h"
#include "store/sqlite_writer.h"

namespace mizan::store {

struct SqliteOptions {
  SqliteWriter::Limits limits;
  std::function<void(const std::string&)> after_sync;  // hears each fsync, for tests
  SqliteOptions() {}
};

/// Thread: io, bar what is said. Whoever uses it is gone, or closed, before it is.
class SqliteDatabase {
 public:
  /// Opens or makes the file (mode 0600) and brings it to the present form. Errors: kUnavailable
  /// when another process, or another SqliteDatabase, has it open; kInternal when it isn't mizan's,
  /// or a newer mizan's.
  static Result<std::unique_ptr<SqliteDatabase>> open(std::string path,
                                                      boost::asio::any_io_executor io,
                                                      SqliteOptions options = {});
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  SqliteWriter& writer() { return *writer_; }

  /// For reads of microseconds, on the io thread.
  SqliteConnection& quick() { return *quick_; }

  /// Runs `work(connection)`, which returns a Result<X>, on a reading thread, in one snapshot.
  /// Errors: kCancelled after close().
  template <class Work>
  Task<std::invoke_result_t<Work, SqliteConnection&>> read(Work work);

  const std::string& path() const { return path_; }
  /// Since it was opened. Thread: any.
  SqliteStats stats() const;
  /// Writes what was accepted, then refuses everything.
  void close();
  bool closed() const { return closed_; }

 private:
  class FileLock;
  SqliteDatabase(std::string path, std::unique_ptr<FileLock> lock, SqliteOptions options);
  Result<> start(boost::asio::any_io_executor io, SqliteWriter::Limits limits);

  std::unique_ptr<SqliteConnection> take_reader();
  void give_back(std::unique_ptr<SqliteConnection> reader);

  std::string path_;
  std::unique_ptr<FileLock> lock_;  // first: it is let go last
  SqliteVfs vfs_;
  std::unique_ptr<SqliteWriter> writer_;
  std::unique_ptr<SqliteConnection> quick_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
  bool closed_ = false;
  boost::asio::thread_pool readers_{2};
};

template <class Work>
Task<std::invoke_result_t<Work, SqliteConnection&>> SqliteDatabase::read(Work work) {
  if (closed_) co_return fail(Code::kCancelled, "the store is closed");
  auto body = [this, work = std::move(work)]() mutable {
    std::unique_ptr<SqliteConnection> reader = take_reader();
    auto outcome = [&] {
      SqliteSnapshot snapshot(*reader);
      return work(*reader);
    }();
    give_back(std::move(reader));
    return outcome;
  };
  co_return co_await run_on(readers_.get_executor(), std::move(body));
}

}  // namespace mizan::store
