// EventKeeper: list, sort by age, remove.
#include "controller/event_keeper.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "controller/gather.h"
#include "core/log.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::controller {
namespace {

constexpr std::size_t kEventPage = 500;
using resources::kEvents;

/// When it was seen last. One that doesn't say counts as very old.
Time last_seen(const Json& event) {
  for (const char* path :
       {"series.lastObservedTime", "lastTimestamp", "eventTime", "metadata.creationTimestamp"}) {
    if (const auto time = parse_rfc3339(string_at(event, path))) return *time;
  }
  return Time();
}

}  // namespace

Task<> EventKeeper::run() {
  while (!stopped_) {
    if (const auto done = co_await trim(); !done && done.error().code != Code::kCancelled)
      log_warn("events", "did not forget old events", {{"error", done.error().message}});
    if (stopped_) break;
    timer_.expires_after(options_.interval);
    co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

void EventKeeper::stop() {
  stopped_ = true;
  timer_.cancel();
}

Task<Result<std::vector<EventKeeper::Seen>>> EventKeeper::list() {
  std::vector<Seen> all;
  store::ListOptions options;
  options.limit = kEventPage;
  do {
    store::Selection selection(kEvents, "");
    CO_TRY(const store::Page page, co_await store_.list(std::move(selection), options));
    for (const store::ObjectPtr& event : page.items) {
      all.push_back(
          {last_seen(*event),
           store::Key(kEvents, resources::namespace_of(*event), resources::name_of(*event)),
           resources::resource_version_of(*event)});
    }
    options.continue_token = page.continue_token;
  } while (!options.continue_token.empty() && !stopped_);
  co_return all;
}

Task<Result<std::size_t>> EventKeeper::trim() {
  CO_TRY(std::vector<Seen> all, co_await list());
  std::ranges::sort(all, std::greater(), &Seen::last);  // the newest first
  const Time oldest = clock_.now() - options_.keep;
  const auto first_old =
      std::ranges::find_if(all, [oldest](const Seen& event) { return event.last < oldest; });
  const auto kept = std::min(static_cast<std::size_t>(first_old - all.begin()), options_.most);
  const std::size_t going = all.size() - kept;
  for (std::size_t from = kept; from < all.size() && !stopped_; from += kEventPage) {
    std::vector<Task<>> removals;
    for (std::size_t i = from; i < std::min(from + kEventPage, all.size()); ++i)
      removals.push_back(remove(std::move(all[i])));
    co_await gather(std::move(removals));
  }
  co_return going;
}

Task<> EventKeeper::remove(Seen event) {
  store::RemoveOptions options;
  options.resource_version = std::move(event.version);  // one that was seen again meanwhile stays
  const std::string name = event.key.ns + "/" + event.key.name;
  const auto removed = co_await store_.remove(std::move(event.key), std::move(options));
  if (removed || removed.error().code == Code::kNotFound ||
      removed.error().code == Code::kConflict || removed.error().code == Code::kCancelled)
    co_return;
  log_debug("events", "failed to remove an event",
            {{"event", name}, {"error", removed.error().message}});
}

}  // namespace mizan::controller
