// GarbageCollector: the graph is fed by one informer per kind; a worker looks at one object at a
// time.
#include "controller/garbage_collector.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "core/log.h"

namespace mizan::controller {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWorkers = 16;  // deletions in flight share commits
constexpr auto kLookForKinds = 5s;
constexpr std::size_t kMostAbsentUids = 4096;

/// Events and leases own nothing and are owned by nobody, and there are many of them.
bool is_collected(const resources::ResourceDefinition& definition) {
  if (definition.plural == "events" || definition.plural == "leases") return false;
  const auto can = [&](std::string_view verb) {
    return definition.verbs.empty() || std::find(definition.verbs.begin(), definition.verbs.end(),
                                                 verb) != definition.verbs.end();
  };
  return can("list") && can("watch") && can("delete");
}

bool same_owners(const OwnedObject& a, const OwnedObject& b) { return a.owners == b.owners; }

/// What makes it harmless that an object changed or went away under our hands: the change comes by
/// again.
Result<> unless_gone(const Error& error) {
  if (error.code == Code::kNotFound) return {};
  return fail(error);
}

}  // namespace

GarbageCollector::GarbageCollector(boost::asio::any_io_executor executor, store::ObjectStore& store,
                                   const resources::ResourceTable& table)
    : executor_(executor),
      store_(store),
      table_(table),
      controller_(std::move(executor), *this, {"garbage-collector", kWorkers, {}}) {}

GarbageCollector::~GarbageCollector() = default;

Task<> GarbageCollector::start() {
  co_await refresh_kinds();
  listed_ = true;
  // Until now an owner could be missing only because its kind was not listed yet.
  for (const OwnerGraph::Ptr& object : graph_.with_missing_owners()) enqueue(object->uid);
  controller_.start();
  refreshing_ = true;
  boost::asio::co_spawn(executor_, keep_refreshing(), [this](const std::exception_ptr& broken) {
    refreshing_ = false;
    stop_asked_.notify_all();
    if (broken) std::rethrow_exception(broken);
  });
}

Task<> GarbageCollector::stop() {
  stopping_ = true;
  stop_asked_.notify_all();
  while (refreshing_) co_await stop_asked_.wait();
  co_await controller_.stop();
  for (const auto& [id, kind] : kinds_) co_await InformerCore::finish(kind->core());
}

Task<> GarbageCollector::keep_refreshing() {
  while (!stopping_) {
    co_await stop_asked_.wait_for(kLookForKinds);
    if (!stopping_) co_await refresh_kinds();
  }
}

void GarbageCollector::watch(const resources::ResourceDefinition& definition) {
  const resources::ResourceId id = definition.id();
  auto kind = std::make_unique<Kind>(store_, store::Selection(id), [id](const Json& object) {
    return read_owned_object(id, object);
  });
  kind->on_change([this](const Kind::Event& event) { changed(event); });
  kinds_[id] = std::move(kind);
}

Task<> GarbageCollector::refresh_kinds() {
  std::vector<std::shared_ptr<InformerCore>> added;
  for (const resources::ResourceDefinition* definition : table_.all()) {
    if (!is_collected(*definition) || kinds_.contains(definition->id())) continue;
    watch(*definition);
    added.push_back(kinds_[definition->id()]->core());
  }
  std::vector<std::unique_ptr<Kind>> lost;
  for (auto kind = kinds_.begin(); kind != kinds_.end();) {
    const auto current = kind++;
    if (table_.find(current->first) != nullptr) continue;
    lost.push_back(std::move(current->second));
    kinds_.erase(current);
  }
  for (const auto& kind : lost) co_await InformerCore::finish(kind->core());
  for (const auto& core : added) co_await InformerCore::start(core);
}

void GarbageCollector::changed(const Kind::Event& event) {
  // A name that was deleted and made again between two lists is another object: the uid tells.
  if (event.before && (!event.after || event.after->uid != event.before->uid)) gone(*event.before);
  if (!event.after) return;
  const OwnedObject& object = *event.after;
  graph_.put(event.after);
  if (!listed_) return;
  if (object.being_deleted) {
    if (object.foreground || object.orphan) enqueue(object.uid);
    return;
  }
  if (object.owners.empty() || (event.before && same_owners(*event.before, object))) return;
  const bool all_there =
      std::all_of(object.owners.begin(), object.owners.end(), [&](const auto& owner) {
        const OwnerGraph::Ptr found = graph_.find(owner.uid);
        return found && !found->being_deleted;
      });
  if (!all_there) enqueue(object.uid);
}

void GarbageCollector::gone(const OwnedObject& object) {
  if (absent_.size() >= kMostAbsentUids) absent_.clear();  // only a cache: exists() looks again
  absent_.insert(object.uid);
  graph_.remove(object.uid);
  for (const OwnerGraph::Ptr& dependent : graph_.dependents_of(object.uid)) enqueue(dependent->uid);
  for (const resources::OwnerReference& owner : object.owners) {
    const OwnerGraph::Ptr found = graph_.find(owner.uid);
    if (found && found->being_deleted && found->foreground) enqueue(found->uid);
  }
}

Task<Result<RequeueAfter>> GarbageCollector::reconcile(Request request) {
  const OwnerGraph::Ptr object = graph_.find(request.name);
  if (!object) co_return RequeueAfter();
  Result<> done;
  if (object->being_deleted && object->orphan) {
    done = co_await orphan_dependents(object);
  } else if (object->being_deleted && object->foreground) {
    done = co_await delete_dependents_first(object);
  } else if (!object->being_deleted && !object->owners.empty()) {
    done = co_await collect(object);
  }
  if (!done) co_return fail(std::move(done).error());
  co_return RequeueAfter();
}

