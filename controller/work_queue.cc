// WorkQueue: three sets and one timer.
#include "controller/work_queue.h"

namespace mizan::controller {

WorkQueue::WorkQueue(const boost::asio::any_io_executor& executor)
    : timer_(executor), self_(std::make_shared<WorkQueue*>(this)) {}

WorkQueue::~WorkQueue() = default;

void WorkQueue::add(const Request& request) {
  if (shut_down_ || !queued_.insert(request).second) return;
  if (in_hand_.contains(request)) return;  // done() puts it in
  ready_.push_back(request);
  changed_.notify_one();
}

void WorkQueue::add_after(const Request& request, std::chrono::milliseconds delay) {
  if (shut_down_) return;
  if (delay.count() <= 0) return add(request);
  const TimePoint due = std::chrono::steady_clock::now() + delay;
  const auto [known, inserted] = delays_.try_emplace(request, due);
  if (!inserted) {
    if (known->second <= due) return;
    by_time_.erase({known->second, request});
    known->second = due;
  }
  by_time_.insert({due, request});
  if (by_time_.begin()->second == request) arm_timer();
}

void WorkQueue::arm_timer() {
  timer_.expires_at(by_time_.begin()->first);
  timer_.async_wait([weak = std::weak_ptr(self_)](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled) (*self)->release_due();
  });
}

void WorkQueue::release_due() {
  const TimePoint now = std::chrono::steady_clock::now();
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const Request request = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    delays_.erase(request);
    add(request);
  }
  if (!by_time_.empty()) arm_timer();
}

Task<std::optional<Request>> WorkQueue::next() {
  while (!shut_down_ && ready_.empty()) co_await changed_.wait();
  if (shut_down_) co_return std::nullopt;
  Request request = std::move(ready_.front());
  ready_.pop_front();
  queued_.erase(request);
  in_hand_.insert(request);
  co_return request;
}

void WorkQueue::done(const Request& request) {
  in_hand_.erase(request);
  if (shut_down_ || !queued_.contains(request)) return;
  ready_.push_back(request);
  changed_.notify_one();
}

void WorkQueue::shut_down() {
  shut_down_ = true;
  ready_.clear();
  queued_.clear();
  delays_.clear();
  by_time_.clear();
  timer_.cancel();
  changed_.notify_all();
}

}  // namespace mizan::controller
