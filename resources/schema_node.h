// One node of a structural schema, as the four walkers (read, prune, default, validate) share it.
//
// Private to the schema_*.cc files; everybody else includes resources/schema.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resources/schema.h"

namespace re2 {
class RE2;
}

namespace mizan::resources {

enum class SchemaType { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean };
enum class ListType { kAtomic, kSet, kMap };

/// What only validation reads. Most nodes of most schemas have none, so it hangs off the node.
struct ValueRules {
  std::vector<Json> allowed;  // enum
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::uint64_t> min_length, max_length;
  std::optional<std::uint64_t> min_items, max_items, min_properties, max_properties;
  bool unique_items = false;
  std::string pattern;
  std::shared_ptr<const re2::RE2> regex;  // of pattern; RE2 as in Kubernetes: linear in the text
  std::string format;
  std::vector<std::string> required;
  // Value validations under the junctors; never pruned or defaulted by.
  std::vector<std::shared_ptr<const Schema>> all_of, any_of, one_of;
  std::shared_ptr<const Schema> none_of;  // not
};

class Schema {
 public:
  SchemaType type = SchemaType::kAny;
  ListType list_type = ListType::kAtomic;
  bool nullable = false;
  bool preserve_unknown = false;
  bool int_or_string = false;
  bool embedded_resource = false;
  bool additional_allowed = false;  // additionalProperties: true
  bool has_defaults = false;        // here or below: apply_defaults skips the rest
  std::map<std::string, std::shared_ptr<const Schema>, std::less<>> properties;
  std::shared_ptr<const Schema> additional;  // additionalProperties: {…}
  std::shared_ptr<const Schema> items;
  std::vector<std::string> map_keys;  // of a map list, or the merge key of a strategic merge patch
  std::optional<Json> default_value;
  std::unique_ptr<ValueRules> rules;
  bool drop_nulls = false;     // at the root: null means absent, as for Go's types
  bool has_cel_rules = false;  // x-kubernetes-validations, here or below
  Json source;                 // kept at the root alone
};

std::string_view to_string(SchemaType type);

/// `path.key`, or `key` at the root.
std::string join_path(const std::string& path, std::string_view key);
std::string index_path(const std::string& path, std::size_t index);

}  // namespace mizan::resources
