// Builds parameters and conditions, collecting what is wrong on the way.
#include "suggestion/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mizan::suggestion {
namespace {

algorithms::Distribution distribution_of(resources::Distribution distribution) {
  switch (distribution) {
    case resources::Distribution::kUniform:
      return algorithms::Distribution::kUniform;
    case resources::Distribution::kLogUniform:
      return algorithms::Distribution::kLogUniform;
    case resources::Distribution::kNormal:
      return algorithms::Distribution::kNormal;
    case resources::Distribution::kLogNormal:
      return algorithms::Distribution::kLogNormal;
  }
  return algorithms::Distribution::kUniform;
}

Result<algorithms::Parameter> make_parameter(const resources::Parameter& from) {
  const algorithms::RangeText range{from.min, from.max, from.step};
  const algorithms::Distribution distribution = distribution_of(from.distribution);
  switch (from.type) {
    case resources::ParameterType::kDouble:
      return algorithms::make_double(from.name, range, distribution);
    case resources::ParameterType::kInt:
      return algorithms::make_int(from.name, range, distribution);
    case resources::ParameterType::kDiscrete:
      return algorithms::make_discrete(from.name, from.list);
    case resources::ParameterType::kCategorical:
      return algorithms::make_categorical(from.name, from.list);
    case resources::ParameterType::kUnknown:
      break;
  }
  return fail(Code::kInvalid, "unknown type",
              {{FieldReason::kNotSupported, "parameterType",
                "must be one of double, int, discrete, categorical"}});
}

// Finds the parent among the parameters made so far and reads its values.
void add_condition(const std::vector<resources::Parameter>& from,
                   std::vector<algorithms::Parameter>& made, std::size_t i,
                   std::vector<FieldError>& errors) {
  const std::string path = fmt::format("spec.parameters[{}].activeWhen", i);
  const auto parent = std::find_if(made.begin(), made.end(), [&](const algorithms::Parameter& p) {
    return p.name == from[i].active_parent;
  });
  if (parent == made.end()) {
    errors.push_back(
        {FieldReason::kInvalid, path + ".parameter",
         fmt::format("\"{}\" is no parameter of this experiment", from[i].active_parent)});
    return;
  }
  algorithms::Condition condition{static_cast<std::size_t>(parent - made.begin()), {}};
  for (std::size_t k = 0; k < from[i].active_values.size(); ++k) {
    const std::string& text = from[i].active_values[k];
    const auto value = algorithms::parse_value(*parent, text);
    if (value && algorithms::is_value_of(*parent, *value)) {
      condition.values.push_back(*value);
    } else {
      errors.push_back({FieldReason::kInvalid, fmt::format("{}.in[{}]", path, k),
                        fmt::format("\"{}\" is no value of \"{}\"", text, parent->name)});
    }
  }
  if (from[i].active_values.empty())
    errors.push_back({FieldReason::kRequired, path + ".in", "must list at least one value"});
  made[i].condition = std::move(condition);
}

std::vector<algorithms::Parameter> make_parameters(const std::vector<resources::Parameter>& from,
                                                   std::vector<FieldError>& errors) {
  std::vector<algorithms::Parameter> made;
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto parameter = make_parameter(from[i]);
    if (parameter) {
      made.push_back(*std::move(parameter));
      continue;
    }
    for (FieldError& error : parameter.error().fields) {
      const bool of_parameter = error.path == "parameterType";
      error.path = fmt::format("spec.parameters[{}].{}{}", i, of_parameter ? "" : "feasibleSpace.",
                               error.path);
      errors.push_back(std::move(error));
    }
  }
  if (!errors.empty()) return made;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!from[i].active_parent.empty()) add_condition(from, made, i, errors);
  }
  return made;
}

}  // namespace

Result<algorithms::Problem> make_problem(const resources::Experiment& experiment) {
  std::vector<FieldError> errors;
  if (experiment.parameters.empty())
    errors.push_back(
        {FieldReason::kRequired, "spec.parameters", "must name at least one parameter"});
  std::vector<algorithms::Parameter> parameters = make_parameters(experiment.parameters, errors);
  constexpr std::string_view kMessage = "the experiment's parameters can't be searched";
  if (!errors.empty()) return fail(Code::kInvalid, std::string(kMessage), std::move(errors));

  algorithms::Problem problem;
  auto space = algorithms::SearchSpace::make(std::move(parameters));
  if (!space) {
    errors = space.error().fields;
    for (FieldError& error : errors) error.path.insert(0, "spec.");
    return fail(Code::kInvalid, std::string(kMessage), std::move(errors));
  }
  problem.space = *std::move(space);
  problem.objectives.push_back({experiment.objective.metric});
  problem.parallelism = static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, experiment.parallel_trial_count.value_or(1)));
  return problem;
}

double loss_sign(const resources::Objective& objective) {
  return objective.type == resources::ObjectiveType::kMaximize ? -1 : 1;
}

}  // namespace mizan::suggestion
