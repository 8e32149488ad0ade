// Catching up from the change log, then following the hub.
//
// The border: while far behind, pages of the log are read and the hub knows nothing of this watch.
// Once the gap is at most a page, the queue is registered for everything after D (what the hub has
// delivered by then) and the log is read up to D: what is at most D comes from the log, what is
// later from the queue.
#include "store/local_watch.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "store/object_key.h"

namespace mizan::store {
namespace {

constexpr std::size_t kPage = 256;

using Steady = std::chrono::steady_clock;

}  // namespace

struct LocalWatch::State {
  State(std::shared_ptr<WatchHub> hub_, const boost::asio::any_io_executor& io, Selection selection,
        Start start_)
      : hub(std::move(hub_)),
        queue(std::make_shared<WatchQueue>(io, std::move(selection))),
        start(std::move(start_)),
        position(start.revision),
        bookmark_due(Steady::now() + start.bookmark_interval) {}

  std::shared_ptr<WatchHub> hub;
  std::shared_ptr<WatchQueue> queue;
  Start start;
  std::size_t initial_given = 0;
  std::deque<WatchEvent> replayed;
  Revision position;    // the log was read up to here
  Revision border = 0;  // when registered: the log is needed up to here
  bool registered = false;
  bool caught_up = false;
  bool cancelled = false;
  Steady::time_point bookmark_due;

  WatchEvent bookmark_at(Revision revision, bool initial_end) const {
    Json metadata = {{"resourceVersion", std::to_string(revision)}};
    if (initial_end) metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
    WatchEvent event;
    event.type = WatchEvent::Type::kBookmark;
    event.initial_end = initial_end;
    event.object = std::make_shared<const Json>(Json{{"apiVersion", start.api_version},
                                                     {"kind", start.kind},
                                                     {"metadata", std::move(metadata)}});
    return event;
  }

  /// The newest revision of which this watch has seen everything.
  Revision reached() const {
    return caught_up && queue->items.empty() ? std::max(position, hub->delivered()) : position;
  }

  /// What is ready to be given, in order; nullopt: nothing.
  std::optional<WatchEvent> take() {
    WatchEvent event;
    if (initial_given < start.initial.size()) {
      event.object = std::move(start.initial[initial_given++]);
      return event;
    }
    if (start.initial_end) {
      start.initial_end = false;
      return bookmark_at(start.revision, true);
    }
    if (!replayed.empty()) {
      event = std::move(replayed.front());
      replayed.pop_front();
      return event;
    }
    if (!caught_up || queue->items.empty()) return std::nullopt;
    event = std::move(queue->items.front().event);
    position = queue->items.front().revision;
    queue->items.pop_front();
    return event;
  }

  std::unexpected<Error> too_old() const {
    return fail(Code::kExpired, "too old resource version: " + std::to_string(position) + " (" +
                                    std::to_string(hub->backend().compacted()) + ")");
  }
};

LocalWatch::LocalWatch(std::shared_ptr<WatchHub> hub, const boost::asio::any_io_executor& io,
                       Selection selection, Start start)
    : state_(std::make_shared<State>(std::move(hub), io, std::move(selection), std::move(start))) {}

LocalWatch::~LocalWatch() { cancel(); }

void LocalWatch::cancel() {
  state_->cancelled = true;
  state_->hub->remove(*state_->queue);
  state_->queue->wake.cancel();
}

std::optional<WatchEvent> LocalWatch::bookmark() const {
  const State& state = *state_;
  if (state.initial_given < state.start.initial.size() || state.start.initial_end ||
      !state.replayed.empty()) {
    return std::nullopt;
  }
  return state.bookmark_at(state.reached(), false);
}

Task<Result<WatchEvent>> LocalWatch::next() { return next_of(state_); }

Task<Result<>> LocalWatch::catch_up(std::shared_ptr<State> state) {
  WatchHub& hub = *state->hub;
  if (!state->registered && hub.delivered() <= state->position + kPage) {
    state->border = hub.delivered();
    state->queue->after = std::max(state->border, state->position);
    state->registered = true;
    hub.add(state->queue);
  }
  const Revision known = hub.delivered();
  if (state->position < known) {
    Result<std::vector<Change>> page = co_await hub.backend().changes(
        selection_prefix(state->queue->selection), state->position, kPage);
    if (hub.closed()) co_return fail(Code::kUnavailable, "the store is closing");
    if (!page) {
      if (page.error().code == Code::kExpired) co_return state->too_old();
      co_return fail(std::move(page).error());
    }
    for (const Change& change : *page) {
      if (state->registered && change.revision > state->border) break;  // comes through the queue
      const bool deleted = change.type == Change::Type::kDeleted;
      DecodedChange decoded(
          change, deleted ? nullptr : hub.cached(change.entry.key, change.revision), nullptr);
      if (auto event = event_of(state->queue->selection, decoded))
        state->replayed.push_back(*std::move(event));
    }
    state->position =
        page->size() == kPage ? page->back().revision : std::max(known, state->position);
  }
  state->caught_up = state->registered && state->position >= state->border;
  co_return Result<>();
}

Task<Result<WatchEvent>> LocalWatch::next_of(std::shared_ptr<State> state) {
  namespace asio = boost::asio;
  while (true) {
    if (state->cancelled) co_return fail(Code::kCancelled, "the watch was cancelled");
    if (state->queue->closed || state->hub->closed())
      co_return fail(Code::kUnavailable, "the store is closing");
    if (auto event = state->take()) {
      state->bookmark_due = Steady::now() + state->start.bookmark_interval;
      co_return *std::move(event);
    }
    if (state->queue->overflowed) {
      co_return fail(Code::kExpired,
                     "too old resource version: this watch fell too far behind; list again");
    }
    if (!state->caught_up) {
      if (auto done = co_await catch_up(state); !done) co_return fail(std::move(done).error());
      continue;
    }
    const bool due = state->start.bookmarks && Steady::now() >= state->bookmark_due;
    if (due) {
      state->bookmark_due = Steady::now() + state->start.bookmark_interval;
      co_return state->bookmark_at(state->reached(), false);
    }
    state->queue->wake.expires_at(state->start.bookmarks ? state->bookmark_due
                                                         : Steady::time_point::max());
    co_await state->queue->wake.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      co_return fail(Code::kCancelled, "the watch was cancelled");
    }
  }
}

}  // namespace mizan::store
