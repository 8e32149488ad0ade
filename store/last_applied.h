// kubectl's annotation with what it applied last, seen from server-side apply: who changes over
// from client-side apply to it must not be in conflict with himself, and the annotation must not
// grow stale, for `kubectl apply` may come back.
#pragma once

#include "core/json.h"
#include "store/field_set.h"
#include "store/managed_fields.h"
#include "store/typed_walk.h"

namespace mizan::store {

/// The fields of `live` that `writer` may take from whoever has them: for kubectl those that its
/// annotation says and that still have the value of then; for others none.
FieldSet yielding_fields(const Json& live, const FieldWriter& writer, const TypeAt& type);

/// Writes into the annotation of `next`, where there is one, what kubectl has applied now.
void refresh_last_applied(Json& next, const Json& applied, const FieldWriter& writer);

}  // namespace mizan::store
