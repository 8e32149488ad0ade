// Who owns whom: every object's metadata that garbage collection needs, by uid, and the dependents
// of each owner.
//
// Pure bookkeeping. An owner may be named before it is seen, or never have existed; the graph holds
// what was said.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/json.h"
#include "resources/definition.h"
#include "resources/meta.h"

namespace mizan::controller {

struct OwnedObject {
  resources::ResourceId id;
  std::string ns, name, uid;
  std::vector<resources::OwnerReference> owners;
  bool being_deleted = false;
  bool foreground = false;  // finalizer foregroundDeletion: dependents go first
  bool orphan = false;      // finalizer orphan: dependents stay, without their reference
};

OwnedObject read_owned_object(const resources::ResourceId& id, const Json& object);

inline constexpr std::string_view kForegroundFinalizer = "foregroundDeletion";
inline constexpr std::string_view kOrphanFinalizer = "orphan";

class OwnerGraph {
 public:
  using Ptr = std::shared_ptr<const OwnedObject>;

  void put(Ptr object);
  void remove(const std::string& uid);
  Ptr find(const std::string& uid) const;  // null: not there
  std::vector<Ptr> dependents_of(const std::string& uid) const;
  bool has_dependents(const std::string& uid) const { return dependents_.contains(uid); }
  /// Objects with an owner that isn't in the graph.
  std::vector<Ptr> with_missing_owners() const;
  std::size_t size() const { return objects_.size(); }

 private:
  void unlink(const OwnedObject& object);

  std::unordered_map<std::string, Ptr> objects_;
  std::unordered_map<std::string, std::unordered_set<std::string>>
      dependents_;  // owner uid -> uids
};

}  // namespace mizan::controller
