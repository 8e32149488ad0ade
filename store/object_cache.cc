// A list in order of use, and an index into it.
#include "store/object_cache.h"

namespace mizan::store {

ObjectCache::Found ObjectCache::find(std::string_view key) {
  auto found = index_.find(key);
  if (found == index_.end()) return {};
  slots_.splice(slots_.begin(), slots_, found->second);
  return {found->second->object, found->second->modified};
}

void ObjectCache::put(const std::string& key, ObjectPtr object, Revision modified,
                      std::size_t bytes) {
  if (auto found = index_.find(key); found != index_.end()) {
    if (found->second->modified > modified) return;
    drop(found->second);
  }
  slots_.push_front({key, std::move(object), modified, bytes});
  index_.emplace(slots_.front().key, slots_.begin());
  bytes_ += bytes;
  while (bytes_ > max_bytes_ && !slots_.empty()) drop(std::prev(slots_.end()));
}

void ObjectCache::erase(std::string_view key) {
  if (auto found = index_.find(key); found != index_.end()) drop(found->second);
}

void ObjectCache::drop(Slots::iterator slot) {
  bytes_ -= slot->bytes;
  index_.erase(slot->key);
  slots_.erase(slot);
}

}  // namespace mizan::store
