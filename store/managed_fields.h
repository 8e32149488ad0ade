// metadata.managedFields: which client set which field. Kept for objects whose writers give their
// name (every client of the HTTP front does); objects that only controllers write carry none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "resources/definition.h"
#include "store/field_set.h"

namespace mizan::store {

struct FieldManager {
  std::string name;
  bool applies = false;  // by server-side apply; else by create, update, patch
  std::string subresource, api_version;
  std::string time;
  FieldSet fields;
};

std::vector<FieldManager> read_managers(const Json& object);
/// Writes them in Kubernetes' order, those without fields left out.
void write_managers(Json& object, std::vector<FieldManager> managers);

struct FieldWriter {
  std::string name;  // empty: one without a name; counts only where others have theirs
  std::string subresource;
  Time now;
};

/// After a create (`before` null), update or patch: what changed is `writer`'s now and nobody
/// else's.
void track_write(const resources::ResourceDefinition& definition, const Json* before, Json& after,
                 const FieldWriter& writer);

/// Server-side apply: `applied` put over `current`, without what the manager applied before and
/// leaves out now. The result carries the new managedFields. Errors: kConflict with a field for
/// each that another manager owns with another value, unless `force` takes it.
Result<Json> apply_over(const resources::ResourceDefinition& definition, const Json& current,
                        const Json& applied, const FieldWriter& writer, bool force);

/// The managedFields of an object that begins by being applied.
void track_applied_create(const resources::ResourceDefinition& definition, const Json& applied,
                          Json& after, const FieldWriter& writer);

}  // namespace mizan::store
