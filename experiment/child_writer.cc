// ChildWriter: each write, what its refusal means, and the informers told of it.
#include "experiment/child_writer.h"

#include "controller/gather.h"
#include "experiment/child_objects.h"
#include "experiment/template_source.h"
#include "experiment/trial_status.h"
#include "experiment/trial_template.h"
#include "resources/known_resources.h"
#include "resources/reading.h"
#include "resources/warm_template.h"

namespace mizan::experiment {
namespace {

using resources::kSuggestions;
using resources::kTrials;

Result<> first_error(const std::vector<Result<>>& outcomes) {
  for (const Result<>& outcome : outcomes) {
    if (!outcome) return outcome;
  }
  return {};
}

}  // namespace

ChildWriter::ChildWriter(store::ObjectStore& store, const resources::ResourceTable& table,
                         const Clock& clock, Suggestions& suggestions, Trials& trials,
                         WhoWaits who_waits)
    : store_(store),
      table_(table),
      clock_(clock),
      suggestions_(suggestions),
      trials_(trials),
      who_waits_(std::move(who_waits)) {}

Task<Result<>> ChildWriter::create_suggestion(ExperimentPtr experiment, std::int64_t requests) {
  const Result<store::Written> written =
      co_await store_.create(kSuggestions, experiment->ns, build_suggestion(*experiment, requests));
  if (written) {
    suggestions_.observe(written->object);
    co_return Result<>();
  }
  // Ours, not yet in the informer; or that of an earlier experiment, which must go first. Either
  // way: soon again.
  if (written.error().code == Code::kAlreadyExists)
    co_return fail(Code::kConflict, written.error().message);
  co_return fail(written.error());
}

Task<Result<>> ChildWriter::raise_requests(SuggestionPtr suggestion, std::int64_t requests) {
  Json change;
  change["spec"]["requests"] = requests;
  store::Key key(kSuggestions, suggestion->ns, suggestion->name);
  const Result<store::Written> written = co_await store_.patch(
      std::move(key), "", store::Patch(store::PatchType::kMerge, std::move(change)));
  if (!written) co_return fail(written.error());
  suggestions_.observe(written->object);
  co_return Result<>();
}

Task<Result<>> ChildWriter::create_trials(ExperimentPtr experiment,
                                          std::vector<resources::TrialAssignment> draws) {
  Json source;
  if (!experiment->trial_template.client) {
    CO_TRY(source, co_await load_trial_template(store_, experiment));
  }
  std::vector<Json> trials;
  for (const resources::TrialAssignment& draw : draws) {
    const bool imported = draw.labels.contains(std::string(resources::kOriginLabel));
    Json run_spec;
    if (!experiment->trial_template.client && !imported) {
      const resources::ResourceDefinition* kind =
          table_.find_kind(string_at(source, "apiVersion"), string_at(source, "kind"));
      TemplateInput input{.spec = source,
                          .parameters = experiment->trial_template.parameters,
                          .space = experiment->parameters,
                          .assignments = draw.assignments,
                          .trial_name = draw.name,
                          .trial_ns = experiment->ns,
                          .schema = kind != nullptr && kind->schema
                                        ? &resources::source_of(*kind->schema)
                                        : nullptr};
      CO_TRY(run_spec, render_trial(input));
    }
    std::string client;
    if (experiment->trial_template.client && !imported && who_waits_)
      client = who_waits_(*experiment, draw);
    Json trial = build_trial(*experiment, draw, std::move(run_spec), client);
    const std::string reuse = resources::text_field(experiment->trial_pods, "reuse", "None");
    if (trial["spec"].contains("runSpec") && reuse != "None") {
      if (Result<> warm = resources::make_warm(trial, reuse); !warm) co_return warm;
    }
    trials.push_back(std::move(trial));
  }
  std::vector<Result<>> outcomes(trials.size());
  std::vector<Task<>> creations;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    creations.push_back(create_trial(experiment, std::move(trials[i]), &outcomes[i]));
  }
  co_await controller::gather(std::move(creations));
  co_return first_error(outcomes);
}

Task<> ChildWriter::create_trial(ExperimentPtr experiment, Json trial, Result<>* outcome) {
  const Result<store::Written> written =
      co_await store_.create(kTrials, experiment->ns, std::move(trial));
  if (written) {
    trials_.observe(written->object);
  } else if (written.error().code !=
             Code::kAlreadyExists) {  // that one is ours: its name comes from our uid
    *outcome = fail(written.error());
  }
}

Task<Result<>> ChildWriter::kill_trials(ExperimentPtr experiment, std::vector<std::string> names,
                                        std::string reason, std::string why) {
  std::vector<Result<>> outcomes(names.size());
  std::vector<Task<>> kills;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (TrialPtr trial = trials_.get(experiment->ns, names[i])) {
      kills.push_back(kill_trial(std::move(trial), reason, why, &outcomes[i]));
    }
  }
  co_await controller::gather(std::move(kills));
  co_return first_error(outcomes);
}

Task<> ChildWriter::kill_trial(TrialPtr trial, std::string reason, std::string why,
                               Result<>* outcome) {
  resources::TrialOutcome killed;
  killed.state = resources::TrialState::kKilled;
  killed.reason = std::move(reason);
  killed.message = "Trial is killed. " + why;
  Json patch = trial_outcome_patch(*trial, killed, why, clock_.now());
  if (patch.empty()) co_return;
  store::Key key(kTrials, trial->ns, trial->name);
  const Result<store::Written> written = co_await store_.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(patch)));
  if (written) {
    trials_.observe(written->object);
  } else if (written.error().code != Code::kNotFound) {
    *outcome = fail(written.error());
  }
}

}  // namespace mizan::experiment
