// What becomes of an object on its way into the store, as pure functions: Kubernetes' rules for
// create, update and delete without any storage. LocalStore reads, asks these, writes with
// compare-and-swap.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "resources/admission.h"
#include "resources/definition.h"
#include "store/object_store.h"

namespace mizan::store {

struct Rules {
  const resources::ResourceDefinition& definition;
  const resources::ResourceTable& table;
  const resources::AdmissionTable& admission;
  Time now;
};

struct Prepared {
  Json object;  // as it will be stored; an update's has the resourceVersion of what it replaces
  std::vector<std::string> warnings;
  bool changed = true;  // false: there is nothing to write
  bool finished =
      false;  // nothing holds the dying object any longer: remove it instead of writing it
};

/// Fills in what a create may leave out (name from generateName, namespace, uid, creationTimestamp,
/// generation, defaults), takes out what it may not set (status, system fields), validates.
Result<Prepared> prepare_create(const Rules& rules, const std::string& ns, Json object,
                                const WriteOptions& options);

/// `wanted` is the whole object; of it only what `subresource` may write is taken over onto
/// `current`. The caller has compared resourceVersions.
Result<Prepared> prepare_update(const Rules& rules, const Json& current,
                                std::string_view subresource, Json wanted,
                                const WriteOptions& options);

struct Removal {
  enum class Outcome { kGone, kMarked, kUnchanged };
  Outcome outcome = Outcome::kGone;
  std::optional<Json> changed;  // with deletionTimestamp, grace and finalizers; none: as it was
};
Result<Removal> prepare_remove(const Rules& rules, const Json& current,
                               const RemoveOptions& options);

/// 400 when the body names another object than the request does.
Result<> check_address(const Json& object, const std::string& ns, const std::string& name);

/// Whether metadata.generation is kept for this kind.
bool has_generation(const resources::ResourceDefinition& definition);

}  // namespace mizan::store
