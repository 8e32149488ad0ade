// Which configurations, then the experiment that runs them.
#include "cmd/mizan/confirm_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::cmd {
namespace {

using resources::array_field;
using resources::decimal;
using resources::field;
using resources::object_field;
using resources::text_field;

constexpr const char* kSeed = "mizan-seed";            // the parameter that is added
constexpr const char* kSeedPlaceholder = "mizanSeed";  // its trialParameter
constexpr const char* kSeedVariable = "MIZAN_SEED";

const Json& spec_of(const Json& experiment) { return object_field(experiment, "spec"); }

Assignments assignments_of(const Json& object) {
  Assignments assignments;
  for (const auto& [name, value] : object.items())
    assignments[name] = value.is_string() ? value.get<std::string>() : value.dump();
  return assignments;
}

const Json* parameter_named(const Json& parameters, const std::string& name) {
  for (const Json& parameter : parameters) {
    if (text_field(parameter, "name") == name) return &parameter;
  }
  return nullptr;
}

std::string names_of(const Json& parameters) {
  std::vector<std::string> names;
  for (const Json& parameter : parameters) names.push_back(text_field(parameter, "name"));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The best distinct ones; trials that differ in the seed alone are one.
std::vector<Configuration> best_of(const std::vector<Json>& trials, bool maximize,
                                   const ConfirmRequest& request) {
  std::vector<const Json*> ranked;
  for (const Json& trial : trials) {
    if (text_field(trial, "state") == "Succeeded" && trial.contains("objective") &&
        trial["objective"].is_number())
      ranked.push_back(&trial);
  }
  std::ranges::stable_sort(ranked, [&](const Json* a, const Json* b) {
    const double left = (*a)["objective"].get<double>(), right = (*b)["objective"].get<double>();
    return maximize ? left > right : left < right;
  });
  std::vector<Configuration> best;
  for (const Json* trial : ranked) {
    if (static_cast<std::int64_t>(best.size()) == request.top) break;
    Configuration one{text_field(*trial, "name"),
                      assignments_of(object_field(*trial, "assignments"))};
    one.assignments.erase(request.seed_parameter);
    const bool known = std::ranges::any_of(
        best, [&](const Configuration& other) { return other.assignments == one.assignments; });
    if (!known) best.push_back(std::move(one));
  }
  return best;
}

/// The value in the middle, on its steps.
std::string middle_of(const Json& parameter) {
  const Json& space = object_field(parameter, "feasibleSpace");
  const std::string type = text_field(parameter, "parameterType");
  const auto list = resources::texts_field(space, "list");
  if (!list.empty()) return type == "discrete" ? list[list.size() / 2] : list.front();
  const double low = decimal(text_field(space, "min")).value_or(0);
  const double high = decimal(text_field(space, "max")).value_or(low);
  const std::string distribution = text_field(space, "distribution");
  const bool log = (distribution == "logUniform" || distribution == "logNormal") && low > 0;
  double middle = log ? std::sqrt(low * high) : (low + high) / 2;
  const double step = decimal(text_field(space, "step")).value_or(type == "int" ? 1 : 0);
  if (step > 0) middle = low + step * std::round((middle - low) / step);
  middle = std::clamp(middle, low, high);
  return type == "int" ? fmt::format("{:.0f}", middle) : fmt::format("{}", middle);
}

Result<Configuration> standard_of(const Json& spec, const ConfirmRequest& request) {
  const Json& parameters = array_field(spec, "parameters");
  if (!request.standard.empty()) {
    for (const auto& [name, value] : request.standard) {
      if (parameter_named(parameters, name) == nullptr)
        return fail(Code::kBadRequest, fmt::format("--default names {}, and there are {}", name,
                                                   names_of(parameters)));
    }
  }
  Configuration standard;
  for (const Json& point : array_field(spec, "initialTrials")) {
    standard = {"the first of spec.initialTrials",
                assignments_of(object_field(point, "assignments"))};
    break;
  }
  if (standard.assignments.empty()) {
    standard.origin = "the middle of each range";
    for (const Json& parameter : parameters)
      standard.assignments[text_field(parameter, "name")] = middle_of(parameter);
  }
  for (const auto& [name, value] : request.standard) {
    standard.origin = "as given";
    standard.assignments[name] = value;
  }
  standard.assignments.erase(request.seed_parameter);
  return standard;
}

/// The primary container of a pod spec anywhere below, or the trainer of a TrainJob.
Json* find_environment(Json& value, const std::string& primary) {
  if (value.is_object() && value.contains("containers") && value["containers"].is_array()) {
    for (Json& container : value["containers"]) {
      if (text_field(container, "name") == primary || value["containers"].size() == 1)
        return &container["env"];
    }
  }
  if (!value.is_structured()) return nullptr;
  for (Json& child : value) {
    if (Json* found = find_environment(child, primary)) return found;
  }
  return nullptr;
}

Result<> add_seed_variable(Json& spec) {
  Json& given = spec["trialTemplate"];
  Json* env = nullptr;
  if (given.contains("trialSpec") && given["trialSpec"].is_object()) {
    Json& run = given["trialSpec"];
    if (text_field(run, "kind") == "TrainJob") {
      env = &run["spec"]["trainer"]["env"];
    } else {
      env = find_environment(run, text_field(given, "primaryContainerName"));
    }
  }
  if (env == nullptr)
    return fail(Code::kBadRequest,
                "its trials have no container whose environment could tell the seed: name a "
                "parameter that is one with --seed-parameter");
  if (!env->is_array()) *env = Json::array();
  std::erase_if(env->get_ref<Json::array_t&>(),
                [](const Json& one) { return text_field(one, "name") == kSeedVariable; });
  env->push_back({{"name", kSeedVariable},
                  {"value", fmt::format("${{trialParameters.{}}}", kSeedPlaceholder)}});
  if (!given["trialParameters"].is_array()) given["trialParameters"] = Json::array();
  given["trialParameters"].push_back({{"name", kSeedPlaceholder}, {"reference", kSeed}});
  return {};
}

/// The values that the seed takes, one for each repeat; the space is made to hold them.
Result<std::vector<std::string>> seeds_in(Json& spec, const ConfirmRequest& request) {
  std::vector<std::string> seeds;
  for (std::int64_t i = 1; i <= request.repeats; ++i) seeds.push_back(std::to_string(i));
  if (request.seed_parameter.empty()) {
    if (auto added = add_seed_variable(spec); !added) return fail(added.error());
    spec["parameters"].push_back(
        {{"name", kSeed},
         {"parameterType", "int"},
         {"feasibleSpace", {{"min", "1"}, {"max", std::to_string(request.repeats)}}}});
    return seeds;
  }
  for (Json& parameter : spec["parameters"]) {
    if (text_field(parameter, "name") != request.seed_parameter) continue;
    const auto list = resources::texts_field(object_field(parameter, "feasibleSpace"), "list");
    if (list.empty()) {
      parameter["feasibleSpace"] = {{"min", "1"}, {"max", std::to_string(request.repeats)}};
      return seeds;
    }
    if (list.size() >= seeds.size())
      return std::vector<std::string>(list.begin(), list.begin() + request.repeats);
    return fail(
        Code::kBadRequest,
        fmt::format("{} has {} values, too few for {} repeats: ask for fewer with --repeats",
                    request.seed_parameter, list.size(), request.repeats));
  }
  return fail(Code::kBadRequest, fmt::format("--seed-parameter names {}, and there are {}",
                                             request.seed_parameter, names_of(spec["parameters"])));
}

/// What would end a trial or the experiment before everything was run, or bring other points in.
void keep_what_is_compared(Json& spec, std::int64_t trials) {
  for (const char* key : {"earlyStopping", "maxFailedTrialCount", "stopWhen", "maxDurationSeconds",
                          "warmStart", "initialTrials", "suspend"})
    spec.erase(key);
  spec["objective"].erase("goal");
  spec["algorithm"] = {{"algorithmName", "random"}};
  spec["maxTrialCount"] = trials;
  spec["parallelTrialCount"] =
      std::min(trials, resources::integer_field(spec, "parallelTrialCount").value_or(1));
}

}  // namespace

Result<ConfirmPlan> plan_confirmation(const Json& experiment, const std::vector<Json>& trials,
                                      const ConfirmRequest& request) {
  Json spec = spec_of(experiment);
  if (field(object_field(spec, "trialTemplate"), "client") != nullptr)
    return fail(Code::kBadRequest,
                "its trials are run by a client: run the best of them again there, and tell");
  ConfirmPlan plan;
  plan.repeats = request.repeats;
  const bool maximize = text_field(object_field(spec, "objective"), "type") == "maximize";
  plan.configurations = best_of(trials, maximize, request);
  if (plan.configurations.empty())
    return fail(Code::kBadRequest, "no trial of it has succeeded yet: there is nothing to confirm");
  TRY(Configuration standard, standard_of(spec, request));
  std::erase_if(plan.configurations,
                [&](const Configuration& one) { return one.assignments == standard.assignments; });
  if (plan.configurations.empty())
    return fail(Code::kBadRequest,
                fmt::format("its best configuration is the default ({}): there is nothing to "
                            "compare; --default gives another one",
                            standard.origin));
  plan.configurations.push_back(std::move(standard));

  TRY(const std::vector<std::string> seeds, seeds_in(spec, request));
  const std::string seed = request.seed_parameter.empty() ? kSeed : request.seed_parameter;
  const auto count = static_cast<std::int64_t>(plan.configurations.size()) * request.repeats;
  keep_what_is_compared(spec, count);
  for (const std::string& value : seeds) {
    for (const Configuration& configuration : plan.configurations) {
      Json point = configuration.assignments;
      point[seed] = value;
      spec["initialTrials"].push_back({{"assignments", std::move(point)}});
    }
  }
  plan.experiment = {{"apiVersion", "kubeflow.org/v1beta1"}, {"kind", "Experiment"}};
  Json& metadata = plan.experiment["metadata"];
  metadata["namespace"] = resources::namespace_of(experiment);
  if (const auto labels = resources::labels_of(experiment); !labels.empty())
    metadata["labels"] = labels;
  metadata["annotations"]["mizan.kubeflow.org/confirms"] = resources::name_of(experiment);
  plan.experiment["spec"] = std::move(spec);
  return plan;
}

}  // namespace mizan::cmd
