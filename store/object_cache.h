// Decoded objects, least recently used first to go: a hot object is parsed once, however many read
// it.
//
// Bounded by the bytes of the objects' JSON (a decoded object takes some four times that).
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/backend.h"
#include "store/object_store.h"

namespace mizan::store {

/// Thread: io. Holds the newest state that it was told of for each key, never an older one.
class ObjectCache {
 public:
  struct Found {
    ObjectPtr object;  // null: not here
    Revision modified = 0;
  };

  explicit ObjectCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  Found find(std::string_view key);
  /// Ignored when a newer state of `key` is here.
  void put(const std::string& key, ObjectPtr object, Revision modified, std::size_t bytes);
  void erase(std::string_view key);

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::string key;
    ObjectPtr object;
    Revision modified;
    std::size_t bytes;
  };
  using Slots = std::list<Slot>;

  void drop(Slots::iterator slot);

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Slots slots_;                                                  // front: used last
  std::unordered_map<std::string_view, Slots::iterator> index_;  // keys live in the slots
};

}  // namespace mizan::store
