// Rendering of trial templates: resolve what each trialParameter means, then walk the tree once.
#include "experiment/trial_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "resources/meta.h"

namespace mizan::experiment {
namespace {

using resources::Assignment;
using resources::TrialParameter;
using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kPlaceholder = "${trialParameters.";
constexpr std::string_view kTrialSpec = "${trialSpec.";
constexpr std::string_view kTemplatePath = "spec.trialTemplate.trialSpec";

FieldError invalid(std::string path, std::string message) {
  return FieldError{FieldReason::kInvalid, std::move(path), std::move(message)};
}

/// "Labels[app]" -> {"Labels", "app"}; "Name" -> {"Name", ""}.
struct MetaReference {
  std::string field, key;
};
std::optional<MetaReference> read_meta_reference(std::string_view reference) {
  if (!reference.starts_with(kTrialSpec) || !reference.ends_with('}')) return std::nullopt;
  reference.remove_prefix(kTrialSpec.size());
  reference.remove_suffix(1);
  const std::size_t bracket = reference.find('[');
  if (bracket == std::string_view::npos || !reference.ends_with(']')) {
    return MetaReference{std::string(reference), ""};
  }
  return MetaReference{std::string(reference.substr(0, bracket)),
                       std::string(reference.substr(bracket + 1, reference.size() - bracket - 2))};
}

Result<std::string> from_map(const std::map<std::string, std::string>& map,
                             const MetaReference& reference) {
  const auto found = map.find(reference.key);
  if (found != map.end()) return found->second;
  return fail(Code::kInvalid,
              fmt::format("the template's metadata has no entry \"{}\" in {}", reference.key,
                          reference.field == "Labels" ? "labels" : "annotations"));
}

Result<std::string> resolve_meta(const MetaReference& reference, const TemplateInput& input) {
  if (reference.field == "Name") return input.trial_name;
  if (reference.field == "Namespace") return input.trial_ns;
  if (reference.field == "Kind") return string_at(input.spec, "kind");
  if (reference.field == "APIVersion") return string_at(input.spec, "apiVersion");
  if (reference.field == "Labels") return from_map(resources::labels_of(input.spec), reference);
  if (reference.field == "Annotations")
    return from_map(resources::annotations_of(input.spec), reference);
  return fail(
      Code::kInvalid,
      fmt::format(
          "${{trialSpec.{}}} is not known: Name, Namespace, Kind, APIVersion, Labels[key] and "
          "Annotations[key] are",
          reference.field));
}

Result<std::string> resolve(const TrialParameter& parameter, const TemplateInput& input) {
  if (const auto meta = read_meta_reference(parameter.reference)) return resolve_meta(*meta, input);
  const auto assigned =
      std::find_if(input.assignments.begin(), input.assignments.end(),
                   [&](const Assignment& one) { return one.name == parameter.reference; });
  if (assigned != input.assignments.end()) return assigned->value;
  const auto declared = std::find_if(
      input.space.begin(), input.space.end(),
      [&](const resources::Parameter& one) { return one.name == parameter.reference; });
  if (declared != input.space.end() && !declared->active_parent.empty())
    return declared->inactive_value;
  return fail(Code::kInvalid,
              fmt::format("\"{}\" is not the name of a search parameter", parameter.reference));
}

/// Where a schema describes the value, and what it wants there.
const Json* schema_of_member(const Json* schema, const std::string& key) {
  if (schema == nullptr) return nullptr;
  if (const auto properties = schema->find("properties");
      properties != schema->end() && properties->is_object()) {
    if (const auto member = properties->find(key); member != properties->end()) return &*member;
  }
  if (const auto others = schema->find("additionalProperties");
      others != schema->end() && others->is_object()) {
    return &*others;
  }
  return nullptr;
}

const Json* schema_of_item(const Json* schema) {
  if (schema == nullptr) return nullptr;
  const auto items = schema->find("items");
  return items != schema->end() && items->is_object() ? &*items : nullptr;
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [parsed, error] = std::from_chars(begin, end, number);
  return error == std::errc() && parsed == end && !text.empty() ? std::optional(number)
                                                                : std::nullopt;
}

class Renderer {
 public:
  Renderer(const Values& values, std::vector<FieldError>& errors)
      : values_(values), errors_(errors) {}

  void walk(Json& value, const Json* schema, const std::string& path) {
    if (value.is_string()) return text(value, schema, path);
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        walk(value[i], schema_of_item(schema), fmt::format("{}[{}]", path, i));
      return;
    }
    if (!value.is_object()) return;
    rename_keys(value, path);
    for (auto& [key, member] : value.items())
      walk(member, schema_of_member(schema, key), path + "." + key);
  }

