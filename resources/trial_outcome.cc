// How a Trial's status looks once it has ended: the one place where outcomes become conditions.
#include "resources/condition.h"
#include "resources/reading.h"
#include "resources/trial.h"

namespace mizan::resources {
namespace {

/// Katib's words where Katib has the state.
Condition condition_of(const TrialOutcome& outcome) {
  Condition condition{std::string(to_string(outcome.state)), true, outcome.reason, outcome.message};
  const auto usual = [&](std::string_view reason, std::string_view message) {
    if (condition.reason.empty()) condition.reason = reason;
    if (condition.message.empty()) condition.message = message;
  };
  switch (outcome.state) {
    case TrialState::kSucceeded:
      usual("TrialSucceeded", "Trial has succeeded");
      break;
    case TrialState::kFailed:
      usual("TrialFailed", "Trial has failed");
      break;
    case TrialState::kKilled:
      usual("TrialKilled", "Trial is killed");
      break;
    case TrialState::kEarlyStopped:
      usual("TrialEarlyStopped", "Trial is early stopped");
      break;
    case TrialState::kMetricsUnavailable:
      usual("MetricsUnavailable", "Metrics are not available");
      break;
    case TrialState::kInfeasible:
      usual("InvalidParameters", "Trial can't run with these parameters");
      break;
    case TrialState::kPending:
    case TrialState::kRunning:
      break;
  }
  return condition;
}

}  // namespace

Json to_json(const ObservedMetric& metric) {
  return {
      {"name", metric.name}, {"min", metric.min}, {"max", metric.max}, {"latest", metric.latest}};
}

Json with_outcome(Json trial, const TrialOutcome& outcome, Time now) {
  if (!trial.is_object() || !is_completed(outcome.state) || is_completed(read_trial(trial).state))
    return trial;
  Json& status = trial["status"];
  if (!status.is_object()) status = Json::object();
  Json& conditions = status["conditions"];
  if (auto running = find_condition(trial, "Running")) {
    running->status = false;
    set_condition(conditions, *running, now);
  }
  set_condition(conditions, condition_of(outcome), now);
  status["completionTime"] = format_rfc3339(now);
  if (!outcome.observation.empty()) {
    Json metrics = Json::array();
    for (const ObservedMetric& metric : outcome.observation) metrics.push_back(to_json(metric));
    status["observation"] = {{"metrics", std::move(metrics)}};
    const Trial ended = read_trial(trial);
    if (auto value = objective_text(ended, ended.objective))
      status["objective"] = *std::move(value);
  }
  return trial;
}

}  // namespace mizan::resources
