// EventRecorder: a table of recent events, a queue of those to write, and one coroutine that writes
// batches.
#include "controller/event_recorder.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "controller/gather.h"
#include "core/log.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::controller {
namespace {

using namespace std::chrono_literals;

constexpr auto kSameEventWithin = 10min;
constexpr std::size_t kLongestQueue = 4096;
constexpr std::size_t kBatch = 64;
constexpr std::size_t kMostKnown = 2048;       // recent events remembered for counting
constexpr std::size_t kLongestMessage = 1024;  // what Kubernetes takes
constexpr auto kGatherFor = 50ms;              // so that a burst shares commits

using resources::kEvents;

std::string_view type_name(EventType type) {
  return type == EventType::kNormal ? "Normal" : "Warning";
}

/// Shortens at a character border and says so.
std::string shortened(std::string message) {
  if (message.size() <= kLongestMessage) return message;
  std::size_t end = kLongestMessage - 3;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  message.resize(end);
  return message + "...";
}

}  // namespace

EventRecorder::EventRecorder(store::ObjectStore& store, const Clock& clock, std::string component)
    : store_(store), clock_(clock), component_(std::move(component)) {}

Json EventRecorder::build(const Json& object, EventType type, const std::string& reason,
                          const std::string& message) {
  const Time now = clock_.now();
  const std::string name = resources::name_of(object);
  const std::string ns = resources::namespace_of(object);
  // Kubernetes' own form: the object's name and a number from the time; the sequence keeps two of
  // one instant apart.
  const auto ns_since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  Json event;
  event["apiVersion"] = "v1";
  event["kind"] = "Event";
  event["metadata"]["name"] =
      fmt::format("{}.{:x}", name, static_cast<std::uint64_t>(ns_since_epoch) + sequence_++);
  event["metadata"]["namespace"] = ns.empty() ? "default" : ns;
  Json& about = event["involvedObject"];
  about["apiVersion"] = string_at(object, "apiVersion");
  about["kind"] = string_at(object, "kind");
  about["name"] = name;
  if (!ns.empty()) about["namespace"] = ns;
  about["uid"] = resources::uid_of(object);
  about["resourceVersion"] = resources::resource_version_of(object);
  event["type"] = type_name(type);
  event["reason"] = reason;
  event["message"] = message;
  event["source"]["component"] = component_;
  event["reportingComponent"] = component_;
  event["reportingInstance"] = "";
  event["firstTimestamp"] = format_rfc3339(now);
  event["lastTimestamp"] = format_rfc3339(now);
  event["count"] = 1;
  return event;
}

void EventRecorder::record(const Json& object, EventType type, std::string reason,
                           std::string message) {
  const Time now = clock_.now();
  forget_old(now);
  message = shortened(std::move(message));
  std::string key =
      fmt::format("{}\n{}\n{}\n{}", resources::uid_of(object), type_name(type), reason, message);
  const auto found = known_.find(key);
  if ((found == known_.end() || !found->second.waiting) && queue_.size() >= kLongestQueue) {
    if (dropped_++ == 0)
      log_warn("events", "lost events: too many wait to be written", {{"component", component_}});
    return;
  }
  Known& known = known_[key];
  if (known.count++ == 0) {
    known.event = build(object, type, reason, message);
    known.ns = resources::namespace_of(known.event);
    known.name = resources::name_of(known.event);
  }
  known.last_seen = now;
  ages_.emplace_back(now, key);
  if (known.waiting) return;
  known.waiting = true;
  queue_.push_back(std::move(key));
  changed_.notify_all();
}

void EventRecorder::forget_old(Time now) {
  while (!ages_.empty() &&
         (ages_.front().first + kSameEventWithin < now || ages_.size() > kMostKnown)) {
    const auto [seen, key] = std::move(ages_.front());
    ages_.pop_front();
    const auto found = known_.find(key);
    if (found != known_.end() && found->second.last_seen == seen && !found->second.waiting)
      known_.erase(found);
  }
}

void EventRecorder::start(const boost::asio::any_io_executor& executor) {
  running_ = true;
  boost::asio::co_spawn(executor, write_all(), [this](const std::exception_ptr& broken) {
    running_ = false;
    changed_.notify_all();
    if (broken) std::rethrow_exception(broken);
  });
}

Task<> EventRecorder::stop() {
  stopping_ = true;
  changed_.notify_all();
  while (running_) co_await changed_.wait();
}

Task<> EventRecorder::write_all() {
  while (!stopping_ || !queue_.empty()) {
    if (queue_.empty()) {
      co_await changed_.wait();
      continue;
    }
    co_await let_a_batch_gather();
    std::vector<Task<>> batch;
    while (!queue_.empty() && batch.size() < kBatch) {
      batch.push_back(write(std::move(queue_.front())));
      queue_.pop_front();
    }
    co_await gather(std::move(batch), kBatch);
  }
}

Task<> EventRecorder::let_a_batch_gather() {
  const auto deadline = std::chrono::steady_clock::now() + kGatherFor;
  while (!stopping_ && queue_.size() < kBatch) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) co_return;
    co_await changed_.wait_for(left);
  }
}

Task<> EventRecorder::write(std::string key) {
  const auto found = known_.find(key);
  if (found == known_.end()) co_return;
  found->second.waiting = false;
  Known snapshot = found->second;
  Result<> written = co_await create_or_count(std::move(snapshot));
  if (const auto again = known_.find(key); again != known_.end()) {
    if (written) {
      again->second.created = true;
      again->second.event = nullptr;  // from now on only the count is written
    } else if (!again->second.waiting) {
      known_.erase(again);  // the next one begins anew
    }
  }
  if (written || written.error().code == Code::kCancelled) co_return;
  // A namespace that is going away takes no events; nothing is lost that anyone could read.
  const bool expected =
      written.error().code == Code::kNotFound || written.error().code == Code::kForbidden;
  (expected ? log_debug : log_warn)(
      "events", "failed to write an event",
      {{"component", component_}, {"error", written.error().message}});
}

Task<Result<>> EventRecorder::create_or_count(Known known) {
  if (known.created) {
    Json changes;
    changes["count"] = known.count;
    changes["lastTimestamp"] = format_rfc3339(known.last_seen);
    store::Patch patch(store::PatchType::kMerge, std::move(changes));
    store::Key key(kEvents, known.ns, known.name);
    // kNotFound: it has expired in the store, and the next one begins anew.
    CO_TRY([[maybe_unused]] const store::Written patched,
           co_await store_.patch(std::move(key), "", std::move(patch)));
    co_return Result<>();
  }
  known.event["count"] = known.count;
  known.event["lastTimestamp"] = format_rfc3339(known.last_seen);
  std::string ns = known.ns;
  CO_TRY([[maybe_unused]] const store::Written created,
         co_await store_.create(kEvents, std::move(ns), std::move(known.event)));
  co_return Result<>();
}

}  // namespace mizan::controller