Task<Result<>> GarbageCollector::orphan_dependents(OwnerGraph::Ptr owner) {
  for (const OwnerGraph::Ptr& dependent : graph_.dependents_of(owner->uid)) {
    Result<> dropped = co_await drop_references(dependent, {owner->uid});
    if (!dropped) co_return dropped;
  }
  co_return co_await drop_finalizer(owner, std::string(kOrphanFinalizer));
}

Task<Result<>> GarbageCollector::delete_dependents_first(OwnerGraph::Ptr owner) {
  bool blocked = false;
  for (const OwnerGraph::Ptr& dependent : graph_.dependents_of(owner->uid)) {
    if (!dependent->being_deleted) enqueue(dependent->uid);
    blocked |=
        std::any_of(dependent->owners.begin(), dependent->owners.end(), [&](const auto& reference) {
          return reference.uid == owner->uid && reference.block_owner_deletion;
        });
  }
  if (blocked) co_return Result<>();  // gone() comes back here with each dependent that goes
  co_return co_await drop_finalizer(owner, std::string(kForegroundFinalizer));
}

Task<Result<>> GarbageCollector::collect(OwnerGraph::Ptr object) {
  bool solid = false;
  bool waiting = false;
  std::unordered_set<std::string> needless;
  for (const resources::OwnerReference& reference : object->owners) {
    const OwnerGraph::Ptr owner = graph_.find(reference.uid);
    if (owner && owner->being_deleted && owner->foreground) {
      waiting = true;
      needless.insert(reference.uid);
      continue;
    }
    bool there = owner != nullptr;
    if (!there) {
      CO_TRY(there, co_await exists(reference, object->ns));
    }
    solid |= there;
    if (!there) needless.insert(reference.uid);
  }
  if (solid && needless.empty()) co_return Result<>();
  if (solid) co_return co_await drop_references(object, std::move(needless));
  const bool foreground = object->foreground || (waiting && graph_.has_dependents(object->uid));
  const auto propagation = object->orphan ? store::Propagation::kOrphan
                           : foreground   ? store::Propagation::kForeground
                                          : store::Propagation::kBackground;
  co_return co_await remove(object, propagation);
}

Task<Result<bool>> GarbageCollector::exists(resources::OwnerReference owner, std::string ns) {
  if (absent_.contains(owner.uid)) co_return false;
  const resources::ResourceDefinition* definition = table_.find_kind(owner.api_version, owner.kind);
  // A kind that nobody serves: its objects can't be asked for, so nothing is concluded from that.
  if (definition == nullptr) co_return true;
  store::Key key(definition->id(), definition->namespaced ? std::move(ns) : std::string(),
                 owner.name);
  const Result<store::ObjectPtr> found = co_await store_.get(std::move(key));
  if (found) co_return resources::uid_of(**found) == owner.uid;
  if (found.error().code == Code::kNotFound) co_return false;
  co_return fail(found.error());
}

Task<Result<>> GarbageCollector::drop_references(OwnerGraph::Ptr object,
                                                 std::unordered_set<std::string> owner_uids) {
  const store::Key key(object->id, object->ns, object->name);
  const Result<store::ObjectPtr> live = co_await store_.get(key);
  if (!live) co_return unless_gone(live.error());
  if (resources::uid_of(**live) != object->uid) co_return Result<>();
  Json kept = Json::array();
  if (const Json* references = find(**live, "metadata.ownerReferences"); references != nullptr) {
    for (const Json& reference : *references) {
      if (!owner_uids.contains(string_at(reference, "uid"))) kept.push_back(reference);
    }
  }
  Json changes;
  changes["metadata"]["resourceVersion"] = resources::resource_version_of(**live);
  changes["metadata"]["ownerReferences"] = std::move(kept);
  const Result<store::Written> written =
      co_await store_.patch(key, "", store::Patch(store::PatchType::kMerge, std::move(changes)));
  if (!written) co_return unless_gone(written.error());
  co_return Result<>();
}

Task<Result<>> GarbageCollector::drop_finalizer(OwnerGraph::Ptr object, std::string finalizer) {
  const store::Key key(object->id, object->ns, object->name);
  const Result<store::ObjectPtr> live = co_await store_.get(key);
  if (!live) co_return unless_gone(live.error());
  if (resources::uid_of(**live) != object->uid) co_return Result<>();
  Json kept = Json::array();
  for (const std::string& held : resources::finalizers_of(**live)) {
    if (held != finalizer) kept.push_back(held);
  }
  Json changes;
  changes["metadata"]["resourceVersion"] = resources::resource_version_of(**live);
  changes["metadata"]["finalizers"] = std::move(kept);
  const Result<store::Written> written =
      co_await store_.patch(key, "", store::Patch(store::PatchType::kMerge, std::move(changes)));
  if (!written) co_return unless_gone(written.error());
  co_return Result<>();
}

Task<Result<>> GarbageCollector::remove(OwnerGraph::Ptr object, store::Propagation propagation) {
  store::Key key(object->id, object->ns, object->name);
  store::RemoveOptions options;
  options.propagation = propagation;
  options.uid = object->uid;
  const Result<store::Removed> removed = co_await store_.remove(std::move(key), std::move(options));
  if (removed) co_return Result<>();
  // kConflict: another object has that name by now.
  if (removed.error().code == Code::kConflict) co_return Result<>();
  co_return unless_gone(removed.error());
}

}  // namespace mizan::controller
