// The steps that every write goes through, whatever its verb: reading the shape, defaults,
// validation, admission.
#pragma once

#include <string>
#include <vector>

#include "store/write_rules.h"

namespace mizan::store {

/// Types of metadata, apiVersion and kind (filled in when absent), unknown fields by
/// `options.field_validation`. Errors: kBadRequest, kInvalid for another kind.
Result<> read_shape(const Rules& rules, Json& object, const WriteOptions& options,
                    std::vector<std::string>& warnings);

/// Takes out what means nothing: null and empty labels, annotations, finalizers, owners, times.
void tidy_metadata(Json& metadata);

/// Defaults of the schema, then (unless `schema_only`, as for subresources) of admission; then
/// validation of metadata and schema, and only for what is well-formed that of admission. `old` is
/// null on create.
Result<> admit(const Rules& rules, Json& object, const Json* old, bool schema_only,
               std::vector<std::string>& warnings);

}  // namespace mizan::store
