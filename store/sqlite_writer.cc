// The writer's thread.
#include "store/sqlite_writer.h"

#include <boost/asio/post.hpp>

namespace mizan::store {
namespace {

// A checkpoint costs a write of each changed page and two fsyncs, so it comes every 16 MiB of log.
constexpr std::int64_t kLogPages = 4096;

}  // namespace

SqliteWriter::SqliteWriter(boost::asio::any_io_executor io,
                           std::unique_ptr<SqliteConnection> connection,
                           std::unique_ptr<SqliteConnection> beside, Limits limits)
    : io_(std::move(io)),
      connection_(std::move(connection)),
      checkpointer_(std::move(beside)),
      limits_(limits) {
  thread_ = std::thread([this] { loop(); });
}

void SqliteWriter::set_listener(Listener* listener) {
  std::lock_guard lock(mutex_);
  listener_ = listener;
}

std::optional<Error> SqliteWriter::refuse(std::size_t bytes) const {
  if (closed_) return Error{Code::kCancelled, "the store is closed", {}};
  if (!queue_.empty() && queued_bytes_ + bytes > limits_.queued_bytes) {
    return Error{Code::kUnavailable, "too much waits to be written; try again in a second", {}};
  }
  return std::nullopt;
}

void SqliteWriter::push(std::unique_ptr<Job> job) {
  {
    std::lock_guard lock(mutex_);
    queued_bytes_ += job->bytes;
    queue_.push_back(std::move(job));
  }
  ready_.notify_one();  // after the lock, for which the thread would only wait again
}

SqliteWriter::Jobs SqliteWriter::next_batch() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return closed_ || !queue_.empty(); });
  Jobs batch;
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.size() < limits_.batch_jobs && bytes < limits_.batch_bytes) {
    bytes += queue_.front()->bytes;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  return batch;
}

void SqliteWriter::loop() {
  while (true) {
    Jobs batch = next_batch();
    if (batch.empty()) return;
    execute(std::move(batch));
    keep_log_short();
  }
}

void SqliteWriter::keep_log_short() {
  if (connection_->log_pages() < kLogPages) return;
  switch (checkpointer_.take_state()) {
    case SqliteCheckpointer::State::kIdle:
      return checkpointer_.begin();
    case SqliteCheckpointer::State::kGoesOn:
      return;
    case SqliteCheckpointer::State::kEnded:
      return checkpoint(*connection_);
  }
}

void SqliteWriter::execute(Jobs batch) {
  std::exception_ptr problem;
  try {
    connection_->query("BEGIN IMMEDIATE").run();
    for (const std::unique_ptr<Job>& job : batch) job->run(*connection_);
    connection_->query("COMMIT").run();
  } catch (...) {
    // A broken disk is told to every writer of the batch: none of it is stored.
    problem = std::current_exception();
    try {
      connection_->query("ROLLBACK").run();
    } catch (const SQLite::Exception&) {  // NOLINT(bugprone-empty-catch)
      // SQLite has rolled back by itself.
    }
  }
  Listener* listener = nullptr;
  {
    std::lock_guard lock(mutex_);
    ++(problem ? stats_.failures : stats_.commits);
    stats_.jobs += batch.size();
    stats_.largest = std::max<std::uint64_t>(stats_.largest, batch.size());
    listener = listener_;
  }
  std::function<void()> first;
  if (listener != nullptr) {
    if (problem) {
      listener->rolled_back();
    } else {
      first = listener->committed();
    }
  }
  answer(std::move(batch), std::move(problem), std::move(first));
}

void SqliteWriter::answer(Jobs batch, std::exception_ptr problem, std::function<void()> first) {
  boost::asio::post(io_, [io = io_, batch = std::move(batch), problem = std::move(problem),
                          first = std::move(first)]() mutable {
    if (first) first();
    // Each in a turn of its own, so that a large batch doesn't hold up everything else on the
    // thread.
    for (std::unique_ptr<Job>& job : batch) {
      boost::asio::post(io, [job = std::move(job), problem] { job->complete(problem); });
    }
  });
}

void SqliteWriter::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::size_t SqliteWriter::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

SqliteStats SqliteWriter::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace mizan::store
