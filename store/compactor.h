// Forgets old changes: a watch or a page may go back five minutes, not for ever.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>

#include "core/task.h"
#include "core/time.h"
#include "store/backend.h"

namespace mizan::store {

struct CompactorOptions {
  std::chrono::milliseconds keep{300'000};  // how long a change stays
  std::uint64_t keep_changes = 200'000;     // and no more than so many, whatever their age
  std::chrono::milliseconds interval{10'000};
  CompactorOptions() {}
};

/// Thread: io. Backend and clock outlive it, and so does what co_spawned run().
class Compactor {
 public:
  Compactor(const boost::asio::any_io_executor& io, Backend& backend, const Clock& clock,
            CompactorOptions options = {})
      : backend_(backend), clock_(clock), options_(options), timer_(io) {}

  /// Trims at every interval until stop() or the backend is closed.
  Task<> run();
  void stop();
  /// One round, as run() does it.
  Task<> trim();

 private:
  struct Mark {
    Time time;
    Revision revision;
  };

  Backend& backend_;
  const Clock& clock_;
  CompactorOptions options_;
  boost::asio::steady_timer timer_;
  std::deque<Mark> marks_;  // which revision was the newest at which time
  bool stopped_ = false;
};

}  // namespace mizan::store
