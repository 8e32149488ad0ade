// Structural schemas (OpenAPI v3 as CustomResourceDefinitions restrict it): one tree per kind, used
// by every reader of outside text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

class Schema;  // immutable once built; shared between threads

/// Errors: kInvalid with the path inside the schema for anything that is not structural.
Result<std::shared_ptr<const Schema>> read_schema(const Json& openapi_v3_schema);

/// Takes unknown fields out of `object` and returns their paths ("spec.maxTrials"), sorted.
/// apiVersion, kind and metadata's known fields always stay; x-kubernetes-preserve-unknown-fields
/// is honoured. For built-in kinds (x-mizan-nulls: drop at the root) fields that are null are taken
/// out silently: for Go they are absent.
std::vector<std::string> prune(Json& object, const Schema& schema);

/// Fills in `default:` values where a field is absent. Idempotent.
void apply_defaults(Json& object, const Schema& schema);

/// Type, enum, bounds, required, pattern, format, list-type: every error at its path, in document
/// order, in Kubernetes' words ("Unsupported value: \"smallest\": supported values: \"minimize\",
/// \"maximize\"").
std::vector<FieldError> validate(const Json& object, const Schema& schema);

/// The schema as it was read: what OpenAPI documents and `explain` show.
const Json& source_of(const Schema& schema);

/// Whether x-kubernetes-validations (CEL) stand anywhere in it: they are not evaluated, and whoever
/// takes the definition from a user says so in a warning.
bool has_cel_rules(const Schema& schema);

/// The keys by which the elements of the list at that path ("spec.containers",
/// "spec.containers[].env") are told apart by patches: those of x-kubernetes-list-type: map, or
/// x-kubernetes-patch-merge-key; empty where lists are replaced.
std::vector<std::string> list_map_keys(const Schema& schema, std::string_view path);

}  // namespace mizan::resources
