// Summaries.
#include "api/summary.h"

#include <charconv>
#include <cmath>

#include "resources/condition.h"
#include "resources/meta.h"

namespace mizan::api {
namespace {

using resources::Experiment;
using resources::Trial;

Json time_or_null(const Json& object, std::string_view path) {
  const std::string text = string_at(object, path);
  return text.empty() ? Json() : Json(text);
}

Json integer_or_null(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json();
}

Json parameter_summary(const resources::Parameter& parameter) {
  Json summary{{"name", parameter.name},
               {"type", to_string(parameter.type)},
               {"min", parameter.min},
               {"max", parameter.max},
               {"step", parameter.step},
               {"list", parameter.list},
               {"distribution", to_string(parameter.distribution)}};
  if (!parameter.active_parent.empty()) {
    summary["activeWhen"] = {{"parameter", parameter.active_parent},
                             {"in", parameter.active_values}};
  }
  return summary;
}

Json counts_of(const Experiment& experiment) {
  const auto count = [&](std::string_view path) {
    const Json* value = find(experiment.raw, path);
    return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
  };
  return {{"total", count("status.trials")},
          {"max", integer_or_null(experiment.max_trial_count)},
          {"parallel", integer_or_null(experiment.parallel_trial_count)},
          {"pending", count("status.trialsPending")},
          {"running", count("status.trialsRunning")},
          {"succeeded", count("status.trialsSucceeded")},
          {"failed", count("status.trialsFailed")},
          {"killed", count("status.trialsKilled")},
          {"earlyStopped", count("status.trialsEarlyStopped")},
          {"metricsUnavailable", count("status.trialMetricsUnavailable")},
          {"infeasible", count("status.trialsInfeasible")}};
}

Json best_summary(const Experiment& experiment) {
  const auto best = best_trial(experiment.raw);
  if (!best) return nullptr;
  Json value;
  for (const auto& metric : best->metrics) {
    if (metric.name == experiment.objective.metric)
      value = metric_number(metric, experiment.objective);
  }
  return {{"trial", best->name},
          {"value", value},
          {"assignments", assignments_by_name(best->assignments)}};
}

std::string state_of(const Experiment& experiment) {
  const std::string last = resources::last_condition_type(experiment.raw);
  if (experiment.suspend && last != "Succeeded" && last != "Failed") return "Suspended";
  return last.empty() ? "Created" : last;
}

/// What both summaries begin with.
Json common(const Json& object) {
  return {{"namespace", resources::namespace_of(object)},
          {"name", resources::name_of(object)},
          {"uid", resources::uid_of(object)},
          {"resourceVersion", resources::resource_version_of(object)},
          {"created", time_or_null(object, "metadata.creationTimestamp")},
          {"started", time_or_null(object, "status.startTime")},
          {"completed", time_or_null(object, "status.completionTime")}};
}

void add_state(Json& summary, const Json& object, const std::string& state,
               const std::string& why) {
  const auto condition = resources::find_condition(object, state);
  summary["state"] = state;
  summary["reason"] = condition ? condition->reason : "";
  summary["message"] = condition ? condition->message : "";
  summary["why"] = why;
}

}  // namespace

Json number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() ||
      !std::isfinite(value))
    return nullptr;
  return value;
}

Json metric_number(const resources::ObservedMetric& metric, const resources::Objective& objective) {
  const auto strategy = objective.strategies.find(metric.name);
  if (strategy != objective.strategies.end()) {
    const auto value = resources::metric_value(metric, strategy->second);
    return value ? Json(*value) : Json();
  }
  return number_of(metric.latest);
}

Json assignments_by_name(const std::vector<resources::Assignment>& assignments) {
  Json out = Json::object();
  for (const auto& assignment : assignments) out[assignment.name] = assignment.value;
  return out;
}

std::optional<BestTrial> best_trial(const Json& experiment) {
  const Json* optimal = find(experiment, "status.currentOptimalTrial");
  BestTrial best;
  if (optimal != nullptr) best.name = string_at(*optimal, "bestTrialName");
  if (best.name.empty()) return std::nullopt;
  if (const Json* assignments = find(*optimal, "parameterAssignments")) {
    best.assignments = resources::read_assignments(*assignments);
  }
  const Json* metrics = find(*optimal, "observation.metrics");
  if (metrics != nullptr && metrics->is_array()) {
    for (const Json& metric : *metrics) {
      best.metrics.push_back({string_at(metric, "name"), string_at(metric, "min"),
                              string_at(metric, "max"), string_at(metric, "latest")});
    }
  }
  return best;
}

Json experiment_summary(const Json& object) {
  const Experiment experiment = resources::read_experiment(object);
  Json summary = common(object);
  add_state(summary, object, state_of(experiment), string_at(object, "status.why"));
  summary["algorithm"] = experiment.algorithm.name;
  summary["objective"] = {
      {"metric", experiment.objective.metric},
      {"type",
       experiment.objective.type == resources::ObjectiveType::kMaximize ? "maximize" : "minimize"},
      {"goal", experiment.objective.goal ? Json(*experiment.objective.goal) : Json()}};
  summary["parameters"] = Json::array();
  for (const auto& parameter : experiment.parameters)
    summary["parameters"].push_back(parameter_summary(parameter));
  summary["counts"] = counts_of(experiment);
  summary["best"] = best_summary(experiment);
  summary["client"] = experiment.trial_template.client;
  return summary;
}

Json trial_summary(const Json& object) {
  const Trial trial = resources::read_trial(object);
  Json summary = common(object);
  const std::string last = resources::last_condition_type(object);
  std::string state(to_string(trial.state));
  if (trial.state == resources::TrialState::kPending && last == "Created") state = "Created";
  std::string why = string_at(object, "status.why");
  if (why.empty()) {
    const auto noted = trial.annotations.find(std::string(resources::kWhyAnnotation));
    if (noted != trial.annotations.end()) why = noted->second;
  }
  add_state(summary, object, state, why);
  summary["experiment"] = trial.experiment;
  summary["index"] = trial.draw_index ? Json(*trial.draw_index) : Json();
  summary["assignments"] = assignments_by_name(trial.assignments);
  summary["metrics"] = Json::object();
  for (const auto& metric : trial.observation) {
    summary["metrics"][metric.name] = {{"min", number_of(metric.min)},
                                       {"max", number_of(metric.max)},
                                       {"latest", number_of(metric.latest)}};
  }
  const auto objective = resources::objective_value(trial, trial.objective);
  summary["objective"] = objective ? Json(*objective) : Json();
  return summary;
}

Json event_summary(const Json& event) {
  std::string time;
  for (const char* path :
       {"lastTimestamp", "series.lastObservedTime", "eventTime", "metadata.creationTimestamp"}) {
    if (time = string_at(event, path); !time.empty()) break;
  }
  const Json* count = find(event, "count");
  return {{"time", time},
          {"type", string_at(event, "type")},
          {"reason", string_at(event, "reason")},
          {"message", string_at(event, "message")},
          {"count", count != nullptr && count->is_number_integer() ? *count : Json(1)}};
}

}  // namespace mizan::api
