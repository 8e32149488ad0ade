// Group commit: one thread that puts everything that waits into one transaction, and answers all of
// it when that transaction is on disk.
//
// While one commit waits for the disk, the next batch gathers; so a disk that syncs 200 times a
// second takes thousands of writes a second, each of them durable when its writer resumes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/task.h"
#include "store/sqlite_checkpointer.h"
#include "store/sqlite_connection.h"

namespace mizan::store {

struct SqliteStats {
  std::uint64_t commits = 0;   // transactions that reached the disk
  std::uint64_t jobs = 0;      // writes in them, refused ones included
  std::uint64_t failures = 0;  // transactions that were rolled back
  std::uint64_t largest = 0;   // jobs in the largest transaction
  // Times the disk was waited for, and calls that wrote to the log; SqliteDatabase::stats() fills
  // these in.
  std::uint64_t syncs = 0, log_writes = 0;
};

/// Thread: any for stats(); io for the rest.
class SqliteWriter {
 public:
  /// One piece of work inside a transaction. run() on the writer's thread, complete() on io.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run(SqliteConnection& connection) = 0;
    virtual void complete(std::exception_ptr problem) = 0;
    std::size_t bytes = 0;
  };
  /// Hears of transactions, on the writer's thread.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// The batch is on disk. What is returned runs on io before the first of its jobs completes.
    virtual std::function<void()> committed() = 0;
    virtual void rolled_back() = 0;
  };
  struct Limits {
    std::size_t batch_jobs = 1024;
    std::size_t batch_bytes = 16 * 1024 * 1024;
    std::size_t queued_bytes = 64 * 1024 * 1024;  // more is refused with kUnavailable
  };

  /// `beside`: a second writing connection, for checkpoints.
  SqliteWriter(boost::asio::any_io_executor io, std::unique_ptr<SqliteConnection> connection,
               std::unique_ptr<SqliteConnection> beside, Limits limits);
  ~SqliteWriter() { close(); }
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  /// Set before the first job, taken away (nullptr) after close().
  void set_listener(Listener* listener);

  /// Runs `work(connection)`, which returns a Result<X>, in the next transaction; resumes when it
  /// is on disk. `bytes` is about what it writes. Errors: those of work; kCancelled after close(),
  /// kUnavailable when too much waits. Throws what broke the transaction.
  template <class Work>
  Task<std::invoke_result_t<Work, SqliteConnection&>> submit(std::size_t bytes, Work work);

  /// Commits what was accepted, then refuses. Blocks until the thread has ended.
  void close();

  SqliteStats stats() const;
  /// Jobs that no transaction has taken up yet.
  std::size_t waiting() const;

 private:
  using Jobs = std::vector<std::unique_ptr<Job>>;

  std::optional<Error> refuse(std::size_t bytes) const;  // under mutex_
  void push(std::unique_ptr<Job> job);
  void loop();
  Jobs next_batch();  // empty: closed and drained
  void execute(Jobs batch);
  void keep_log_short();
  void answer(Jobs batch, std::exception_ptr problem, std::function<void()> first);

  template <class Work, class Handler>
  class JobOf;

  boost::asio::any_io_executor io_;
  std::unique_ptr<SqliteConnection> connection_;
  SqliteCheckpointer checkpointer_;
  Limits limits_;
  Listener* listener_ = nullptr;

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::size_t queued_bytes_ = 0;
  bool closed_ = false;
  SqliteStats stats_;
  std::thread thread_;
};

/// Keeps the io_context running until the answer is there.
template <class Work, class Handler>
class SqliteWriter::JobOf final : public Job {
 public:
  using Outcome = std::invoke_result_t<Work, SqliteConnection&>;
  JobOf(const boost::asio::any_io_executor& io, Work work, Handler handler)
      : guard_(io), work_(std::move(work)), handler_(std::move(handler)) {}
  void run(SqliteConnection& connection) override { outcome_.emplace(work_(connection)); }
  void complete(std::exception_ptr problem) override {
    Outcome outcome =
        outcome_ ? *std::move(outcome_) : Outcome(fail(Code::kInternal, "the write was not made"));
    std::move(handler_)(problem, std::move(outcome));
  }

 private:
  boost::asio::executor_work_guard<boost::asio::any_io_executor> guard_;
  Work work_;
  Handler handler_;
  std::optional<Outcome> outcome_;
};

template <class Work>
Task<std::invoke_result_t<Work, SqliteConnection&>> SqliteWriter::submit(std::size_t bytes,
                                                                         Work work) {
  using Outcome = std::invoke_result_t<Work, SqliteConnection&>;
  using Token = boost::asio::use_awaitable_t<>;
  Token token;
  auto start = [this, bytes](auto handler, Work inner) {
    using Handler = decltype(handler);
    std::unique_ptr<Job> job =
        std::make_unique<JobOf<Work, Handler>>(io_, std::move(inner), std::move(handler));
    job->bytes = bytes;
    push(std::move(job));
  };
  {
    std::lock_guard lock(mutex_);
    if (auto refused = refuse(bytes)) co_return fail(*std::move(refused));
  }
  co_return co_await boost::asio::async_initiate<Token, void(std::exception_ptr, Outcome)>(
      std::move(start), token, std::move(work));
}

}  // namespace mizan::store