 private:
  /// Katib replaces text, so keys too (an annotation that is named after a parameter).
  void rename_keys(Json& object, const std::string& path) {
    std::vector<std::string> keys;
    for (const auto& [key, member] : object.items()) {
      if (key.find(kPlaceholder) != std::string::npos) keys.push_back(key);
    }
    for (const std::string& key : keys) {
      Json member = std::move(object[key]);
      object.erase(key);
      object[replaced(key, path).text] = std::move(member);
    }
  }

  struct Replaced {
    std::string text;
    bool whole = false;  // the string was one placeholder and nothing else
  };
  Replaced replaced(std::string_view source, const std::string& path) {
    Replaced result;
    std::size_t at = 0;
    while (true) {
      const std::size_t begin = source.find(kPlaceholder, at);
      const std::size_t end = begin == std::string_view::npos ? begin : source.find('}', begin);
      if (end == std::string_view::npos) break;
      const std::string_view name =
          source.substr(begin + kPlaceholder.size(), end - begin - kPlaceholder.size());
      result.text += source.substr(at, begin - at);
      result.whole = begin == 0 && end + 1 == source.size();
      at = end + 1;
      if (const auto value = values_.find(name); value != values_.end()) {
        result.text += value->second;
      } else {
        errors_.push_back(invalid(
            path, fmt::format("uses ${{trialParameters.{0}}}, but "
                              "spec.trialTemplate.trialParameters has no entry named \"{0}\"",
                              name)));
      }
    }
    result.text += source.substr(at);
    return result;
  }

  void text(Json& value, const Json* schema, const std::string& path) {
    const auto& source = value.get_ref<const std::string&>();
    if (source.find(kPlaceholder) == std::string::npos) return;
    Replaced result = replaced(source, path);
    if (result.whole && schema != nullptr)
      return typed(value, result.text, string_at(*schema, "type"), path);
    value = std::move(result.text);
  }

  void typed(Json& value, const std::string& text, const std::string& type,
             const std::string& path) {
    if (type == "integer") {
      if (const auto number = read_number<std::int64_t>(text)) {
        value = *number;
        return;
      }
    } else if (type == "number") {
      if (const auto number = read_number<double>(text)) {
        value = *number;
        return;
      }
    } else if (type == "boolean") {
      if (text == "true" || text == "false") {
        value = text == "true";
        return;
      }
    } else {
      value = text;
      return;
    }
    errors_.push_back(invalid(
        path, fmt::format("must be of type {}, but the parameter's value is \"{}\"", type, text)));
  }

  const Values& values_;
  std::vector<FieldError>& errors_;
};

void check_shape(const Json& spec, std::vector<FieldError>& errors) {
  if (!spec.is_object()) {
    errors.push_back(
        invalid(std::string(kTemplatePath), "must be an object with apiVersion and kind"));
    return;
  }
  for (const char* field : {"apiVersion", "kind"}) {
    if (string_at(spec, field).empty()) {
      errors.push_back({FieldReason::kRequired, fmt::format("{}.{}", kTemplatePath, field),
                        "must say what runs a trial, such as batch/v1 and Job"});
    }
  }
}

std::unexpected<Error> refused(std::vector<FieldError> errors) {
  std::string message = fmt::format("the trial template can't be rendered: {}: {}", errors[0].path,
                                    errors[0].message);
  return fail(Code::kInvalid, std::move(message), std::move(errors));
}

}  // namespace

Result<std::vector<Assignment>> resolve_parameters(const TemplateInput& input) {
  std::vector<Assignment> resolved;
  std::vector<FieldError> errors;
  for (std::size_t i = 0; i < input.parameters.size(); ++i) {
    Result<std::string> value = resolve(input.parameters[i], input);
    if (value) {
      resolved.push_back({input.parameters[i].name, *std::move(value)});
    } else {
      errors.push_back(invalid(fmt::format("spec.trialTemplate.trialParameters[{}].reference", i),
                               value.error().message));
    }
  }
  if (!errors.empty()) return refused(std::move(errors));
  return resolved;
}

Result<Json> render_trial(const TemplateInput& input) {
  std::vector<FieldError> errors;
  check_shape(input.spec, errors);
  if (!errors.empty()) return refused(std::move(errors));
  TRY(const std::vector<Assignment> resolved, resolve_parameters(input));
  Values values;
  for (const Assignment& one : resolved) values[one.name] = one.value;

  Json object = input.spec;
  Renderer(values, errors).walk(object, input.schema, std::string(kTemplatePath));
  if (!errors.empty()) return refused(std::move(errors));
  Json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  metadata["name"] = input.trial_name;
  metadata["namespace"] = input.trial_ns;
  metadata.erase("generateName");
  return object;
}

}  // namespace mizan::experiment
