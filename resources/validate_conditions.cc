// Conditional parameters: the parent exists, can have the values that are asked for, and nobody
// waits for himself.
#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

std::string parent_of(const Json& parameter) {
  return text_field(object_field(parameter, "activeWhen"), "parameter");
}

const Json* find_parameter(const Json& parameters, std::string_view name) {
  const auto at = std::ranges::find_if(
      parameters, [&](const Json& one) { return text_field(one, "name") == name; });
  return at == parameters.end() ? nullptr : &*at;
}

/// Whether following the parents from `start` leads back to it. Circles further up are said at
/// their own members.
bool is_in_circle(const Json& parameters, const std::string& start) {
  const Json* at = find_parameter(parameters, start);
  for (std::size_t steps = 0; at != nullptr && steps <= parameters.size(); ++steps) {
    const std::string parent = parent_of(*at);
    if (parent.empty()) return false;
    if (parent == start) return true;
    at = find_parameter(parameters, parent);
  }
  return false;
}

bool same_number(const std::string& a, const std::string& b) {
  const auto number = decimal(a);
  return number && number == decimal(b);
}

/// Why the parent never has `value`; empty when it can.
std::string impossible(const Json& parent, const std::string& value) {
  const Json& space = object_field(parent, "feasibleSpace");
  const std::string type = text_field(parent, "parameterType");
  if (type == "int") {
    const auto number = decimal(value);
    const auto min = decimal(text_field(space, "min"));
    const auto max = decimal(text_field(space, "max"));
    if (!number) return "is no number";
    if ((min && *number < *min) || (max && *number > *max)) {
      return fmt::format("is outside {} to {}", text_field(space, "min"), text_field(space, "max"));
    }
    return "";
  }
  const std::vector<std::string> list = texts_field(space, "list");
  const bool known = std::ranges::any_of(list, [&](const std::string& text) {
    return text == value || (type == "discrete" && same_number(text, value));
  });
  return known ? "" : fmt::format("is none of its values {}", listed(list));
}

void check_condition(const Json& parameters, const Json& parameter, const std::string& path,
                     Verdict& verdict) {
  const Json& condition = object_field(parameter, "activeWhen");
  const std::string parent_name = parent_of(parameter);
  const std::string name = text_field(parameter, "name");
  if (parent_name.empty()) {
    verdict.errors.push_back(
        required(path + ".parameter", "the name of the parameter that decides"));
    return;
  }
  const Json* parent = find_parameter(parameters, parent_name);
  if (parent == nullptr) {
    verdict.errors.push_back(
        invalid(path + ".parameter", parent_name, "no such parameter in spec.parameters"));
    return;
  }
  if (is_in_circle(parameters, name)) {
    verdict.errors.push_back(invalid(
        path + ".parameter", parent_name,
        parent_name == name ? "a parameter can't decide about itself"
                            : "the conditions go in a circle: none of them could ever hold"));
    return;
  }
  if (text_field(*parent, "parameterType") == "double") {
    verdict.errors.push_back(invalid(
        path + ".parameter", parent_name,
        "is a double, which hardly ever has a given value; use categorical, discrete or int"));
    return;
  }
  const Json& values = array_field(condition, "in");
  if (values.empty()) verdict.errors.push_back(required(path + ".in", "at least one value"));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string value =
        values[i].is_string() ? values[i].get<std::string>() : compact(values[i]);
    if (const std::string why = impossible(*parent, value); !why.empty()) {
      verdict.errors.push_back(
          invalid(fmt::format("{}.in[{}]", path, i), value,
                  fmt::format("parameter {} never has it: it {}", parent_name, why)));
    }
  }
}

}  // namespace

void validate_active_when(const Json& spec, Verdict& verdict) {
  const Json& parameters = array_field(spec, "parameters");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string path = fmt::format("spec.parameters[{}]", i);
    if (field(parameters[i], "activeWhen") != nullptr) {
      check_condition(parameters, parameters[i], path + ".activeWhen", verdict);
    } else if (field(parameters[i], "inactiveValue") != nullptr) {
      warn(verdict, path + ".inactiveValue",
           "has no effect without activeWhen: the parameter is always active");
    }
  }
}

}  // namespace mizan::resources
