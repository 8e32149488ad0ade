// OwnerGraph: two hash maps that are kept consistent.
#include "controller/owner_graph.h"

#include <algorithm>

namespace mizan::controller {

OwnedObject read_owned_object(const resources::ResourceId& id, const Json& object) {
  OwnedObject read;
  read.id = id;
  read.ns = resources::namespace_of(object);
  read.name = resources::name_of(object);
  read.uid = resources::uid_of(object);
  read.owners = resources::owners_of(object);
  read.being_deleted = resources::is_being_deleted(object);
  for (const std::string& finalizer : resources::finalizers_of(object)) {
    read.foreground |= finalizer == kForegroundFinalizer;
    read.orphan |= finalizer == kOrphanFinalizer;
  }
  return read;
}

void OwnerGraph::put(Ptr object) {
  Ptr& slot = objects_[object->uid];
  if (slot) unlink(*slot);
  for (const resources::OwnerReference& owner : object->owners)
    dependents_[owner.uid].insert(object->uid);
  slot = std::move(object);
}

void OwnerGraph::remove(const std::string& uid) {
  const auto found = objects_.find(uid);
  if (found == objects_.end()) return;
  unlink(*found->second);
  objects_.erase(found);
}

void OwnerGraph::unlink(const OwnedObject& object) {
  for (const resources::OwnerReference& owner : object.owners) {
    const auto found = dependents_.find(owner.uid);
    if (found == dependents_.end()) continue;
    found->second.erase(object.uid);
    if (found->second.empty()) dependents_.erase(found);
  }
}

OwnerGraph::Ptr OwnerGraph::find(const std::string& uid) const {
  const auto found = objects_.find(uid);
  return found == objects_.end() ? nullptr : found->second;
}

std::vector<OwnerGraph::Ptr> OwnerGraph::dependents_of(const std::string& uid) const {
  std::vector<Ptr> dependents;
  const auto found = dependents_.find(uid);
  if (found == dependents_.end()) return dependents;
  for (const std::string& dependent : found->second) {
    if (Ptr object = find(dependent)) dependents.push_back(std::move(object));
  }
  return dependents;
}

std::vector<OwnerGraph::Ptr> OwnerGraph::with_missing_owners() const {
  std::vector<Ptr> lonely;
  for (const auto& [uid, object] : objects_) {
    const bool missing =
        std::any_of(object->owners.begin(), object->owners.end(),
                    [&](const auto& owner) { return !objects_.contains(owner.uid); });
    if (missing) lonely.push_back(object);
  }
  return lonely;
}

}  // namespace mizan::controller
