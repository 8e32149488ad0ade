// See validate.h. Names, counts, objective, and the order in which the parts are asked.
#include "resources/validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/defaults.h"
#include "resources/field_error.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

void validate_name(const Json& experiment, Verdict& verdict) {
  const std::string name = name_of(experiment);
  if (name.empty()) return;  // generateName
  const bool letter_first = name.front() >= 'a' && name.front() <= 'z';
  // Trials are called after their experiment, and their pods after them: 63 bytes must be enough
  // for all.
  if (name.size() > 40 || !letter_first || !check_dns_label(name).empty()) {
    verdict.errors.push_back(
        invalid("metadata.name", name,
                "name must consist of lower case alphanumeric characters or '-', start with an "
                "alphabetic character, end "
                "with an alphanumeric character and be no longer than 40 characters"));
  }
}

void validate_at_least(const Json& spec, std::string_view key, std::int64_t least,
                       std::string_view detail, Verdict& verdict) {
  const auto count = integer_field(spec, key);
  if (count && *count < least)
    verdict.errors.push_back(invalid(fmt::format("spec.{}", key), *count, detail));
}

void validate_counts(const Json& spec, Verdict& verdict) {
  validate_at_least(spec, "maxFailedTrialCount", 0, "should not be less than 0", verdict);
  validate_at_least(spec, "maxTrialCount", 1, "must be greater than 0", verdict);
  validate_at_least(spec, "parallelTrialCount", 1,
                    "must be greater than 0; to pause the experiment set spec.suspend", verdict);
  validate_at_least(spec, "maxDurationSeconds", 1, "must be greater than 0", verdict);
  const auto most = integer_field(spec, "maxTrialCount");
  for (const std::string_view key : {"maxFailedTrialCount", "parallelTrialCount"}) {
    const auto count = integer_field(spec, key);
    if (most && count && *count > *most) {
      warn(verdict, fmt::format("spec.{}", key),
           fmt::format("{} is more than spec.maxTrialCount ({}), so it is never reached", *count,
                       *most));
    }
  }
  if (const Json* stop = field(spec, "stopWhen"); stop != nullptr && stop->is_object()) {
    if (integer_field(*stop, "noImprovementTrials").value_or(0) < 1) {
      verdict.errors.push_back(required("spec.stopWhen.noImprovementTrials", "must be at least 1"));
    }
    if (number_field(*stop, "minImprovement").value_or(0) < 0) {
      verdict.errors.push_back(
          invalid("spec.stopWhen.minImprovement", *field(*stop, "minImprovement"),
                  "must not be negative: it is how much better counts as better"));
    }
  }
}

void validate_strategies(const Json& objective, const std::vector<std::string>& metrics,
                         Verdict& verdict) {
  const Json& strategies = array_field(objective, "metricStrategies");
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    const std::string path = fmt::format("spec.objective.metricStrategies[{}]", i);
    const std::string name = text_field(strategies[i], "name");
    const std::string value = text_field(strategies[i], "value");
    if (std::ranges::find(metrics, name) == metrics.end()) {
      warn(verdict, path + ".name",
           fmt::format("\"{}\" is no metric of this experiment; it has {}", name, listed(metrics)));
    }
    if (value != "min" && value != "max" && value != "latest") {
      warn(verdict, path + ".value",
           fmt::format("\"{}\" counts as latest; min, max and latest exist", value));
    }
  }
}

void validate_objective(const Json& spec, Verdict& verdict) {
  const std::string path = "spec.objective";
  const Json* objective = field(spec, "objective");
  if (objective == nullptr || !objective->is_object()) {
    verdict.errors.push_back(required(path, "must be specified"));
    return;
  }
  const std::string type = text_field(*objective, "type");
  if (type != "minimize" && type != "maximize") {
    verdict.errors.push_back(invalid(path + ".type", type, "must be minimize or maximize"));
  }
  const std::string metric = text_field(*objective, "objectiveMetricName");
  if (metric.empty())
    verdict.errors.push_back(required(path + ".objectiveMetricName", "must be specified"));
  std::vector<std::string> metrics = {metric};
  const Json& additional = array_field(*objective, "additionalMetricNames");
  for (std::size_t i = 0; i < additional.size(); ++i) {
    const std::string name = additional[i].is_string() ? additional[i].get<std::string>() : "";
    const std::string name_path = fmt::format("{}.additionalMetricNames[{}]", path, i);
    if (!metric.empty() && name == metric) {
      verdict.errors.push_back(
          invalid(name_path, name,
                  "additionalMetricNames should not contain spec.objective.objectiveMetricName"));
    } else if (std::ranges::find(metrics, name) != metrics.end()) {
      warn(verdict, name_path, fmt::format("\"{}\" is there twice", name));
    }
    metrics.push_back(name);
  }
  validate_strategies(*objective, metrics, verdict);
}

