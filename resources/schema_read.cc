// Reads openAPIV3Schema into the tree that the other walkers use, and refuses what is not
// structural.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/schema_node.h"

namespace mizan::resources {
namespace {

/// Junctors (allOf, …) hold value validations only: types are optional there.
enum class Place { kStructural, kValueValidation };

class Reader {
 public:
  std::shared_ptr<Schema> read(const Json& source, const std::string& path, Place place);
  std::vector<FieldError> errors;

 private:
  void read_type(const Json& source, const std::string& path, Place place, Schema& node);
  void read_children(const Json& source, const std::string& path, Place place, Schema& node);
  void read_list_type(const Json& source, const std::string& path, Schema& node);
  void read_rules(const Json& source, const std::string& path, Schema& node);
  void read_pattern(const Json& source, const std::string& path, ValueRules& rules);
  void read_junctors(const Json& source, const std::string& path, ValueRules& rules);
  std::vector<std::shared_ptr<const Schema>> read_several(const Json& source,
                                                          const std::string& path,
                                                          std::string_view key);
};

bool is_below(const Schema& node, bool Schema::* flag) {
  if (node.items && (*node.items).*flag) return true;
  if (node.additional && (*node.additional).*flag) return true;
  return std::ranges::any_of(node.properties,
                             [&](const auto& entry) { return (*entry.second).*flag; });
}

std::shared_ptr<Schema> Reader::read(const Json& source, const std::string& path, Place place) {
  auto node = std::make_shared<Schema>();
  if (!source.is_object()) {
    errors.push_back(invalid(path, source, "must be an object that describes a value"));
    return node;
  }
  if (source.contains("$ref"))
    errors.push_back(forbidden(join_path(path, "$ref"), "$ref is not supported"));
  node->nullable = flag_field(source, "nullable");
  node->preserve_unknown = flag_field(source, "x-kubernetes-preserve-unknown-fields");
  node->int_or_string = flag_field(source, "x-kubernetes-int-or-string");
  node->embedded_resource = flag_field(source, "x-kubernetes-embedded-resource");
  read_type(source, path, place, *node);
  read_children(source, path, place, *node);
  read_list_type(source, path, *node);
  read_rules(source, path, *node);
  if (const Json* value = field(source, "default")) node->default_value = *value;
  node->has_defaults = node->default_value.has_value() || is_below(*node, &Schema::has_defaults);
  node->has_cel_rules = !array_field(source, "x-kubernetes-validations").empty() ||
                        is_below(*node, &Schema::has_cel_rules);
  return node;
}

void Reader::read_type(const Json& source, const std::string& path, Place place, Schema& node) {
  static const std::map<std::string, SchemaType, std::less<>> kTypes = {
      {"object", SchemaType::kObject}, {"array", SchemaType::kArray},
      {"string", SchemaType::kString}, {"integer", SchemaType::kInteger},
      {"number", SchemaType::kNumber}, {"boolean", SchemaType::kBoolean}};
  const Json* type = field(source, "type");
  if (type == nullptr) {
    const bool free =
        node.int_or_string || node.preserve_unknown || place == Place::kValueValidation;
    if (!free)
      errors.push_back(
          required(join_path(path, "type"), "must not be empty for specified object fields"));
    return;
  }
  const auto known =
      type->is_string() ? kTypes.find(type->get_ref<const std::string&>()) : kTypes.end();
  if (known == kTypes.end()) {
    std::vector<std::string> words;
    for (const auto& [word, unused] : kTypes) words.push_back(word);
    errors.push_back(not_supported(join_path(path, "type"), *type, words));
    return;
  }
  node.type = known->second;
}

void Reader::read_children(const Json& source, const std::string& path, Place place, Schema& node) {
  for (const auto& [name, child] : object_field(source, "properties").items()) {
    node.properties.emplace(name, read(child, fmt::format("{}.properties[{}]", path, name), place));
  }
  if (const Json* additional = field(source, "additionalProperties")) {
    if (additional->is_boolean()) {
      node.additional_allowed = additional->get<bool>();
    } else if (place == Place::kStructural && !node.properties.empty()) {
      errors.push_back(forbidden(join_path(path, "additionalProperties"),
                                 "additionalProperties and properties are mutual exclusive"));
    } else {
      node.additional = read(*additional, join_path(path, "additionalProperties"), place);
    }
  }
  if (const Json* items = field(source, "items")) {
    node.items = read(*items, join_path(path, "items"), place);
  } else if (node.type == SchemaType::kArray && place == Place::kStructural) {
    errors.push_back(required(join_path(path, "items"), "must be specified"));
  }
}

void Reader::read_list_type(const Json& source, const std::string& path, Schema& node) {
  const std::string word = text_field(source, "x-kubernetes-list-type", "atomic");
  node.map_keys = texts_field(source, "x-kubernetes-list-map-keys");
  // Lists of built-in kinds that may hold duplicates still have a key that patches merge by.
  if (const std::string key = text_field(source, "x-kubernetes-patch-merge-key");
      node.map_keys.empty() && !key.empty()) {
    node.map_keys.push_back(key);
  }
  if (word == "map") {
    node.list_type = ListType::kMap;
    if (node.map_keys.empty()) {
      errors.push_back(required(join_path(path, "x-kubernetes-list-map-keys"),
                                "must not be empty if x-kubernetes-list-type is map"));
    }
  } else if (word == "set") {
    node.list_type = ListType::kSet;
  } else if (word != "atomic") {
    const std::vector<std::string> words = {"atomic", "map", "set"};
    errors.push_back(not_supported(join_path(path, "x-kubernetes-list-type"), word, words));
  }
}

std::optional<std::uint64_t> count_field(const Json& source, std::string_view key) {
  const auto count = integer_field(source, key);
  return count && *count >= 0 ? std::optional(static_cast<std::uint64_t>(*count)) : std::nullopt;
}

void Reader::read_rules(const Json& source, const std::string& path, Schema& node) {
  static const std::set<std::string, std::less<>> kKeys = {"enum",
                                                           "minimum",
                                                           "maximum",
                                                           "multipleOf",
                                                           "exclusiveMinimum",
                                                           "exclusiveMaximum",
                                                           "minLength",
                                                           "maxLength",
                                                           "minItems",
                                                           "maxItems",
                                                           "minProperties",
                                                           "maxProperties",
                                                           "pattern",
                                                           "format",
                                                           "required",
                                                           "allOf",
                                                           "anyOf",
                                                           "oneOf",
                                                           "not",
                                                           "uniqueItems"};
  if (std::ranges::none_of(source.items(),
                           [](const auto& entry) { return kKeys.contains(entry.key()); }))
    return;
  node.rules = std::make_unique<ValueRules>();
  ValueRules& rules = *node.rules;
  for (const Json& value : array_field(source, "enum")) rules.allowed.push_back(value);
  rules.minimum = number_field(source, "minimum");
  rules.maximum = number_field(source, "maximum");
  rules.multiple_of = number_field(source, "multipleOf");
  rules.exclusive_minimum = flag_field(source, "exclusiveMinimum");
  rules.exclusive_maximum = flag_field(source, "exclusiveMaximum");
  rules.min_length = count_field(source, "minLength");
  rules.max_length = count_field(source, "maxLength");
  rules.min_items = count_field(source, "minItems");
  rules.max_items = count_field(source, "maxItems");
  rules.min_properties = count_field(source, "minProperties");
  rules.max_properties = count_field(source, "maxProperties");
  rules.unique_items = flag_field(source, "uniqueItems");
  rules.format = text_field(source, "format");
  rules.required = texts_field(source, "required");
  read_pattern(source, path, rules);
  read_junctors(source, path, rules);
}

void Reader::read_pattern(const Json& source, const std::string& path, ValueRules& rules) {
  rules.pattern = text_field(source, "pattern");
  if (rules.pattern.empty()) return;
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<re2::RE2>(rules.pattern, options);
  if (regex->ok()) {
    rules.regex = std::move(regex);
  } else {
    errors.push_back(invalid(join_path(path, "pattern"), rules.pattern,
                             "must be a valid regular expression, but isn't: " + regex->error()));
  }
}

void Reader::read_junctors(const Json& source, const std::string& path, ValueRules& rules) {
  rules.all_of = read_several(source, path, "allOf");
  rules.any_of = read_several(source, path, "anyOf");
  rules.one_of = read_several(source, path, "oneOf");
  if (const Json* none = field(source, "not")) {
    rules.none_of = read(*none, join_path(path, "not"), Place::kValueValidation);
  }
}

std::vector<std::shared_ptr<const Schema>> Reader::read_several(const Json& source,
                                                                const std::string& path,
                                                                std::string_view key) {
  std::vector<std::shared_ptr<const Schema>> nodes;
  for (const Json& child : array_field(source, key)) {
    nodes.push_back(
        read(child, index_path(join_path(path, key), nodes.size()), Place::kValueValidation));
  }
  return nodes;
}

}  // namespace

std::string join_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string index_path(const std::string& path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

std::string_view to_string(SchemaType type) {
  switch (type) {
    case SchemaType::kAny:
      return "any";
    case SchemaType::kObject:
      return "object";
    case SchemaType::kArray:
      return "array";
    case SchemaType::kString:
      return "string";
    case SchemaType::kInteger:
      return "integer";
    case SchemaType::kNumber:
      return "number";
    case SchemaType::kBoolean:
      return "boolean";
  }
  return "any";
}

Result<std::shared_ptr<const Schema>> read_schema(const Json& openapi_v3_schema) {
  Reader reader;
  std::shared_ptr<Schema> root = reader.read(openapi_v3_schema, "", Place::kStructural);
  if (openapi_v3_schema.is_object() && root->type != SchemaType::kObject && reader.errors.empty()) {
    reader.errors.push_back(invalid("type", to_string(root->type), "must be object at the root"));
  }
  if (!reader.errors.empty()) {
    return fail(Code::kInvalid, "the schema is not structural: " + join(reader.errors),
                reader.errors);
  }
  root->source = openapi_v3_schema;
  root->drop_nulls = text_field(openapi_v3_schema, "x-mizan-nulls") == "drop";
  root->source.erase("x-mizan-nulls");
  return root;
}

const Json& source_of(const Schema& schema) { return schema.source; }

bool has_cel_rules(const Schema& schema) { return schema.has_cel_rules; }

std::vector<std::string> list_map_keys(const Schema& schema, std::string_view path) {
  const Schema* node = &schema;
  while (node != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    std::string_view key = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    // "containers[0]" and "containers[]" mean the element's schema.
    const auto bracket = key.find('[');
    const bool element = bracket != std::string_view::npos;
    key = key.substr(0, bracket);
    const auto child = node->properties.find(key);
    node = child != node->properties.end() ? child->second.get() : node->additional.get();
    if (element && node != nullptr) node = node->items.get();
  }
  return node == nullptr ? std::vector<std::string>{} : node->map_keys;
}

}  // namespace mizan::resources
