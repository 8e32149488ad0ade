// See trial.h.
#include "resources/trial.h"

#include <algorithm>

#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/spec_parts.h"

namespace mizan::resources {
namespace {

TrialState state_of(const Json& object) {
  // Infeasible stands before Failed: it says more, and a tuner may have set both.
  constexpr std::pair<std::string_view, TrialState> kOrder[] = {
      {"Killed", TrialState::kKilled},
      {"Infeasible", TrialState::kInfeasible},
      {"Failed", TrialState::kFailed},
      {"Succeeded", TrialState::kSucceeded},
      {"EarlyStopped", TrialState::kEarlyStopped},
      {"Running", TrialState::kRunning},
      {"MetricsUnavailable", TrialState::kMetricsUnavailable}};
  for (const auto& [type, state] : kOrder) {
    if (has_condition(object, type)) return state;
  }
  return TrialState::kPending;
}

/// From the status; before its first write from the annotation that the Experiment controller put
/// there.
std::optional<std::uint64_t> draw_index_of(const Json& object) {
  const auto read = [](const Json& suggested_from) -> std::optional<std::uint64_t> {
    const auto draw = integer_field(suggested_from, "draw");
    return draw && *draw >= 0 ? std::optional(static_cast<std::uint64_t>(*draw)) : std::nullopt;
  };
  if (const auto draw = read(object_field(object_field(object, "status"), "suggestedFrom")))
    return draw;
  const Json& annotations = object_field(object_field(object, "metadata"), "annotations");
  const std::string text = text_field(annotations, kSuggestedFromAnnotation);
  if (text.empty()) return std::nullopt;
  const auto parsed = parse_json(text);
  return parsed ? read(parsed->value) : std::nullopt;
}

std::vector<ObservedMetric> read_observation(const Json& status) {
  std::vector<ObservedMetric> observation;
  for (const Json& metric : array_field(object_field(status, "observation"), "metrics")) {
    observation.push_back({text_field(metric, "name"), text_field(metric, "min"),
                           text_field(metric, "max"), text_field(metric, "latest")});
  }
  return observation;
}

void read_identity(const Json& object, Trial& trial) {
  trial.ns = namespace_of(object);
  trial.name = name_of(object);
  trial.uid = uid_of(object);
  trial.resource_version = resource_version_of(object);
  trial.labels = labels_of(object);
  trial.annotations = annotations_of(object);
  if (const auto label = trial.labels.find(std::string(kExperimentLabel));
      label != trial.labels.end()) {
    trial.experiment = label->second;
  }
  trial.created = creation_time_of(object);
  trial.being_deleted = is_being_deleted(object);
  const auto origin = trial.labels.find(std::string(kOriginLabel));
  trial.imported = origin != trial.labels.end() && origin->second == "imported";
}

}  // namespace

std::vector<Assignment> read_assignments(const Json& list) {
  std::vector<Assignment> assignments;
  for (const Json& entry : list) {
    assignments.push_back({text_field(entry, "name"), text_field(entry, "value")});
  }
  return assignments;
}

std::vector<EarlyStoppingRule> read_stopping_rules(const Json& list) {
  std::vector<EarlyStoppingRule> rules;
  for (const Json& entry : list) {
    rules.push_back({text_field(entry, "name"), text_field(entry, "value"),
                     text_field(entry, "comparison"),
                     integer_field(entry, "startStep").value_or(0)});
  }
  return rules;
}

std::vector<RetryRule> read_retry(const Json& list) {
  std::vector<RetryRule> rules;
  for (const Json& entry : list) {
    RetryRule rule{text_field(entry, "class"), {}, integer_field(entry, "limit").value_or(0)};
    for (const Json& code : array_field(entry, "exitCodes")) {
      if (code.is_number_integer()) rule.exit_codes.push_back(code.get<std::int64_t>());
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Json to_json(const std::vector<Assignment>& assignments) {
  Json list = Json::array();
  for (const Assignment& assignment : assignments) {
    list.push_back({{"name", assignment.name}, {"value", assignment.value}});
  }
  return list;
}

Json to_json(const std::vector<EarlyStoppingRule>& rules) {
  Json list = Json::array();
  for (const EarlyStoppingRule& rule : rules) {
    Json entry = {{"name", rule.name}, {"value", rule.value}, {"comparison", rule.comparison}};
    if (rule.start_step != 0) entry["startStep"] = rule.start_step;
    list.push_back(std::move(entry));
  }
  return list;
}

Trial read_trial(const Json& object) {
  Trial trial;
  const Json& spec = object_field(object, "spec");
  const Json& status = object_field(object, "status");
  read_identity(object, trial);
  trial.started = parse_rfc3339(text_field(status, "startTime"));
  trial.completed = parse_rfc3339(text_field(status, "completionTime"));
  trial.objective = read_objective(object_field(spec, "objective"));
  trial.assignments = read_assignments(array_field(spec, "parameterAssignments"));
  trial.stopping_rules = read_stopping_rules(array_field(spec, "earlyStoppingRules"));
  if (const Json* run = field(spec, "runSpec"); run != nullptr && run->is_object())
    trial.run_spec = *run;
  trial.retain_run = flag_field(spec, "retainRun");
  trial.collector = read_collector(object_field(spec, "metricsCollector"));
  trial.primary_pod_labels = text_map_field(spec, "primaryPodLabels");
  trial.primary_container = text_field(spec, "primaryContainerName");
  trial.success_condition = text_field(spec, "successCondition");
  trial.failure_condition = text_field(spec, "failureCondition");
  trial.retry = read_retry(array_field(spec, "retry"));
  trial.attempts = std::max<std::int64_t>(1, integer_field(status, "attempts").value_or(1));
  const auto exclude = trial.annotations.find(std::string(kExcludeAnnotation));
  trial.excluded = exclude != trial.annotations.end() && exclude->second == "true";
  trial.state = state_of(object);
  trial.observation = read_observation(status);
  trial.draw_index = draw_index_of(object);
  trial.raw = object;
  return trial;
}

bool is_completed(TrialState state) {
  return state != TrialState::kPending && state != TrialState::kRunning;
}

std::string_view to_string(TrialState state) {
  switch (state) {
    case TrialState::kPending:
      return "Pending";
    case TrialState::kRunning:
      return "Running";
    case TrialState::kSucceeded:
      return "Succeeded";
    case TrialState::kKilled:
      return "Killed";
    case TrialState::kFailed:
      return "Failed";
    case TrialState::kEarlyStopped:
      return "EarlyStopped";
    case TrialState::kMetricsUnavailable:
      return "MetricsUnavailable";
    case TrialState::kInfeasible:
      return "Infeasible";
  }
  return "Pending";
}

std::optional<std::string> metric_text(const ObservedMetric& metric, MetricStrategy strategy) {
  if (strategy != MetricStrategy::kLatest) {
    const std::string& extreme = strategy == MetricStrategy::kMin ? metric.min : metric.max;
    if (decimal(extreme)) return extreme;
  }
  if (decimal(metric.latest)) return metric.latest;
  return std::nullopt;
}

std::optional<double> metric_value(const ObservedMetric& metric, MetricStrategy strategy) {
  const auto text = metric_text(metric, strategy);
  return text ? decimal(*text) : std::nullopt;
}

std::optional<std::string> objective_text(const Trial& trial, const Objective& objective) {
  const auto strategy = objective.strategies.find(objective.metric);
  const MetricStrategy how = strategy != objective.strategies.end()       ? strategy->second
                             : objective.type == ObjectiveType::kMaximize ? MetricStrategy::kMax
                                                                          : MetricStrategy::kMin;
  for (const ObservedMetric& metric : trial.observation) {
    if (metric.name == objective.metric) return metric_text(metric, how);
  }
  return std::nullopt;
}

std::optional<double> objective_value(const Trial& trial, const Objective& objective) {
  const auto text = objective_text(trial, objective);
  return text ? decimal(*text) : std::nullopt;
}

}  // namespace mizan::resources
