// Builds the status; zero counts and empty lists are left out, as Katib leaves them out.
#include "experiment/experiment_status.h"

#include "resources/condition.h"

namespace mizan::experiment {
namespace {

using resources::Condition;
using resources::TrialState;
using Outcome = Verdict::Outcome;

struct StateFields {
  TrialState state;
  const char* count;
  const char* list;
};
/// Katib's names, its odd singular included.
constexpr StateFields kStateFields[] = {
    {TrialState::kPending, "trialsPending", "pendingTrialList"},
    {TrialState::kRunning, "trialsRunning", "runningTrialList"},
    {TrialState::kSucceeded, "trialsSucceeded", "succeededTrialList"},
    {TrialState::kFailed, "trialsFailed", "failedTrialList"},
    {TrialState::kKilled, "trialsKilled", "killedTrialList"},
    {TrialState::kEarlyStopped, "trialsEarlyStopped", "earlyStoppedTrialList"},
    {TrialState::kMetricsUnavailable, "trialMetricsUnavailable", "metricsUnavailableTrialList"},
    {TrialState::kInfeasible, "trialsInfeasible", "infeasibleTrialList"},
};

void set_or_erase(Json& status, const char* field, std::int64_t count) {
  if (count == 0) {
    status.erase(field);
  } else {
    status[field] = count;
  }
}

void put_counts(Json& status, const TrialTally& tally) {
  set_or_erase(status, "trials", tally.total());
  for (const StateFields& fields : kStateFields) {
    set_or_erase(status, fields.count, tally.count(fields.state));
    const std::vector<std::string> names = tally.names(fields.state, kListedNames);
    if (names.empty()) {
      status.erase(fields.list);
    } else {
      status[fields.list] = names;
    }
  }
}

void put_best(Json& status, const TrialTally& tally, const resources::Trial* best) {
  const std::optional<BestTrial> named = tally.best();
  Json optimum;
  optimum["observation"] = Json::object();
  if (named) {
    // The name is known before the Trial is: keep what is there until it comes.
    if (best == nullptr) return;
    optimum["bestTrialName"] = best->name;
    optimum["parameterAssignments"] = resources::to_json(best->assignments);
    Json metrics = Json::array();
    for (const resources::ObservedMetric& metric : best->observation)
      metrics.push_back(resources::to_json(metric));
    optimum["observation"]["metrics"] = std::move(metrics);
    if (auto value = resources::objective_text(*best, best->objective))
      status["best"] = *std::move(value);
  }
  status["currentOptimalTrial"] = std::move(optimum);
}

void erase_condition(Json& conditions, std::string_view type) {
  auto& list = conditions.get_ref<Json::array_t&>();
  std::erase_if(list, [&](const Json& entry) { return string_at(entry, "type") == type; });
}

/// Sets a condition that is there to False, with its old reason and message.
void turn_off(Json& conditions, const char* type, Time now) {
  Json holder;
  holder["status"]["conditions"] = conditions;
  std::optional<Condition> held = resources::find_condition(holder, type);
  if (!held || !held->status) return;
  held->status = false;
  resources::set_condition(conditions, *held, now);
}

}  // namespace

Json conditions_after(const ExperimentView& view, const Verdict& verdict) {
  const Json* before = find(view.experiment.raw, "status.conditions");
  Json conditions = before != nullptr && before->is_array() ? *before : Json::array();
  const auto set = [&](const char* type, const std::string& reason, const std::string& message) {
    resources::set_condition(conditions, {type, true, reason, message}, view.now);
  };
  set("Created", "ExperimentCreated", "Experiment is created");
  if (verdict.already) return conditions;
  if (verdict.restarted) {
    erase_condition(conditions, "Succeeded");
    erase_condition(conditions, "Failed");
    set("Restarting", "ExperimentRestarting", "Experiment is restarted");
    return conditions;
  }
  switch (verdict.outcome) {
    case Outcome::kWaiting:
      break;
    case Outcome::kRunning:
      // What is no longer so goes first: the last condition is what kubectl shows.
      erase_condition(conditions, "Suspended");
      turn_off(conditions, "Restarting", view.now);
      set("Running", verdict.reason, verdict.message);
      break;
    case Outcome::kSuspended:
      turn_off(conditions, "Running", view.now);
      set("Suspended", verdict.reason, verdict.message);
      break;
    case Outcome::kSucceeded:
    case Outcome::kFailed:
      erase_condition(conditions, "Suspended");
      turn_off(conditions, "Restarting", view.now);
      turn_off(conditions, "Running", view.now);
      set(verdict.outcome == Outcome::kSucceeded ? "Succeeded" : "Failed", verdict.reason,
          verdict.message);
      break;
  }
  return conditions;
}

Json status_after(const ExperimentView& view, const Verdict& verdict, Json conditions,
                  const resources::Trial* best) {
  const Json* before = find(view.experiment.raw, "status");
  Json status = before != nullptr && before->is_object() ? *before : Json::object();
  status["conditions"] = std::move(conditions);
  if (string_at(status, "startTime").empty()) status["startTime"] = format_rfc3339(view.now);
  if (verdict.is_final() && !verdict.already) status["completionTime"] = format_rfc3339(view.now);
  if (verdict.restarted) status.erase("completionTime");
  if (!verdict.why.empty()) status["why"] = verdict.why;
  put_counts(status, view.tally);
  put_best(status, view.tally, best);
  return status;
}

Json difference(const Json& before, const Json& after) {
  Json patch = Json::object();
  for (const auto& [key, value] : after.items()) {
    const Json* old = before.is_object() && before.contains(key) ? &before[key] : nullptr;
    if (old != nullptr && old->is_object() && value.is_object()) {
      // A merge patch goes into objects: what is gone there must be named.
      if (Json inner = difference(*old, value); !inner.empty()) patch[key] = std::move(inner);
    } else if (old == nullptr || *old != value) {
      patch[key] = value;
    }
  }
  if (!before.is_object()) return patch;
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) patch[key] = nullptr;
  }
  return patch;
}

}  // namespace mizan::experiment