/// Names only; whether they exist and what settings they take is check_algorithm's.
void validate_algorithms(const Json& spec, Verdict& verdict) {
  if (const Json* early = field(spec, "earlyStopping");
      early != nullptr && text_field(*early, "algorithmName").empty()) {
    verdict.errors.push_back(required("spec.earlyStopping.algorithmName", "must be specified"));
  }
  for (const std::string_view section : {"algorithm", "earlyStopping"}) {
    const Json& settings = array_field(object_field(spec, section), "algorithmSettings");
    std::set<std::string> names;
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const std::string name = text_field(settings[i], "name");
      if (!names.insert(name).second) {
        verdict.errors.push_back(
            duplicate(fmt::format("spec.{}.algorithmSettings[{}].name", section, i), name));
      }
    }
  }
}

void validate_policies(const Json& spec, const Json& experiment, Verdict& verdict) {
  static const std::vector<std::string> kPolicies = {"Never", "LongRunning", "FromVolume"};
  const std::string policy = text_field(spec, "resumePolicy");
  if (!policy.empty() && std::ranges::find(kPolicies, policy) == kPolicies.end()) {
    verdict.errors.push_back(not_supported("spec.resumePolicy", policy, kPolicies));
  }
  const Json& others = array_field(object_field(spec, "warmStart"), "fromExperiments");
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::string name = text_field(others[i], "name");
    const std::string path = fmt::format("spec.warmStart.fromExperiments[{}].name", i);
    if (name.empty()) verdict.errors.push_back(required(path, "must be specified"));
    if (!name.empty() && name == name_of(experiment)) {
      verdict.errors.push_back(invalid(path, name, "an experiment can't learn from itself"));
    }
  }
}

void append(Verdict& verdict, Verdict more) {
  std::ranges::move(more.errors, std::back_inserter(verdict.errors));
  std::ranges::move(more.warnings, std::back_inserter(verdict.warnings));
}

const Json kNoSpec = Json::object();

}  // namespace

void warn(Verdict& verdict, std::string_view path, std::string_view text) {
  verdict.warnings.push_back(fmt::format("{}: {}", path, text));
}

bool has_error_at(const Verdict& verdict, std::string_view path) {
  return std::ranges::any_of(verdict.errors, [&](const FieldError& error) {
    if (!error.path.starts_with(path)) return false;
    return error.path.size() == path.size() || error.path[path.size()] == '.' ||
           error.path[path.size()] == '[';
  });
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == 20 && words.size() > 21) return text + fmt::format(" and {} more", words.size() - i);
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return text.empty() ? "none" : text;
}

ValidationContext context_for(const ResourceTable& table) {
  ValidationContext context;
  context.definition = [&table](const std::string& api_version, const std::string& kind) {
    return table.find_kind(api_version, kind);
  };
  context.can_run = [&table](const std::string& api_version, const std::string& kind) {
    const ResourceDefinition* definition = table.find_kind(api_version, kind);
    if (definition == nullptr) return false;
    if (definition->builtin) return kind == "Job" || kind == "Pod";
    // Searches within searches: no; and runtimes run nothing by themselves.
    static const std::set<std::string> kNever = {"Experiment",      "Trial",
                                                 "Suggestion",      "OptimizationJob",
                                                 "TrainingRuntime", "ClusterTrainingRuntime"};
    return !kNever.contains(kind);
  };
  return context;
}

Verdict validate_experiment(const Json& experiment, const Json* old,
                            const ValidationContext& context) {
  Verdict verdict;
  const Json* given = field(experiment, "spec");
  const Json& spec = given != nullptr && given->is_object() ? *given : kNoSpec;
  if (old != nullptr) {
    if (object_field(*old, "spec") == spec) return verdict;
    validate_update(experiment, *old, verdict);
    if (!verdict.errors.empty()) return verdict;
  }
  validate_name(experiment, verdict);
  validate_counts(spec, verdict);
  validate_objective(spec, verdict);
  validate_algorithms(spec, verdict);
  validate_policies(spec, experiment, verdict);
  validate_parameters(spec, verdict);
  validate_active_when(spec, verdict);
  validate_initial_trials(spec, verdict);
  validate_template(spec, context, verdict);
  validate_collector(spec, verdict);
  validate_trial_pods(spec, verdict);
  const bool no_space =
      std::ranges::any_of(verdict.errors, [](const auto& error) { return error.path == "spec"; });
  const bool sound = !no_space && !has_error_at(verdict, "spec.parameters") &&
                     !has_error_at(verdict, "spec.initialTrials") &&
                     !has_error_at(verdict, "spec.objective");
  if (context.check_algorithm) {
    Verdict said = context.check_algorithm(glance_at_experiment(experiment));
    if (!sound) {
      // What it says of such a space has been said above; wrong names and settings are wrong all
      // the same.
      std::erase_if(said.errors, [](const FieldError& error) {
        return !error.path.starts_with("spec.algorithm") &&
               !error.path.starts_with("spec.earlyStopping");
      });
    }
    append(verdict, std::move(said));
  }
  return verdict;
}

Admission experiment_admission(ValidationContext context) {
  Admission admission;
  admission.apply_defaults = default_experiment;
  admission.validate = [context = std::move(context)](const Json& object, const Json* old) {
    return validate_experiment(object, old, context);
  };
  return admission;
}

}  // namespace mizan::resources
