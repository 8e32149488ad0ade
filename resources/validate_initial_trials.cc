// Points that the user brings along: each must be a point of the space, and a known result must
// know the objective.
#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

using Assignments = std::map<std::string, std::string>;

/// Why `value` is none of the parameter's; empty when it is.
std::string outside(const Json& parameter, const std::string& value) {
  const std::string type = text_field(parameter, "parameterType");
  const Json& space = object_field(parameter, "feasibleSpace");
  const std::vector<std::string> list = texts_field(space, "list");
  if (type == "categorical") {
    return std::ranges::find(list, value) != list.end() ? "" : "must be one of " + listed(list);
  }
  const auto number = decimal(value);
  if (!number) return "must be a decimal number";
  if (type == "discrete") {
    const bool known =
        std::ranges::any_of(list, [&](const std::string& text) { return decimal(text) == number; });
    return known ? "" : "must be one of " + listed(list);
  }
  const auto min = decimal(text_field(space, "min"));
  const auto max = decimal(text_field(space, "max"));
  if ((min && *number < *min) || (max && *number > *max)) {
    return fmt::format("must be between {} and {}", text_field(space, "min"),
                       text_field(space, "max"));
  }
  return "";
}

bool is_active(const Json& parameter, const Assignments& assignments) {
  const Json& condition = object_field(parameter, "activeWhen");
  const std::string parent = text_field(condition, "parameter");
  if (parent.empty()) return true;
  const auto value = assignments.find(parent);
  if (value == assignments.end()) return false;
  const std::vector<std::string> values = texts_field(condition, "in");
  return std::ranges::any_of(values, [&](const std::string& one) {
    const auto number = decimal(one);
    return one == value->second || (number && number == decimal(value->second));
  });
}

void check_point(const Json& parameters, const Assignments& assignments, const std::string& path,
                 Verdict& verdict) {
  std::set<std::string> names;
  for (const Json& parameter : parameters) {
    const std::string name = text_field(parameter, "name");
    names.insert(name);
    const auto value = assignments.find(name);
    if (value == assignments.end()) {
      if (is_active(parameter, assignments)) {
        verdict.errors.push_back(
            required(fmt::format("{}.{}", path, name), "a point has a value for each parameter"));
      }
    } else if (!is_active(parameter, assignments)) {
      warn(verdict, fmt::format("{}.{}", path, name),
           "is ignored: the parameter is not active at this point");
    } else if (const std::string why = outside(parameter, value->second); !why.empty()) {
      verdict.errors.push_back(invalid(fmt::format("{}.{}", path, name), value->second, why));
    }
  }
  for (const auto& [name, value] : assignments) {
    if (!names.contains(name)) {
      verdict.errors.push_back(
          invalid(fmt::format("{}.{}", path, name), value, "no such parameter in spec.parameters"));
    }
  }
}

void check_metrics(const Json& spec, const Json& metrics, const std::string& path,
                   Verdict& verdict) {
  const Json& objective = object_field(spec, "objective");
  const std::string metric = text_field(objective, "objectiveMetricName");
  const std::vector<std::string> additional = texts_field(objective, "additionalMetricNames");
  if (!metric.empty() && !metrics.contains(metric)) {
    verdict.errors.push_back(
        required(fmt::format("{}.{}", path, metric),
                 "a known result needs the objective metric; leave metrics out to have it run"));
  }
  for (const auto& [name, value] : metrics.items()) {
    if (name != metric && std::ranges::find(additional, name) == additional.end()) {
      warn(verdict, fmt::format("{}.{}", path, name),
           "is no metric of this experiment and is ignored");
    }
  }
}

}  // namespace

void validate_initial_trials(const Json& spec, Verdict& verdict) {
  if (has_error_at(verdict, "spec.parameters")) return;  // the space itself is not clear
  const Json& trials = array_field(spec, "initialTrials");
  std::int64_t to_run = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const std::string path = fmt::format("spec.initialTrials[{}]", i);
    check_point(array_field(spec, "parameters"), text_map_field(trials[i], "assignments"),
                path + ".assignments", verdict);
    const Json& metrics = object_field(trials[i], "metrics");
    if (metrics.empty()) {
      ++to_run;
    } else {
      check_metrics(spec, metrics, path + ".metrics", verdict);
    }
  }
  const auto most = integer_field(spec, "maxTrialCount");
  if (most && to_run > *most) {
    warn(verdict, "spec.initialTrials",
         fmt::format("{} are to be run but spec.maxTrialCount is {}: the last ones will not be",
                     to_run, *most));
  }
}

}  // namespace mizan::resources
