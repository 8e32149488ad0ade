// Patches as pure functions on objects: JSON merge patch (RFC 7386), JSON patch (RFC 6902), and for
// built-in kinds the strategic merge patch, which knows that containers are told apart by name.
#pragma once

#include "core/json.h"
#include "core/result.h"
#include "store/object_store.h"

namespace mizan::store {

/// Errors: kInvalid without fields for a JSON patch that doesn't apply; kBadRequest for a body that
/// is no patch; kUnsupportedMediaType for a strategic patch of a custom resource.
Result<Json> apply_patch(const resources::ResourceDefinition& definition, const Json& object,
                         const Patch& patch);

}  // namespace mizan::store
