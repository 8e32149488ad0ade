// Forgets old Events, so that the store stays flat however many trials there were; only for the
// embedded store, as real API servers do this by themselves.
//
// An Event goes when it was last seen longer ago than `keep`, or when `most` newer ones are there.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>

#include "core/task.h"
#include "core/time.h"
#include "store/object_store.h"

namespace mizan::controller {

struct EventKeeperOptions {
  std::chrono::seconds keep{3600};
  std::size_t most = 10'000;
  std::chrono::milliseconds interval{60'000};
  EventKeeperOptions() {}
};

/// Thread: io. Store and clock outlive it, and so does what co_spawned run().
class EventKeeper {
 public:
  EventKeeper(const boost::asio::any_io_executor& io, store::ObjectStore& store, const Clock& clock,
              EventKeeperOptions options = {})
      : store_(store), clock_(clock), options_(options), timer_(io) {}

  /// Trims at every interval until stop().
  Task<> run();
  void stop();
  /// One round, as run() does it: how many Events went. Errors: the store's.
  Task<Result<std::size_t>> trim();

 private:
  struct Seen {
    Time last;
    store::Key key;
    std::string version;
  };

  Task<Result<std::vector<Seen>>> list();
  Task<> remove(Seen event);

  store::ObjectStore& store_;
  const Clock& clock_;
  EventKeeperOptions options_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
};

}  // namespace mizan::controller
