// Decoding and admission, shared by create and update.
#include "store/intake.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/meta.h"
#include "resources/object_meta.h"
#include "resources/schema.h"
#include "store/refusal.h"

namespace mizan::store {
namespace {

Result<> check_type(const Rules& rules, Json& object) {
  const ResourceDefinition& definition = rules.definition;
  const std::string version = string_at(object, "apiVersion");
  const std::string kind = string_at(object, "kind");
  if (!version.empty() && version != definition.api_version()) {
    // Another served version of the same kind is the same object: conversion is by name only.
    const ResourceDefinition* other = rules.table.find_kind(version, kind);
    if (other == nullptr || other->id() != definition.id()) {
      return fail(
          Code::kBadRequest,
          fmt::format(
              "the API version in the data ({}) does not match the expected API version ({})",
              version, definition.api_version()));
    }
  }
  if (!kind.empty() && kind != definition.kind) {
    const std::string what = definition.group.empty() ? kind : kind + "." + definition.group;
    return fail(invalid_object(what, resources::name_of(object),
                               {resources::invalid("kind", kind, "must be " + definition.kind)}));
  }
  object["apiVersion"] = definition.api_version();
  object["kind"] = definition.kind;
  return {};
}

Result<> check_unknown(const Rules& rules, Json& object, const WriteOptions& options,
                       std::vector<std::string>& warnings) {
  if (!rules.definition.schema) return {};
  std::vector<std::string> unknown = resources::prune(object, *rules.definition.schema);
  if (unknown.empty() || options.field_validation == FieldValidation::kIgnore) return {};
  for (std::string& path : unknown) path = "unknown field \"" + path + "\"";
  if (options.field_validation == FieldValidation::kStrict) {
    return fail(undecodable(rules.definition,
                            fmt::format("strict decoding error: {}", fmt::join(unknown, ", "))));
  }
  warnings.insert(warnings.end(), unknown.begin(), unknown.end());
  return {};
}

}  // namespace

Result<> read_shape(const Rules& rules, Json& object, const WriteOptions& options,
                    std::vector<std::string>& warnings) {
  if (!object.is_object()) {
    return fail(undecodable(
        rules.definition,
        fmt::format("json: cannot unmarshal {} into Go value of type map", object.type_name())));
  }
  if (auto wrong = resources::check_metadata_types(object))
    return fail(undecodable(rules.definition, *wrong));
  if (Json& metadata = object["metadata"]; metadata.is_null()) metadata = Json::object();
  if (auto checked = check_type(rules, object); !checked) return checked;
  return check_unknown(rules, object, options, warnings);
}

void tidy_metadata(Json& metadata) {
  for (auto it = metadata.begin(); it != metadata.end();) {
    const bool holds_nothing = it->is_null() ||
                               ((it->is_object() || it->is_array()) && it->empty()) ||
                               (it->is_string() && it->get_ref<const std::string&>().empty());
    it = holds_nothing || it.key() == "selfLink" ? metadata.erase(it) : std::next(it);
  }
}

namespace {

/// Adds what speaks of other fields than `errors` do: whoever writes hears everything at once, and
/// nothing twice.
void add_unsaid(std::vector<FieldError>& errors, std::vector<FieldError> more) {
  const std::size_t said = errors.size();
  for (FieldError& error : more) {
    const auto speaks_of_it = [&error](const FieldError& other) {
      const std::string_view rest =
          std::string_view(error.path).substr(std::min(error.path.size(), other.path.size()));
      return error.path.starts_with(other.path) &&
             (rest.empty() || rest.front() == '.' || rest.front() == '[');
    };
    const auto end = errors.begin() + static_cast<std::ptrdiff_t>(said);
    if (std::none_of(errors.begin(), end, speaks_of_it)) errors.push_back(std::move(error));
  }
}

}  // namespace

Result<> admit(const Rules& rules, Json& object, const Json* old, bool schema_only,
               std::vector<std::string>& warnings) {
  const ResourceDefinition& definition = rules.definition;
  const auto row = rules.admission.find({definition.api_version(), definition.kind});
  const resources::Admission* admission =
      schema_only || row == rules.admission.end() ? nullptr : &row->second;
  if (definition.schema) resources::apply_defaults(object, *definition.schema);
  if (admission != nullptr && admission->apply_defaults) admission->apply_defaults(object);

  const std::string name = resources::name_of(object);
  std::vector<FieldError> errors = resources::validate_metadata(object, definition.namespaced);
  if (definition.group.empty() && definition.plural == "namespaces" && errors.empty()) {
    if (std::string wrong = resources::check_dns_label(name); !wrong.empty()) {
      errors.push_back(resources::invalid("metadata.name", name, wrong));
    }
  }
  if (definition.schema)
    std::ranges::move(resources::validate(object, *definition.schema), std::back_inserter(errors));
  if (admission != nullptr && admission->validate) {
    resources::Admission::Verdict verdict = admission->validate(object, old);
    add_unsaid(errors, std::move(verdict.errors));
    std::ranges::move(verdict.warnings, std::back_inserter(warnings));
  }
  if (!errors.empty())
    return fail(invalid_object(qualified_kind(definition), name, std::move(errors)));
  return {};
}

}  // namespace mizan::store
