// Hands each committed change to the watchers that it concerns, decoded at most once for all of
// them.
//
// A watcher has a bounded queue: one that doesn't keep up is cut off (it lists again) and harms
// nobody else.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/backend.h"
#include "store/object_cache.h"
#include "store/object_store.h"

namespace mizan::store {

/// A change with its objects, decoded when somebody asks.
class DecodedChange {
 public:
  /// `after` and `before` may be null: then they are parsed from the change on first use.
  DecodedChange(const Change& change, ObjectPtr after, ObjectPtr before)
      : change_(change), after_(std::move(after)), before_(std::move(before)) {}

  const Change& change() const { return change_; }
  Revision revision() const { return change_.revision; }
  const ObjectPtr& after();   // null for kDeleted
  const ObjectPtr& before();  // null for kCreated
  /// The state before, with this change's resourceVersion: what DELETED events carry.
  const ObjectPtr& last();

 private:
  const Change& change_;
  ObjectPtr after_, before_, last_;
};

/// What a watcher with that selection sees of the change: an object that starts to match is ADDED,
/// one that ceases to match is DELETED; nullopt for nothing.
std::optional<WatchEvent> event_of(const Selection& selection, DecodedChange& change);

/// One watcher's queue. Thread: io.
struct WatchQueue {
  struct Item {
    Revision revision = 0;
    WatchEvent event;
  };
  WatchQueue(const boost::asio::any_io_executor& io, Selection selection_)
      : selection(std::move(selection_)), wake(io) {}

  Selection selection;
  boost::asio::steady_timer wake;  // cancelled when there is something to see
  std::deque<Item> items;
  Revision after = 0;  // changes up to here are not for the queue
  bool overflowed = false;
  bool closed = false;  // the store is closing
};

/// Thread: io.
class WatchHub {
 public:
  WatchHub(Backend& backend, ObjectCache& cache, std::size_t queue_limit)
      : backend_(backend), cache_(cache), queue_limit_(queue_limit) {}

  /// From now on `queue` gets the changes after `queue->after`.
  void add(const std::shared_ptr<WatchQueue>& queue);
  void remove(const WatchQueue& queue);
  bool anyone_watches(std::string_view resource_prefix) const;

  void publish(DecodedChange& change);
  void set_delivered(Revision revision) { delivered_ = revision; }
  Revision delivered() const { return delivered_; }  // every change up to here was published

  /// Ends all watches with kUnavailable.
  void close();
  bool closed() const { return closed_; }
  // Not after close():
  Backend& backend() { return backend_; }
  /// The decoded object when the cache has that very state, else null.
  ObjectPtr cached(const std::string& key, Revision modified);
  std::size_t watchers() const;

 private:
  Backend& backend_;
  ObjectCache& cache_;
  std::size_t queue_limit_;
  Revision delivered_ = 0;
  bool closed_ = false;
  std::map<std::string, std::vector<std::shared_ptr<WatchQueue>>, std::less<>>
      queues_;  // by resource prefix
};

}  // namespace mizan::store
