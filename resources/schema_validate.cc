// Says everything that is wrong with a value, in Kubernetes' words.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/time.h"
#include "resources/field_error.h"
#include "resources/field_path.h"
#include "resources/reading.h"
#include "resources/schema_node.h"

namespace mizan::resources {
namespace {

/// What Kubernetes calls the type of a JSON value.
std::string_view type_name(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "boolean";
    case Json::value_t::string:
      return "string";
    case Json::value_t::array:
      return "array";
    case Json::value_t::object:
      return "object";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "integer";
    default:
      return "number";
  }
}

/// Whole doubles count as integers, as they do for kube-apiserver: 3.0 is 3.
bool is_whole(const Json& value) {
  if (value.is_number_integer()) return true;
  return value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>();
}

bool has_type(const Json& value, SchemaType type) {
  switch (type) {
    case SchemaType::kAny:
      return true;
    case SchemaType::kObject:
      return value.is_object();
    case SchemaType::kArray:
      return value.is_array();
    case SchemaType::kString:
      return value.is_string();
    case SchemaType::kInteger:
      return is_whole(value);
    case SchemaType::kNumber:
      return value.is_number();
    case SchemaType::kBoolean:
      return value.is_boolean();
  }
  return true;
}

std::uint64_t characters_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// 4 rather than 4.000000: bounds are shown as they were written.
std::string shown(double number) {
  return std::trunc(number) == number && std::abs(number) < 1e15 ? fmt::format("{:.0f}", number)
                                                                 : fmt::format("{}", number);
}

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

/// Formats of text that are checked; any other word is documentation.
bool has_format(const std::string& text, const std::string& format) {
  if (format == "date-time") return parse_rfc3339(text).has_value();
  if (format == "date") return is_date(text);
  if (format == "byte") {
    return text.size() % 4 == 0 && std::ranges::all_of(text, [](unsigned char c) {
             return std::isalnum(c) || c == '+' || c == '/' || c == '=';
           });
  }
  return true;
}

bool has_integer_format(const Json& value, const std::string& format) {
  if (format == "int64") return value.is_number_integer() || std::abs(value.get<double>()) < 9.3e18;
  if (format != "int32") return true;
  const double number = value.get<double>();
  return number >= std::numeric_limits<std::int32_t>::min() &&
         number <= std::numeric_limits<std::int32_t>::max();
}

/// By what an element of a set or of a map list is told from the others; absent keys are null.
struct ElementKey {
  std::vector<const Json*> parts;

  bool operator<(const ElementKey& other) const {
    const auto less = [](const Json* one, const Json* two) {
      return two != nullptr && (one == nullptr || *one < *two);
    };
    return std::ranges::lexicographical_compare(parts, other.parts, less);
  }
};

/// The key as errors show it.
Json key_of(const Json& element, const Schema& node) {
  if (node.list_type != ListType::kMap) return element;
  Json key = Json::object();
  for (const std::string& name : node.map_keys) {
    if (const auto at = element.find(name); at != element.end()) key[name] = *at;
  }
  return key;
}

class Validator {
 public:
  void check(const Json& value, const Schema& node);
  std::vector<FieldError> errors;

 private:
  const std::string& path() const { return at_.text(); }
  bool check_type(const Json& value, const Schema& node);
  void check_number(const Json& value, const ValueRules& rules);
  void check_text(const std::string& text, const ValueRules& rules);
  void check_list(const Json& list, const Schema& node);
  void check_keys(const Json& list, const Schema& node);
  void check_object(const Json& object, const Schema& node);
  void check_embedded(const Json& object);
  void check_allowed(const Json& value, const ValueRules& rules);
  void check_junctors(const Json& value, const ValueRules& rules);

  void add(const Json& value, std::string_view what) {
    errors.push_back(invalid(path(), value, fmt::format("{} in body {}", path(), what)));
  }
  void add_type(const Json& value, std::string_view wanted) {
    errors.push_back(type_invalid(
        path(), type_name(value),
        fmt::format("{} in body must be of type {}: \"{}\"", path(), wanted, type_name(value))));
  }

