// Conditions in Katib's order: Created, Running, then the end.
#include "experiment/trial_status.h"

#include "experiment/experiment_status.h"
#include "resources/condition.h"

namespace mizan::experiment {
namespace {

Json patch_to(const resources::Trial& trial, const Json& after) {
  const Json* before = find(trial.raw, "status");
  Json changes = difference(before != nullptr ? *before : Json(), after);
  if (changes.empty()) return changes;
  Json patch;
  patch["metadata"]["resourceVersion"] = trial.resource_version;
  patch["status"] = std::move(changes);
  return patch;
}

/// Creating an object drops its status, so the origin of the point travels in annotations until the
/// first write.
void take_over_origin(const resources::Trial& trial, Json& status) {
  const auto from = trial.annotations.find(std::string(resources::kSuggestedFromAnnotation));
  if (from != trial.annotations.end() && !status.contains("suggestedFrom")) {
    if (auto parsed = parse_json(from->second)) status["suggestedFrom"] = std::move(parsed->value);
  }
  const auto why = trial.annotations.find(std::string(resources::kWhyAnnotation));
  if (why != trial.annotations.end() && !status.contains("why")) status["why"] = why->second;
}

}  // namespace

Json trial_status_after(const resources::Trial& trial, const TrialPlan& plan, Time now) {
  Json object = trial.raw;
  Json& status = object["status"];
  if (!status.is_object()) status = Json::object();
  take_over_origin(trial, status);
  Json& conditions = status["conditions"];
  if (plan.mark_created) {
    resources::set_condition(conditions, {"Created", true, "TrialCreated", "Trial is created"},
                             now);
    if (!status.contains("startTime")) status["startTime"] = format_rfc3339(now);
  }
  if (plan.mark_running) {
    resources::set_condition(conditions, {"Running", true, "TrialRunning", "Trial is running"},
                             now);
  }
  if (!plan.no_operator.empty()) {
    resources::set_condition(conditions, {"Running", false, "NoOperator", plan.no_operator}, now);
  }
  if (plan.attempt) status["attempts"] = *plan.attempt;
  if (plan.why) status["why"] = *plan.why;
  if (plan.outcome) object = resources::with_outcome(std::move(object), *plan.outcome, now);
  return object["status"];
}

Json trial_status_patch(const resources::Trial& trial, const TrialPlan& plan, Time now) {
  return patch_to(trial, trial_status_after(trial, plan, now));
}

Json trial_outcome_patch(const resources::Trial& trial, const resources::TrialOutcome& outcome,
                         const std::string& why, Time now) {
  TrialPlan plan;
  // One that has ended by itself a moment ago keeps its own reason.
  if (resources::is_completed(trial.state)) return trial_status_patch(trial, plan, now);
  plan.mark_created = !resources::has_condition(trial.raw, "Created");
  plan.outcome = outcome;
  if (!why.empty()) plan.why = why;
  return trial_status_patch(trial, plan, now);
}

}  // namespace mizan::experiment
