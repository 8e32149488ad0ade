// Writes Events for one component, in the background.
//
// The same event about the same object again within ten minutes raises the count of the first
// instead of making another. What waits is bounded: a storm of events loses some (counted and
// logged), never a reconcile.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "controller/recorder.h"
#include "controller/signal.h"
#include "core/time.h"
#include "store/object_store.h"

namespace mizan::controller {

/// Thread: io. `store` and `clock` outlive it. start() before the first record is written; stop()
/// writes what waits.
class EventRecorder final : public Recorder {
 public:
  EventRecorder(store::ObjectStore& store, const Clock& clock, std::string component);

  void record(const Json& object, EventType type, std::string reason, std::string message) override;

  void start(const boost::asio::any_io_executor& executor);
  Task<> stop();

  std::uint64_t dropped() const { return dropped_; }

 private:
  /// One event that exists or will: kept for ten minutes after it was last seen.
  struct Known {
    std::string ns, name;
    Json event;  // the first one; null once it is in the store
    Time last_seen;
    std::int64_t count = 0;
    bool created = false;  // in the store
    bool waiting = false;  // in queue_
  };

  Json build(const Json& object, EventType type, const std::string& reason,
             const std::string& message);
  void forget_old(Time now);
  Task<> write_all();
  Task<> let_a_batch_gather();
  Task<> write(std::string key);
  Task<Result<>> create_or_count(Known known);

  store::ObjectStore& store_;
  const Clock& clock_;
  std::string component_;
  std::unordered_map<std::string, Known> known_;
  std::deque<std::pair<Time, std::string>> ages_;  // when each key was last seen, oldest first
  std::deque<std::string> queue_;
  std::uint64_t sequence_ = 0;
  std::uint64_t dropped_ = 0;
  bool running_ = false;
  bool stopping_ = false;
  Signal changed_;
};

}  // namespace mizan::controller
