// What is to be reconciled: each key at most once in the queue, and never in two hands at a time.
//
// A key added while it is being worked on comes back when that work is done, so no change is missed
// and no object is reconciled twice at once. Delayed keys wait outside the queue; the earliest of
// several delays counts.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "controller/reconciler.h"
#include "controller/signal.h"

namespace mizan::controller {

/// Thread: io. Must outlive the coroutines that wait in next().
class WorkQueue {
 public:
  explicit WorkQueue(const boost::asio::any_io_executor& executor);
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  void add(const Request& request);
  void add_after(const Request& request, std::chrono::milliseconds delay);

  /// The next key, which is in this worker's hands until done(). nullopt: the queue was shut down.
  Task<std::optional<Request>> next();
  void done(const Request& request);

  /// Drops what waits; next() answers nullopt from now on. Keys in hand stay so until done().
  void shut_down();

  std::size_t size() const { return ready_.size(); }
  std::size_t in_hand() const { return in_hand_.size(); }
  std::size_t delayed() const { return delays_.size(); }

 private:
  using TimePoint = boost::asio::steady_timer::time_point;
  void arm_timer();
  void release_due();

  std::deque<Request> ready_;
  std::set<Request> queued_;  // in ready_, or to be put there by done()
  std::set<Request> in_hand_;
  std::map<Request, TimePoint> delays_;
  std::set<std::pair<TimePoint, Request>> by_time_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<WorkQueue*> self_;  // timer handlers hold it weakly
  Signal changed_;
  bool shut_down_ = false;
};

}  // namespace mizan::controller
