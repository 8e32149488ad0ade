// Moves committed pages from the log into the database file while the writer goes on; it would
// stand still for some ten milliseconds otherwise, and every write with it.
//
// A log starts anew only when all of it is moved, and under load there is always more. So a round
// here moves nearly all, and the writer, once it has ended, the little that came meanwhile.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite_connection.h"

namespace mizan::store {

/// Thread: the writer's.
class SqliteCheckpointer {
 public:
  explicit SqliteCheckpointer(std::unique_ptr<SqliteConnection> connection);
  ~SqliteCheckpointer();  // when the round that goes on has ended
  SqliteCheckpointer(const SqliteCheckpointer&) = delete;
  SqliteCheckpointer& operator=(const SqliteCheckpointer&) = delete;

  enum class State { kIdle, kGoesOn, kEnded };
  /// kEnded once for each round.
  State take_state();
  /// Requires kIdle.
  void begin();

 private:
  void loop();

  std::unique_ptr<SqliteConnection> connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kIdle;
  bool stopping_ = false;
  std::thread thread_;
};

/// Moves what can be moved now without waiting for anyone. A disk that doesn't take it is told of
/// in the log of the program; nothing is lost, the pages stay in SQLite's.
void checkpoint(SqliteConnection& connection);

}  // namespace mizan::store
