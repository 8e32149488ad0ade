// Runs one Reconciler with several workers over a queue.
//
// This is one of the program's exception fences: whatever a reconcile throws is logged with its
// key, counted and tried again with backoff, like an error that it returns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "controller/backoff.h"
#include "controller/reconciler.h"
#include "controller/work_queue.h"

namespace mizan::controller {

struct ControllerStats {
  std::uint64_t reconciles = 0;
  std::uint64_t errors = 0;  // loud ones: not kConflict, not kCancelled
  std::uint64_t exceptions = 0;
};

/// Thread: io. `reconciler` outlives it. stop() must have finished before it is destroyed, or the
/// io_context's coroutines must be gone.
class Controller {
 public:
  struct Options {
    std::string name;         // "experiment": in logs and metrics
    std::size_t workers = 4;  // reconciles in flight at once, of different keys
    /// Told of each loud failure, for an Event; may be empty.
    std::function<void(const Request&, const Error&)> on_error;
  };

  Controller(boost::asio::any_io_executor executor, Reconciler& reconciler, Options options);

  void enqueue(const Request& request) { queue_.add(request); }
  void enqueue_after(const Request& request, std::chrono::milliseconds delay) {
    queue_.add_after(request, delay);
  }

  void start();
  /// Takes no new work, waits for the reconciles in flight.
  Task<> stop();

  const std::string& name() const { return options_.name; }
  const ControllerStats& stats() const { return stats_; }
  std::size_t backlog() const { return queue_.size() + queue_.in_hand(); }
  /// Nothing queued and nothing in hand; delayed keys don't count. For tests and shutdown.
  bool idle() const { return backlog() == 0; }

 private:
  Task<> work();
  Task<Result<RequeueAfter>> guarded(Request request);
  void settle(const Request& request, const Result<RequeueAfter>& outcome);

  boost::asio::any_io_executor executor_;
  Reconciler& reconciler_;
  Options options_;
  WorkQueue queue_;
  Backoff backoff_;
  ControllerStats stats_;
  std::size_t running_ = 0;
  Signal worker_ended_;
};

}  // namespace mizan::controller
