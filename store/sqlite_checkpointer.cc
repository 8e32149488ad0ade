// The checkpointer's thread.
#include "store/sqlite_checkpointer.h"

#include <utility>

#include "core/log.h"

namespace mizan::store {

void checkpoint(SqliteConnection& connection) {
  try {
    connection.query("PRAGMA wal_checkpoint(PASSIVE)").step();
  } catch (const SQLite::Exception& problem) {
    log_warn("store", "the log did not get into the database file", {{"error", problem.what()}});
  }
}

SqliteCheckpointer::SqliteCheckpointer(std::unique_ptr<SqliteConnection> connection)
    : connection_(std::move(connection)) {
  thread_ = std::thread([this] { loop(); });
}

SqliteCheckpointer::~SqliteCheckpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

SqliteCheckpointer::State SqliteCheckpointer::take_state() {
  const std::lock_guard lock(mutex_);
  return state_ == State::kEnded ? std::exchange(state_, State::kIdle) : state_;
}

void SqliteCheckpointer::begin() {
  const std::lock_guard lock(mutex_);
  state_ = State::kGoesOn;
  changed_.notify_one();
}

void SqliteCheckpointer::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || state_ == State::kGoesOn; });
    if (stopping_) return;
    lock.unlock();
    checkpoint(*connection_);
    lock.lock();
    state_ = State::kEnded;
  }
}

}  // namespace mizan::store
