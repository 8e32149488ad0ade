// Revisions carry no time, so each round notes the newest one; what was newest `keep` ago may be
// forgotten.
#include "store/compactor.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/log.h"

namespace mizan::store {

Task<> Compactor::trim() {
  const Time now = clock_.now();
  marks_.push_back({now, backend_.current()});
  Revision up_to = 0;
  while (!marks_.empty() && now - marks_.front().time >= options_.keep) {
    up_to = marks_.front().revision;
    marks_.pop_front();
  }
  const Revision current = backend_.current();
  if (current > options_.keep_changes) up_to = std::max(up_to, current - options_.keep_changes);
  if (up_to <= backend_.compacted()) co_return;
  if (auto done = co_await backend_.compact(up_to);
      !done && done.error().code != Code::kCancelled) {
    log_warn("store", "did not forget old changes",
             {{"up_to", std::to_string(up_to)}, {"error", done.error().message}});
  }
}

Task<> Compactor::run() {
  while (!stopped_) {
    co_await trim();
    timer_.expires_after(options_.interval);
    co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

void Compactor::stop() {
  stopped_ = true;
  timer_.cancel();
}

}  // namespace mizan::store
