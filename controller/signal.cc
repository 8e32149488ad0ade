// Signal: each waiter sleeps on a timer of its own, which a notification cancels.
#include "controller/signal.h"

#include <boost/asio/this_coro.hpp>

namespace mizan::controller {
namespace asio = boost::asio;

Task<bool> Signal::wait_on(asio::steady_timer timer) {
  const auto position = waiting_.insert(waiting_.end(), &timer);
  boost::system::error_code cancelled;
  co_await timer.async_wait(into(cancelled));
  waiting_.erase(position);
  co_return static_cast<bool>(cancelled);
}

Task<> Signal::wait() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_at(asio::steady_timer::time_point::max());
  co_await wait_on(std::move(timer));
}

Task<bool> Signal::wait_for(std::chrono::milliseconds patience) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(patience);
  co_return co_await wait_on(std::move(timer));
}

void Signal::notify_one() {
  // A timer that was cancelled already keeps its place until its waiter resumes; cancelling it
  // again does nothing, so go on to the first that is really asleep.
  for (asio::steady_timer* timer : waiting_) {
    if (timer->cancel() > 0) return;
  }
}

void Signal::notify_all() {
  for (asio::steady_timer* timer : waiting_) timer->cancel();
}

}  // namespace mizan::controller