  FieldPath at_;
};

bool holds(const Json& value, const Schema& node) {
  Validator trial;
  trial.check(value, node);
  return trial.errors.empty();
}

void Validator::check(const Json& value, const Schema& node) {
  if (value.is_null() && node.nullable) return;
  if (!check_type(value, node)) return;
  if (node.rules) check_allowed(value, *node.rules);
  if (value.is_object()) check_object(value, node);
  if (value.is_array()) check_list(value, node);
  if (!node.rules) return;
  if (value.is_number()) check_number(value, *node.rules);
  if (value.is_string()) check_text(value.get_ref<const std::string&>(), *node.rules);
  check_junctors(value, *node.rules);
}

bool Validator::check_type(const Json& value, const Schema& node) {
  if (node.int_or_string) {
    if (is_whole(value) || value.is_string()) return true;
    add_type(value, "integer,string");
    return false;
  }
  if (has_type(value, node.type)) return true;
  add_type(value, to_string(node.type));
  return false;
}

void Validator::check_allowed(const Json& value, const ValueRules& rules) {
  if (rules.allowed.empty() || std::ranges::find(rules.allowed, value) != rules.allowed.end())
    return;
  std::vector<std::string> words;
  for (const Json& word : rules.allowed)
    words.push_back(word.is_string() ? word.get<std::string>() : compact(word));
  errors.push_back(not_supported(path(), value, words));
}

void Validator::check_number(const Json& value, const ValueRules& rules) {
  const double number = value.get<double>();
  if (!rules.format.empty() && !has_integer_format(value, rules.format)) {
    errors.push_back(type_invalid(
        path(), type_name(value),
        fmt::format("{} in body must be of type {}: {}", path(), rules.format, compact(value))));
  }
  if (rules.maximum) {
    if (rules.exclusive_maximum && number >= *rules.maximum) {
      add(value, "should be less than " + shown(*rules.maximum));
    } else if (number > *rules.maximum) {
      add(value, "should be less than or equal to " + shown(*rules.maximum));
    }
  }
  if (rules.minimum) {
    if (rules.exclusive_minimum && number <= *rules.minimum) {
      add(value, "should be greater than " + shown(*rules.minimum));
    } else if (number < *rules.minimum) {
      add(value, "should be greater than or equal to " + shown(*rules.minimum));
    }
  }
  if (rules.multiple_of && *rules.multiple_of > 0) {
    const double quotient = number / *rules.multiple_of;
    if (std::abs(quotient - std::round(quotient)) > 1e-9 * std::max(1.0, std::abs(quotient))) {
      add(value, "should be a multiple of " + shown(*rules.multiple_of));
    }
  }
}

void Validator::check_text(const std::string& text, const ValueRules& rules) {
  if (rules.max_length && characters_in(text) > *rules.max_length) {
    errors.push_back(too_long(path(), *rules.max_length));
  }
  if (rules.min_length && characters_in(text) < *rules.min_length) {
    add(text, fmt::format("should be at least {} chars long", *rules.min_length));
  }
  if (rules.regex && !re2::RE2::PartialMatch(text, *rules.regex)) {
    add(text, fmt::format("should match '{}'", rules.pattern));
  }
  if (!rules.format.empty() && !has_format(text, rules.format)) {
    errors.push_back(invalid(
        path(), text,
        fmt::format("{} in body must be of type {}: {}", path(), rules.format, compact(text))));
  }
}

void Validator::check_list(const Json& list, const Schema& node) {
  if (node.items) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto step = at_.down(i);
      check(list[i], *node.items);
    }
  }
  check_keys(list, node);
  if (!node.rules) return;
  const ValueRules& rules = *node.rules;
  if (rules.max_items && list.size() > *rules.max_items) {
    errors.push_back(too_many(path(), list.size(), *rules.max_items));
  }
  if (rules.min_items && list.size() < *rules.min_items) {
    add(list.size(), fmt::format("should have at least {} items", *rules.min_items));
  }
  if (rules.unique_items && std::set<Json>(list.begin(), list.end()).size() != list.size()) {
    add(list, "shouldn't contain duplicates");
  }
}

void Validator::check_keys(const Json& list, const Schema& node) {
  if (node.list_type == ListType::kAtomic) return;
  std::set<ElementKey> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    ElementKey key;
    if (node.list_type != ListType::kMap) {
      key.parts.push_back(&list[i]);
    } else if (list[i].is_object()) {  // what is none was said by the type check
      for (const std::string& name : node.map_keys) key.parts.push_back(field(list[i], name));
    } else {
      continue;
    }
    if (seen.insert(std::move(key)).second) continue;
    const auto step = at_.down(i);
    errors.push_back(duplicate(path(), key_of(list[i], node)));
  }
}

void Validator::check_object(const Json& object, const Schema& node) {
  if (node.embedded_resource) check_embedded(object);
  for (const auto& [name, value] : object.items()) {
    const auto known = node.properties.find(name);
    if (known != node.properties.end()) {
      const auto step = at_.down(name);
      check(value, *known->second);
    } else if (node.additional) {
      const auto step = at_.down(name);
      check(value, *node.additional);
    }
  }
  if (!node.rules) return;
  const ValueRules& rules = *node.rules;
  for (const std::string& name : rules.required) {
    if (object.contains(name)) continue;
    const auto step = at_.down(name);
    errors.push_back(required(path()));
  }
  if (rules.max_properties && object.size() > *rules.max_properties) {
    errors.push_back(too_many(path(), object.size(), *rules.max_properties));
  }
  if (rules.min_properties && object.size() < *rules.min_properties) {
    add(object.size(), fmt::format("should have at least {} properties", *rules.min_properties));
  }
}

void Validator::check_embedded(const Json& object) {
  for (const std::string_view name : {"apiVersion", "kind"}) {
    const Json* value = field(object, name);
    const auto step = at_.down(name);
    if (value == nullptr || (value->is_string() && value->get_ref<const std::string&>().empty())) {
      errors.push_back(required(path(), "must not be empty"));
    } else if (!value->is_string()) {
      add_type(*value, "string");
    }
  }
  if (const Json* metadata = field(object, "metadata");
      metadata != nullptr && !metadata->is_object()) {
    const auto step = at_.down("metadata");
    add_type(*metadata, "object");
  }
}

void Validator::check_junctors(const Json& value, const ValueRules& rules) {
  const auto holds_for = [&](const auto& node) { return holds(value, *node); };
  for (const auto& node : rules.all_of) check(value, *node);
  if (!rules.any_of.empty() && std::ranges::none_of(rules.any_of, holds_for)) {
    add(value, "must validate at least one schema (anyOf)");
  }
  if (!rules.one_of.empty() && std::ranges::count_if(rules.one_of, holds_for) != 1) {
    add(value, "must validate one and only one schema (oneOf)");
  }
  if (rules.none_of && holds_for(rules.none_of)) add(value, "must not validate the schema (not)");
}

}  // namespace

std::vector<FieldError> validate(const Json& object, const Schema& schema) {
  Validator validator;
  validator.check(object, schema);
  return std::move(validator.errors);
}

}  // namespace mizan::resources
