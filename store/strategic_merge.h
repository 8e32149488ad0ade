// Strategic merge patch: a merge patch that knows which lists of the built-in kinds are maps by
// some key.
//
// kubectl sends it to built-in kinds (apply, label, edit, set). Directives: $patch (replace,
// delete, merge), $setElementOrder/FIELD, $deleteFromPrimitiveList/FIELD, $retainKeys.
#pragma once

#include "core/json.h"
#include "core/result.h"

namespace mizan::store {

/// Errors: kBadRequest for a directive that makes no sense, or a list element without its merge
/// key.
Result<Json> strategic_merge(const Json& object, const Json& patch);

}  // namespace mizan::store
