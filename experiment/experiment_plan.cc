// Draws are asked for as slots become free; a Trial is made for each draw that fits into a slot.
//
// Nothing that runs is stopped when parallelism is lowered or the experiment is suspended: it
// drains.
#include "experiment/experiment_plan.h"

#include <algorithm>
#include <limits>

namespace mizan::experiment {
namespace {

using resources::TrialAssignment;
using resources::TrialState;

constexpr std::int64_t kUnbounded = std::numeric_limits<std::int32_t>::max();

bool is_imported(const TrialAssignment& draw) {
  const auto origin = draw.labels.find(std::string(resources::kOriginLabel));
  return origin != draw.labels.end() && origin->second == "imported";
}

/// How many more trials may be active now.
std::int64_t free_slots(const ExperimentView& view) {
  const resources::Experiment& experiment = view.experiment;
  const std::int64_t parallel =
      view.trials_at_once.value_or(experiment.parallel_trial_count.value_or(kUnbounded));
  const std::int64_t left = experiment.max_trial_count
                                ? *experiment.max_trial_count - view.tally.completed()
                                : kUnbounded;
  return std::max<std::int64_t>(0, std::min(parallel, left) - view.tally.active());
}

void plan_trials(const ExperimentView& view, ExperimentPlan& plan) {
  std::int64_t slots = free_slots(view);
  for (const TrialAssignment* draw : unclaimed_draws(view)) {
    if (is_imported(*draw)) {
      plan.create_trials.push_back(draw);  // takes no slot: it has run elsewhere
    } else if (slots > 0) {
      plan.create_trials.push_back(draw);
      --slots;
    }
  }
  // For client-run experiments `:ask` raises the requests, one for each draw that a client waits
  // for.
  const resources::Suggestion& suggestion = *view.suggestion;
  if (view.experiment.trial_template.client || suggestion.exhausted) return;
  const std::int64_t wanted = suggestion.count + slots;
  if (wanted > suggestion.requests) plan.requests = wanted;
}

void plan_kills(const ExperimentView& view, ExperimentPlan& plan) {
  for (const TrialState state : {TrialState::kPending, TrialState::kRunning}) {
    for (std::string& name : view.tally.names(state, 0))
      plan.kill_trials.push_back(std::move(name));
  }
}

}  // namespace

ExperimentPlan plan_experiment(const ExperimentView& view) {
  ExperimentPlan plan;
  plan.verdict = judge(view);
  switch (plan.verdict.outcome) {
    case Verdict::Outcome::kSucceeded:
    case Verdict::Outcome::kFailed:
      plan_kills(view, plan);
      return plan;
    case Verdict::Outcome::kSuspended:
      break;
    case Verdict::Outcome::kWaiting:
    case Verdict::Outcome::kRunning:
      if (view.suggestion == nullptr) {
        plan.create_suggestion = true;
        plan.requests = view.experiment.trial_template.client ? 0 : free_slots(view);
      } else {
        plan_trials(view, plan);
      }
  }
  if (const std::optional<Time> deadline = deadline_of(view.experiment)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - view.now);
    plan.look_again = std::max(left, std::chrono::milliseconds(1));
  }
  return plan;
}

}  // namespace mizan::experiment
