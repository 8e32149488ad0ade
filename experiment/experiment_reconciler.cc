// ExperimentReconciler: the I/O around plan_experiment().
#include "experiment/experiment_reconciler.h"

#include <fmt/format.h>

#include "core/log.h"
#include "experiment/experiment_status.h"
#include "resources/condition.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::experiment {
namespace {

using controller::Request;
using controller::RequeueAfter;
using resources::Experiment;
using resources::Suggestion;
using resources::Trial;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

using resources::kExperiments;

std::string owner_uid(const Json& object) {
  const auto owner = resources::controller_of(object);
  return owner ? owner->uid : std::string();
}

/// Hyperband tells which parameter is the resource that a trial may spend.
std::string fidelity_parameter_of(const Experiment& experiment) {
  for (const resources::NamedSetting& setting : experiment.algorithm.settings) {
    if (setting.name == "resource_name") return setting.value;
  }
  return "";
}

RequeueAfter sooner(RequeueAfter a, RequeueAfter b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

}  // namespace

ExperimentReconciler::ExperimentReconciler(
    store::ObjectStore& store, const resources::ResourceTable& table,
    const resources::AdmissionTable& admission, const Clock& clock, controller::Recorder& recorder,
    store::ObservationLog& observations, Experiments& experiments, Suggestions& suggestions,
    Trials& trials, milliseconds status_interval, TrialsAtOnce trials_at_once, WhoWaits who_waits)
    : store_(store),
      admission_(admission),
      clock_(clock),
      recorder_(recorder),
      experiments_(experiments),
      suggestions_(suggestions),
      trials_(trials),
      children_(store, table, clock, suggestions, trials, std::move(who_waits)),
      silence_(observations, clock),
      status_interval_(status_interval),
      trials_at_once_(std::move(trials_at_once)) {
  trials_.on_change([this](const Trials::Event& event) {
    trial_changed(event);
    silence_.trial_changed(event.before.get(), event.after.get());
  });
  experiments_.on_change([this](const Experiments::Event& event) {
    if (event.before && (!event.after || event.after->uid != event.before->uid))
      entries_.erase(event.before->uid);
  });
}

void ExperimentReconciler::trial_changed(const Trials::Event& event) {
  const std::string after = event.after ? owner_uid(event.after->raw) : std::string();
  if (event.before) {
    const std::string before = owner_uid(event.before->raw);
    const auto entry = before == after ? entries_.end() : entries_.find(before);
    if (entry != entries_.end()) {
      entry->second.tally.remove(event.before->name);
      // Trials may go after their experiment has gone: nobody would drop the entry then.
      if (entry->second.tally.empty() &&
          !experiments_.get(event.before->ns, event.before->experiment))
        entries_.erase(entry);
    }
  }
  if (!after.empty()) entries_[after].tally.put(*event.after);
}

ExperimentReconciler::Entry& ExperimentReconciler::entry_of(const Experiment& experiment) {
  Entry& entry = entries_[experiment.uid];
  const std::string parameter = fidelity_parameter_of(experiment);
  if (entry.fidelity_parameter != parameter) {
    // Trials may have come before their experiment: count them again, once.
    entry.fidelity_parameter = parameter;
    entry.tally = TrialTally(parameter);
    for (const TrialPtr& trial : trials_.all()) {
      if (owner_uid(trial->raw) == experiment.uid) entry.tally.put(*trial);
    }
  }
  return entry;
}

const TrialTally* ExperimentReconciler::tally(const std::string& experiment_uid) const {
  const auto entry = entries_.find(experiment_uid);
  return entry == entries_.end() ? nullptr : &entry->second.tally;
}

ExperimentView ExperimentReconciler::view_of(const Experiment& experiment, const TrialTally& tally,
                                             const Suggestion* suggestion) const {
  return ExperimentView{.experiment = experiment,
                        .tally = tally,
                        .suggestion = suggestion,
                        .has_trial =
                            [this, &experiment](const std::string& name) {
                              return trials_.get(experiment.ns, name) != nullptr;
                            },
                        .now = clock_.now(),
                        .trials_at_once = trials_at_once_
                                              ? trials_at_once_(experiment, tally.completed())
                                              : std::nullopt};
}

/// Where no admission stood before the store, an experiment that can't run fails here with the same
/// text.
std::optional<Verdict> ExperimentReconciler::invalid(const Experiment& experiment,
                                                     Entry& entry) const {
  std::string generation = std::to_string(resources::generation_of(experiment.raw));
  if (entry.validated == generation) return std::nullopt;
  const auto row = admission_.find({"kubeflow.org/v1beta1", "Experiment"});
  if (row != admission_.end() && row->second.validate) {
    const auto errors = row->second.validate(experiment.raw, nullptr).errors;
    if (!errors.empty()) {
      std::string text;
      for (const FieldError& error : errors)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", error.path, error.message);
      return Verdict{Verdict::Outcome::kFailed,
                     "ExperimentFailed",
                     "Experiment is invalid: " + text,
                     "It can't run: " + text,
                     false,
                     false};
    }
  }
  entry.validated = std::move(generation);
  return std::nullopt;
}

ExperimentReconciler::SuggestionPtr ExperimentReconciler::own_suggestion(
    const Experiment& experiment) const {
  SuggestionPtr suggestion = suggestions_.get(experiment.ns, experiment.name);
  // One of an earlier experiment of that name is about to be collected.
  if (suggestion && owner_uid(suggestion->raw) != experiment.uid) return nullptr;
  return suggestion;
}

Task<Result<RequeueAfter>> ExperimentReconciler::reconcile(Request request) {
  const ExperimentPtr experiment = experiments_.get(request.ns, request.name);
  if (!experiment || experiment->being_deleted) co_return RequeueAfter();
  const SuggestionPtr suggestion = own_suggestion(*experiment);

  ExperimentPlan plan;
  {
    Entry& entry = entry_of(*experiment);
    const bool complete = resources::has_condition(experiment->raw, "Succeeded") ||
                          resources::has_condition(experiment->raw, "Failed");
    std::optional<Verdict> wrong = complete ? std::nullopt : invalid(*experiment, entry);
    if (wrong) {
      plan.verdict = *std::move(wrong);
    } else {
      plan = plan_experiment(view_of(*experiment, entry.tally, suggestion.get()));
    }
  }
  Result<> applied;
  if (plan.create_suggestion) {
    applied = co_await children_.create_suggestion(experiment, plan.requests.value_or(0));
  } else if (plan.requests) {
    applied = co_await children_.raise_requests(suggestion, *plan.requests);
  }
  if (applied && !plan.create_trials.empty()) {
    std::vector<resources::TrialAssignment> draws;
    for (const resources::TrialAssignment* draw : plan.create_trials) draws.push_back(*draw);
    applied = co_await children_.create_trials(experiment, std::move(draws));
    if (!applied && applied.error().code == Code::kInvalid) {
      // No trial of this template can ever be made: say so instead of trying for ever.
      plan.verdict = Verdict{Verdict::Outcome::kFailed,
                             "ExperimentFailed",
                             "Experiment has failed: " + applied.error().message,
                             "No trial can be made: " + applied.error().message,
                             false,
                             false};
      applied = {};
    }
  }
  if (!applied) co_return fail(std::move(applied).error());

  CO_TRY(const RequeueAfter throttled, co_await write_status(experiment, suggestion, plan.verdict));
  if (!plan.kill_trials.empty()) {
    Result<> killed =
        co_await kill_leftovers(experiment, std::move(plan.kill_trials), plan.verdict);
    if (!killed) co_return fail(std::move(killed).error());
  }
  CO_TRY(const RequeueAfter listening, co_await kill_silent(experiment));
  co_return sooner(sooner(throttled, listening), plan.look_again);
}

Task<Result<>> ExperimentReconciler::kill_leftovers(ExperimentPtr experiment,
                                                    std::vector<std::string> names,
                                                    Verdict verdict) {
  std::string reason = verdict.reason;
  if (verdict.already) {
    for (const char* type : {"Succeeded", "Failed"}) {
      const auto ended = resources::find_condition(experiment->raw, type);
      if (ended && ended->status) reason = ended->reason;
    }
  }
  std::string why = fmt::format("Stopped, because its experiment ended ({}).", reason);
  co_return co_await children_.kill_trials(experiment, std::move(names), std::move(reason),
                                           std::move(why));
}

/// Trials whose client took them and has said nothing since.
Task<Result<RequeueAfter>> ExperimentReconciler::kill_silent(ExperimentPtr experiment) {
  const auto& patience = experiment->trial_template.abandon_after_seconds;
  if (!experiment->trial_template.client || !patience) co_return RequeueAfter();
  std::vector<TrialPtr> open;
  for (const auto state : {resources::TrialState::kPending, resources::TrialState::kRunning}) {
    for (const std::string& name : entry_of(*experiment).tally.names(state, 0)) {
      if (TrialPtr trial = trials_.get(experiment->ns, name)) open.push_back(std::move(trial));
    }
  }
  ClientSilence::Silent silent = silence_.among(open, std::chrono::seconds(*patience));
  if (!silent.names.empty()) {
    std::string why = fmt::format(
        "Its client has said nothing for {} s (client.abandonAfterSeconds).", *patience);
    Result<> killed = co_await children_.kill_trials(experiment, std::move(silent.names),
                                                     "ClientGone", std::move(why));
    if (!killed) co_return fail(std::move(killed).error());
  }
  co_return RequeueAfter(silent.next);
}

Task<Result<RequeueAfter>> ExperimentReconciler::write_status(ExperimentPtr experiment,
                                                              SuggestionPtr suggestion,
                                                              Verdict verdict) {
  Json patch;
  {
    Entry& entry = entry_of(*experiment);
    const ExperimentView view = view_of(*experiment, entry.tally, suggestion.get());
    Json conditions = conditions_after(view, verdict);
    const Json* known = find(experiment->raw, "status.conditions");
    const bool changed = known == nullptr || *known != conditions;
    const auto now = SteadyClock::now();
    if (!changed && entry.status_written && now - *entry.status_written < status_interval_) {
      co_return RequeueAfter(
          std::chrono::ceil<milliseconds>(*entry.status_written + status_interval_ - now));
    }
    TrialPtr best;
    if (const auto named = entry.tally.best()) best = trials_.get(experiment->ns, named->name);
    const Json* before = find(experiment->raw, "status");
    patch["status"] = difference(before != nullptr ? *before : Json(),
                                 status_after(view, verdict, std::move(conditions), best.get()));
    if (patch["status"].empty()) co_return RequeueAfter();
    entry.status_written = now;
  }
  patch["metadata"]["resourceVersion"] = experiment->resource_version;
  store::Key key(kExperiments, experiment->ns, experiment->name);
  const Result<store::Written> written = co_await store_.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(patch)));
  if (!written) {
    if (written.error().code == Code::kNotFound) co_return RequeueAfter();
    co_return fail(written.error());
  }
  experiments_.observe(written->object);
  record_change(*experiment, verdict);
  co_return RequeueAfter();
}

