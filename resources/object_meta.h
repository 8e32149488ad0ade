// metadata, which every kind shares and no CRD describes: its fields, their types and the rules for
// names and labels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

/// Whether metadata has the types that ObjectMeta wants; what is wrong in the words of Go's
/// decoder, which answers 400 before anything else is looked at: "json: cannot unmarshal bool into
/// Go struct field ObjectMeta.name of type string". Also for apiVersion and kind ("… into Go struct
/// field TypeMeta.kind of type string").
std::optional<std::string> check_metadata_types(const Json& object);

/// Takes unknown fields out of a metadata object and returns their names (paths for those of
/// owners).
std::vector<std::string> prune_metadata(Json& metadata);

/// Names, label and annotation syntax, owner references, sizes: what a typed reader can't see.
std::vector<FieldError> validate_metadata(const Json& object, bool namespaced);

/// The OpenAPI schema of metadata as `kubectl explain pod.metadata` wants it.
const Json& metadata_schema();

}  // namespace mizan::resources
