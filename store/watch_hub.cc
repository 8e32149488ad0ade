// Fan-out of changes.
#include "store/watch_hub.h"

#include "store/object_codec.h"
#include "store/object_key.h"

namespace mizan::store {

const ObjectPtr& DecodedChange::after() {
  if (!after_ && change_.type != Change::Type::kDeleted) {
    after_ = decode_object(*change_.entry.value, change_.revision);
  }
  return after_;
}

const ObjectPtr& DecodedChange::before() {
  if (!before_ && change_.type != Change::Type::kCreated) {
    before_ = decode_object(*change_.previous, change_.previous_modified);
  }
  return before_;
}

const ObjectPtr& DecodedChange::last() {
  if (!last_) last_ = with_revision(*before(), change_.revision);
  return last_;
}

std::optional<WatchEvent> event_of(const Selection& selection, DecodedChange& change) {
  using Type = WatchEvent::Type;
  const bool is_now = change.after() != nullptr && matches(selection, *change.after());
  const bool was = change.before() != nullptr && matches(selection, *change.before());
  if (!is_now && !was) return std::nullopt;
  WatchEvent event;
  event.type = !was ? Type::kAdded : is_now ? Type::kModified : Type::kDeleted;
  event.object = is_now ? change.after() : change.last();
  return event;
}

void WatchHub::add(const std::shared_ptr<WatchQueue>& queue) {
  if (closed_) {
    queue->closed = true;
    return;
  }
  queues_[resource_prefix(queue->selection.id)].push_back(queue);
}

void WatchHub::remove(const WatchQueue& queue) {
  auto found = queues_.find(resource_prefix(queue.selection.id));
  if (found == queues_.end()) return;
  std::erase_if(found->second, [&](const auto& other) { return other.get() == &queue; });
  if (found->second.empty()) queues_.erase(found);
}

bool WatchHub::anyone_watches(std::string_view resource_prefix) const {
  return queues_.find(resource_prefix) != queues_.end();
}

void WatchHub::publish(DecodedChange& change) {
  auto found = queues_.find(resource_prefix_of(change.change().entry.key));
  if (found == queues_.end()) return;
  for (const std::shared_ptr<WatchQueue>& queue : found->second) {
    if (change.revision() <= queue->after || queue->overflowed) continue;
    // A namespace is in the key: no need to look into objects of others.
    if (!queue->selection.ns.empty() &&
        !change.change().entry.key.starts_with(selection_prefix(queue->selection))) {
      continue;
    }
    std::optional<WatchEvent> event = event_of(queue->selection, change);
    if (!event) continue;
    if (queue->items.size() >= queue_limit_) {
      queue->overflowed = true;
      queue->items.clear();
    } else {
      queue->items.push_back({change.revision(), *std::move(event)});
    }
    queue->wake.cancel();
  }
}

ObjectPtr WatchHub::cached(const std::string& key, Revision modified) {
  ObjectCache::Found found = cache_.find(key);
  return found.modified == modified ? std::move(found.object) : nullptr;
}

void WatchHub::close() {
  closed_ = true;
  for (auto& [prefix, queues] : queues_) {
    for (const std::shared_ptr<WatchQueue>& queue : queues) {
      queue->closed = true;
      queue->wake.cancel();
    }
  }
  queues_.clear();
}

std::size_t WatchHub::watchers() const {
  std::size_t count = 0;
  for (const auto& [prefix, queues] : queues_) count += queues.size();
  return count;
}

}  // namespace mizan::store