/// An Event for each new state, so that `kubectl describe` tells the story.
void ExperimentReconciler::record_change(const Experiment& experiment, const Verdict& verdict) {
  if (verdict.already) return;
  const auto record = [&](controller::EventType type, const std::string& reason,
                          const std::string& message) {
    recorder_.record(experiment.raw, type, reason, message);
  };
  const auto was = [&](const char* type) { return resources::has_condition(experiment.raw, type); };
  if (verdict.restarted)
    record(controller::EventType::kNormal, "ExperimentRestarting", "Experiment is restarted");
  switch (verdict.outcome) {
    case Verdict::Outcome::kWaiting:
      break;
    case Verdict::Outcome::kRunning:
      if (!was("Running")) record(controller::EventType::kNormal, verdict.reason, verdict.message);
      break;
    case Verdict::Outcome::kSuspended:
      if (!was("Suspended"))
        record(controller::EventType::kNormal, verdict.reason, verdict.message);
      break;
    case Verdict::Outcome::kSucceeded:
      record(controller::EventType::kNormal, verdict.reason,
             fmt::format("{}. {}", verdict.message, verdict.why));
      break;
    case Verdict::Outcome::kFailed:
      record(controller::EventType::kWarning, verdict.reason,
             fmt::format("{}. {}", verdict.message, verdict.why));
      break;
  }
}

}  // namespace mizan::experiment
