// Waiting for something to happen, on the io thread.
//
// The coroutine counterpart of a condition variable: the waiter checks its own condition before and
// after, the one who changes it notifies. With one io thread nothing can slip in between the check
// and the wait.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>

#include "core/task.h"

namespace mizan::controller {

/// Thread: io. Must outlive its waiters. Wake-ups may be spurious: always check the condition
/// again.
class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  Task<> wait();
  /// False when the time passed first.
  Task<bool> wait_for(std::chrono::milliseconds patience);
  void notify_one();
  void notify_all();

 private:
  Task<bool> wait_on(boost::asio::steady_timer timer);

  std::list<boost::asio::steady_timer*> waiting_;  // timers live in the waiters' frames
};

}  // namespace mizan::controller
