// Created -> run object -> Running -> its conditions -> observation -> the end.
#include "experiment/trial_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/train_job_run.h"
#include "experiment/trial_retry.h"
#include "experiment/trial_why.h"
#include "resources/condition.h"
#include "resources/meta.h"

namespace mizan::experiment {
namespace {

using controller::EventType;
using resources::Trial;
using resources::TrialOutcome;
using resources::TrialState;

/// Katib's way to hand on what the run object said: "TrialFailed. Job reason:
/// BackoffLimitExceeded".
std::string with_job(std::string text, std::string_view what, const std::string& said) {
  return said.empty() ? text : fmt::format("{}. Job {}: {}", text, what, said);
}

TrialOutcome outcome_of(TrialState state, const char* reason, const char* message,
                        const ConditionExpression::Verdict& run) {
  TrialOutcome outcome;
  outcome.state = state;
  outcome.reason = with_job(reason, "reason", run.reason);
  outcome.message = with_job(message, "message", run.message);
  return outcome;
}

void plan_completed(const TrialView& view, bool run_is_over, TrialPlan& plan) {
  if (view.run == nullptr) return;
  if (run_is_over) {
    plan.release_run = !view.trial.retain_run;
    return;
  }
  if (resources::is_being_deleted(*view.run)) return;
  // Killed, stopped early or told by its client while it still runs: it must stop, retained or not.
  plan.delete_run = true;
  plan.events.push_back(
      {EventType::kNormal, "JobDeleted", fmt::format("Job {} has been deleted", view.trial.name)});
}

/// The state that a run without an end is in, once it has lasted long enough to be told: most of
/// the writes of a short trial are saved so.
void plan_progress(const TrialView& view, bool active, TrialPlan& plan) {
  const Trial& trial = view.trial;
  const bool created = resources::has_condition(trial.raw, "Created");
  const bool to_tell = !created || (active && trial.state != TrialState::kRunning);
  const std::string waiting = active ? std::string()
                              : view.pod != nullptr
                                  ? why_waiting(*view.pod, trial.primary_container)
                              : view.run != nullptr ? why_no_pod(*view.run)
                                                    : std::string();
  const std::string told = string_at(trial.raw, "status.why");
  if (!to_tell && (waiting.empty() || waiting == told)) return;
  if (view.seen_for < view.unwritten_for) {
    plan.look_again = view.unwritten_for - view.seen_for;
    return;
  }
  plan.mark_created = !created;
  if (active && trial.state != TrialState::kRunning) {
    plan.mark_running = true;
    // It waits no more: what is to be said is again where its point comes from.
    const auto origin = trial.annotations.find(std::string(resources::kWhyAnnotation));
    if (!told.empty() && origin != trial.annotations.end() && told != origin->second)
      plan.why = origin->second;
    if (view.run != nullptr) {
      plan.events.push_back(
          {EventType::kNormal, "JobRunning", fmt::format("Job {} is running", trial.name)});
    }
  }
  if (!waiting.empty() && waiting != told) {
    plan.why = waiting;
    if (view.pod == nullptr && view.run != nullptr) plan.no_operator = why_no_operator(*view.run);
    plan.events.push_back({EventType::kWarning, "TrialWaits", waiting});
  }
}

void fail_at_once(const TrialView& view, const char* field, const Error& error, TrialPlan& plan) {
  const std::string why = fmt::format("spec.{} can't be read: {}.", field, error.message);
  TrialOutcome outcome;
  outcome.state = TrialState::kFailed;
  outcome.message = "Trial has failed. " + why;
  plan.outcome = std::move(outcome);
  plan.why = why;
  plan.events.push_back({EventType::kWarning, "TrialFailed", why});
  if (view.run != nullptr) plan.delete_run = true;
}

void plan_failure(const TrialView& view, const ConditionExpression::Verdict& run, TrialPlan& plan) {
  const Trial& trial = view.trial;
  std::string infeasible;
  if (is_infeasible(trial, view.pod, infeasible)) {
    TrialOutcome outcome;
    outcome.state = TrialState::kInfeasible;
    outcome.reason = "InvalidParameters";
    outcome.message = infeasible;
    plan.outcome = std::move(outcome);
    plan.why = "It says that its parameters can't work: " + infeasible;
    plan.events.push_back({EventType::kWarning, "TrialInfeasible", *plan.why});
    return;
  }
  const resources::RetryRule* rule =
      retry_rule(trial, view.pod, RunFailure{run.reason, run.message});
  const std::string& last_line = view.collected->notes.last_line;
  const std::string why = why_failed(trial, {run.reason, run.message}, view.pod,
                                     last_line.empty() ? view.last_line : last_line);
  if (rule != nullptr) {
    plan.attempt = trial.attempts + 1;
    plan.delete_run = true;
    plan.why = fmt::format("Attempt {} failed: {}", trial.attempts, why);
    plan.events.push_back({EventType::kWarning, "TrialRetried",
                           fmt::format("{} It is started again: {} of {} times after {}", *plan.why,
                                       trial.attempts, rule->limit, rule->failure_class)});
    return;
  }
  TrialOutcome outcome = outcome_of(TrialState::kFailed, "TrialFailed", "Trial has failed", run);
  outcome.message += ". " + why;
  if (view.collected->observation.has_objective())
    outcome.observation = view.collected->observation.observation();
  plan.outcome = std::move(outcome);
  plan.why = why;
  plan.events.push_back(
      {EventType::kWarning, "JobFailed", fmt::format("Job {} has failed. {}", trial.name, why)});
}

void plan_success(const TrialView& view, const ConditionExpression::Verdict& run, TrialPlan& plan) {
  const Trial& trial = view.trial;
  const ObservationBuilder& observation = view.collected->observation;
  plan.events.push_back(
      {EventType::kNormal, "JobSucceeded", fmt::format("Job {} has succeeded", trial.name)});
  if (observation.has_objective() || trial.collector.kind == "None") {
    plan.outcome = outcome_of(TrialState::kSucceeded, "TrialSucceeded", "Trial has succeeded", run);
  } else {
    const std::string why = why_no_metric(trial, *view.collected);
    plan.outcome = outcome_of(TrialState::kMetricsUnavailable, "MetricsUnavailable",
                              "Metrics are not available", run);
    plan.outcome->message += ". " + why;
    plan.why = why;
    plan.events.push_back(
        {EventType::kWarning, "MetricsUnavailable",
         fmt::format("Metrics are not available for Job {}. {}", trial.name, why)});
  }
  plan.outcome->observation = observation.observation();
}

bool is_started(const TrialView& view) {
  const ContainerView* container =
      view.pod == nullptr ? nullptr : view.pod->container(view.trial.primary_container);
  return container != nullptr && container->state != ContainerView::State::kWaiting;
}

/// Why the trial is to be stopped early, when that is written down.
std::string stop_reason(const Trial& trial) {
  const auto found = trial.annotations.find(std::string(resources::kStopEarlyAnnotation));
  return found == trial.annotations.end() ? std::string() : found->second;
}

/// Its run object goes; what it said until its end is its result.
TrialPlan plan_stop(const TrialView& view, const std::string& reason) {
  TrialPlan plan;
  const Trial& trial = view.trial;
  if (view.run != nullptr && !resources::is_being_deleted(*view.run)) {
    plan.delete_run = true;
    plan.events.push_back({EventType::kNormal, "JobDeleted",
                           fmt::format("Job {} is stopped early: {}", trial.name, reason)});
  }
  plan.follow_metrics = is_started(view);
  if (view.collected == nullptr) {
    plan.finish_metrics = true;
    return plan;
  }
  plan.mark_created = !resources::has_condition(trial.raw, "Created");
  plan.mark_running = trial.state != TrialState::kRunning;
  TrialOutcome outcome;
  outcome.state = TrialState::kEarlyStopped;
  outcome.message = "Trial is early stopped. " + reason;
  if (!view.collected->observation.empty())
    outcome.observation = view.collected->observation.observation();
  plan.outcome = std::move(outcome);
  plan.events.push_back({EventType::kNormal, "TrialEarlyStopped", reason});
  return plan;
}

/// A trial that its client runs: it is running once a client has taken it.
TrialPlan plan_client_run(const TrialView& view) {
  TrialPlan plan;
  plan_progress(view, view.trial.annotations.contains(std::string(resources::kClientIdAnnotation)),
                plan);
  return plan;
}

bool has_active_job(const Json& train_job) {
  const Json* jobs = find(train_job, "status.jobsStatus");
  return jobs != nullptr && jobs->is_array() && std::ranges::any_of(*jobs, [](const Json& job) {
           return job.is_object() && job.value("active", Json(0)) != Json(0);
         });
}

bool is_active(const TrialView& view) {
  if (view.pod != nullptr) return view.pod->phase != "Pending";
  const std::string kind = string_at(*view.run, "kind");
  if (kind == "Pod") return string_at(*view.run, "status.phase", "Pending") != "Pending";
  if (is_train_job(*view.run)) return has_active_job(*view.run);
  // Of other kinds nothing more is known than that somebody takes care of them.
  if (is_foreign(*view.run)) return why_no_operator(*view.run).empty();
  const Json* active = find(*view.run, "status.active");
  return active != nullptr && active->is_number() && active->get<std::int64_t>() > 0;
}

}  // namespace

TrialPlan plan_trial(const TrialView& view) {
  TrialPlan plan;
  const Trial& trial = view.trial;
  if (trial.being_deleted) return plan;  // its owner reference takes the run object along
  const bool completed = resources::is_completed(trial.state);
  if (trial.run_spec.is_null()) return completed ? plan : plan_client_run(view);
  if (!view.failure || !view.success) {
    if (completed) {
      plan_completed(view, false, plan);
    } else {
      const bool which = !view.failure;
      fail_at_once(view, which ? "failureCondition" : "successCondition",
                   which ? view.failure.error() : view.success.error(), plan);
    }
    return plan;
  }
  const std::string stop = completed ? std::string() : stop_reason(trial);
  if (view.run == nullptr) {
    if (!stop.empty()) return plan_stop(view, stop);
    if (!completed) {
      plan.create_run = true;
      plan_progress(view, false, plan);
    }
    return plan;
  }

  // The end of an attempt that was given up: another run takes its place.
  if (!completed && attempt_of(*view.run) < trial.attempts) {
    plan.delete_run = !resources::is_being_deleted(*view.run);
    return plan;
  }
  const ConditionExpression::Verdict failed = view.failure->test(*view.run);
  const ConditionExpression::Verdict succeeded =
      failed.holds ? ConditionExpression::Verdict() : view.success->test(*view.run);
  const bool run_is_over = failed.holds || succeeded.holds;
  if (completed) {
    plan_completed(view, run_is_over, plan);
    return plan;
  }
  // One that ended by itself before it was stopped has its own end.
  if (!stop.empty() && (!run_is_over || resources::is_being_deleted(*view.run)))
    return plan_stop(view, stop);
  plan.follow_metrics = is_started(view);
  if (!run_is_over) {
    if (stop.empty() && !view.stop_early.empty()) plan.note_stop = view.stop_early;
    plan_progress(view, is_active(view), plan);
  } else if (view.collected == nullptr) {
    plan.finish_metrics = true;
  } else {
    // What was too short to be written before is written with the end.
    plan.mark_created = !resources::has_condition(trial.raw, "Created");
    plan.mark_running = trial.state != TrialState::kRunning;
    if (failed.holds) {
      plan_failure(view, failed, plan);
    } else {
      plan_success(view, succeeded, plan);
    }
    plan.release_run = !trial.retain_run && !plan.attempt;
  }
  return plan;
}

}  // namespace mizan::experiment
