// InformerCore: one coroutine that keeps the copy true.
#include "controller/informer_core.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <set>

#include "controller/backoff.h"
#include "core/log.h"
#include "resources/meta.h"

namespace mizan::controller {
namespace {

std::string key_of(const std::string& ns, const std::string& name) { return ns + "/" + name; }
std::string key_of(const Json& object) {
  return key_of(resources::namespace_of(object), resources::name_of(object));
}

/// Resource versions are numbers that grow on mizan's store and on every Kubernetes (promised
/// since 1.35).
std::uint64_t revision_of(std::string_view text) {
  std::uint64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}
std::uint64_t revision_in(const Json& object) {
  return revision_of(resources::resource_version_of(object));
}

constexpr std::size_t kPageSize = 500;

}  // namespace

InformerCore::InformerCore(store::ObjectStore& store, store::Selection selection, Decode decode,
                           Index index)
    : store_(store),
      selection_(std::move(selection)),
      decode_(std::move(decode)),
      index_(std::move(index)) {}

InformerCore::Decoded InformerCore::get(const std::string& ns, const std::string& name) const {
  const auto found = objects_.find(key_of(ns, name));
  return found == objects_.end() ? nullptr : found->second.object;
}

std::vector<InformerCore::Decoded> InformerCore::group(const std::string& index) const {
  std::vector<Decoded> members;
  const auto found = groups_.find(index);
  if (found == groups_.end()) return members;
  members.reserve(found->second.size());
  for (const auto& [key, object] : found->second) members.push_back(object);
  return members;
}

std::vector<InformerCore::Decoded> InformerCore::all() const {
  std::vector<Decoded> everything;
  everything.reserve(objects_.size());
  for (const auto& [key, slot] : objects_) everything.push_back(slot.object);
  return everything;
}

void InformerCore::observe(const store::ObjectPtr& object) {
  if (!object || !store::matches(selection_, *object)) return;
  const std::string key = key_of(*object);
  const std::uint64_t revision = revision_in(*object);
  // Not in the copy, and the watch is past it already: it was deleted since, don't bring it back.
  if (!objects_.contains(key) && revision <= seen_) return;
  put(key, revision, object);
}

void InformerCore::put(const std::string& key, std::uint64_t revision,
                       const store::ObjectPtr& object) {
  const auto [position, inserted] = objects_.try_emplace(key);
  Slot& slot = position->second;
  if (!inserted && revision <= slot.revision) return;
  const Decoded before = slot.object;
  slot.object = decode_(object);
  slot.revision = revision;
  if (index_) {
    std::string index = index_(slot.object.get());
    if (before && index != slot.index && !slot.index.empty()) groups_[slot.index].erase(key);
    if (!index.empty()) groups_[index][key] = slot.object;
    slot.index = std::move(index);
  }
  const Decoded after = slot.object;
  tell(before, after);
}

void InformerCore::drop(Objects::iterator slot) {
  const Decoded before = slot->second.object;
  if (const auto group = groups_.find(slot->second.index); group != groups_.end()) {
    group->second.erase(slot->first);
    if (group->second.empty()) groups_.erase(group);
  }
  objects_.erase(slot);
  tell(before, nullptr);
}

void InformerCore::tell(const Decoded& before, const Decoded& after) {
  for (const Handler& handler : handlers_) handler(before, after);
}

void InformerCore::apply(const store::WatchEvent& event) {
  const std::uint64_t revision = revision_in(*event.object);
  seen_ = std::max(seen_, revision);
  if (event.type == store::WatchEvent::Type::kBookmark) return;
  if (event.type != store::WatchEvent::Type::kDeleted)
    return put(key_of(*event.object), revision, event.object);
  const auto slot = objects_.find(key_of(*event.object));
  // A newer object of that name was observed from a write: the deletion was of its predecessor.
  if (slot != objects_.end() && slot->second.revision <= revision) drop(slot);
}

Task<Result<std::uint64_t>> InformerCore::relist() {
  std::vector<store::ObjectPtr> items;
  store::ListOptions options;
  options.limit = kPageSize;
  std::uint64_t revision = 0;
  do {
    CO_TRY(store::Page page, co_await store_.list(selection_, options));
    items.insert(items.end(), page.items.begin(), page.items.end());
    revision = revision_of(page.resource_version);
    options.continue_token = page.continue_token;
  } while (!options.continue_token.empty());

  std::set<std::string> present;
  for (const store::ObjectPtr& item : items) {
    std::string key = key_of(*item);
    put(key, revision_in(*item), item);
    present.insert(std::move(key));
  }
  for (auto slot = objects_.begin(); slot != objects_.end();) {
    const auto current = slot++;
    // What was observed from a write after this list stays: the watch will speak of it.
    if (!present.contains(current->first) && current->second.revision <= revision) drop(current);
  }
  seen_ = std::max(seen_, revision);
  co_return revision;
}

Task<Result<>> InformerCore::follow(std::uint64_t revision) {
  store::WatchOptions options;
  options.resource_version = std::to_string(revision);
  options.bookmarks = true;
  CO_TRY(std::unique_ptr<store::Watch> watch, co_await store_.watch(selection_, options));
  if (stopped_) co_return Result<>();
  watch_ = watch.get();
  while (!stopped_) {
    Result<store::WatchEvent> event = co_await watch->next();
    if (!event) {
      watch_ = nullptr;
      co_return fail(std::move(event).error());
    }
    apply(*event);
  }
  watch_ = nullptr;
  co_return Result<>();
}

Task<Result<>> InformerCore::list_and_watch() {
  CO_TRY(const std::uint64_t listed, co_await relist());
  if (!synced_) {
    synced_ = true;
    changed_.notify_all();
  }
  // Servers end watches as a matter of course: go on where the last one stopped while it got
  // anywhere at all.
  std::uint64_t from = listed;
  while (!stopped_) {
    Result<> ended = co_await follow(from);
    if (stopped_) break;
    if (!ended && (ended.error().code == Code::kExpired || seen_ == from)) co_return ended;
    from = seen_;
  }
  co_return Result<>();
}

Task<> InformerCore::run(std::shared_ptr<InformerCore> self) {
  self->running_ = true;
  unsigned failures = 0;
  while (!self->stopped_) {
    const std::uint64_t before = self->seen_;
    Result<> outcome;
    try {
      outcome = co_await self->list_and_watch();
    } catch (const std::exception& broken) {
      outcome = fail(Code::kInternal, std::string("unexpected: ") + broken.what());
    }
    if (self->stopped_) break;
    if (self->seen_ != before) failures = 0;
    if (!outcome && outcome.error().code != Code::kExpired) {
      log_warn("informer", "lost its watch, lists again",
               {{"kind", self->selection_.id.resource}, {"error", outcome.error().message}});
    }
    co_await self->changed_.wait_for(backoff_delay(++failures));
  }
  self->running_ = false;
  self->changed_.notify_all();
}

Task<> InformerCore::wait_until_synced(std::shared_ptr<InformerCore> self) {
  while (!self->synced_ && !self->stopped_) co_await self->changed_.wait();
}

Task<> InformerCore::start(std::shared_ptr<InformerCore> self) {
  self->running_ = true;
  boost::asio::co_spawn(co_await boost::asio::this_coro::executor, run(self),
                        [](const std::exception_ptr& broken) {
                          if (broken) std::rethrow_exception(broken);
                        });
  co_await wait_until_synced(self);
}

void InformerCore::stop() {
  stopped_ = true;
  if (watch_ != nullptr) watch_->cancel();
  changed_.notify_all();
}

Task<> InformerCore::finish(std::shared_ptr<InformerCore> self) {
  self->stop();
  while (self->running_) co_await self->changed_.wait();
}

}  // namespace mizan::controller
