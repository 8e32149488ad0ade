// The order of the tests is Katib's; the sentences are for people.
#include "experiment/experiment_verdict.h"

#include <fmt/format.h>

#include "resources/condition.h"

namespace mizan::experiment {
namespace {

using resources::Experiment;
using resources::ObjectiveType;
using resources::TrialState;
using Outcome = Verdict::Outcome;

constexpr std::string_view kMaxTrialsReached = "ExperimentMaxTrialsReached";

Verdict succeeded(std::string reason, std::string_view because, std::string why) {
  return {Outcome::kSucceeded,
          std::move(reason),
          fmt::format("Experiment has succeeded because {}", because),
          std::move(why),
          false,
          false};
}

Verdict failed(std::string message, std::string why) {
  return {Outcome::kFailed, "ExperimentFailed", std::move(message), std::move(why), false, false};
}

/// Only a spent budget can be raised, and only when the policy keeps what is needed to go on.
bool is_restarted(const ExperimentView& view) {
  const Experiment& experiment = view.experiment;
  const auto before = resources::find_condition(experiment.raw, "Succeeded");
  return before && before->status && before->reason == kMaxTrialsReached &&
         experiment.resume_policy != resources::ResumePolicy::kNever &&
         experiment.max_trial_count && *experiment.max_trial_count > view.tally.total();
}

std::optional<Verdict> judge_goal(const ExperimentView& view) {
  const resources::Objective& objective = view.experiment.objective;
  if (!objective.goal) return std::nullopt;
  const std::optional<BestTrial> best = view.tally.best();
  if (!best) return std::nullopt;
  const bool reached = objective.type == ObjectiveType::kMinimize ? best->value <= *objective.goal
                                                                  : best->value >= *objective.goal;
  if (!reached) return std::nullopt;
  return succeeded("ExperimentGoalReached", "Objective goal has reached",
                   fmt::format("The goal {}={} was reached by trial {} with {}.", objective.metric,
                               *objective.goal, best->name, best->value));
}

std::optional<Verdict> judge_failures(const ExperimentView& view) {
  const auto& limit = view.experiment.max_failed_trial_count;
  const std::int64_t unsuccessful = view.tally.unsuccessful();
  if (!limit || unsuccessful == 0 || unsuccessful < *limit) return std::nullopt;
  std::vector<std::string> last = view.tally.names(TrialState::kFailed, 1);
  if (last.empty()) last = view.tally.names(TrialState::kMetricsUnavailable, 1);
  return failed("Experiment has failed because max failed count has reached",
                fmt::format("{} of {} trials failed or gave no metric, and maxFailedTrialCount is "
                            "{}; the last was {}.",
                            unsuccessful, view.tally.total(), *limit, last.front()));
}

std::optional<Verdict> judge_budget(const ExperimentView& view) {
  const auto& limit = view.experiment.max_trial_count;
  if (!limit || view.tally.completed() < *limit) return std::nullopt;
  return succeeded(std::string(kMaxTrialsReached), "max trial count has reached",
                   fmt::format("All {} trials have ended.", *limit));
}

std::optional<Verdict> judge_duration(const ExperimentView& view) {
  const std::optional<Time> deadline = deadline_of(view.experiment);
  if (!deadline || view.now < *deadline) return std::nullopt;
  return succeeded("MaxDurationReached", "max duration has been reached",
                   fmt::format("It has run for maxDurationSeconds ({} s).",
                               *view.experiment.max_duration_seconds));
}

std::optional<Verdict> judge_progress(const ExperimentView& view) {
  const auto& stop = view.experiment.stop_when;
  if (!stop || stop->no_improvement_trials <= 0) return std::nullopt;
  const std::int64_t idle = view.tally.without_improvement(stop->min_improvement);
  if (idle < stop->no_improvement_trials || !view.tally.best()) return std::nullopt;
  return succeeded("NoImprovement", "there was no improvement for long enough",
                   fmt::format("The last {} trials did not improve the best by more than {}.", idle,
                               stop->min_improvement));
}

/// The algorithm has no more points, and all that it gave have ended.
std::optional<Verdict> judge_exhaustion(const ExperimentView& view) {
  if (view.suggestion == nullptr || !view.suggestion->exhausted) return std::nullopt;
  if (view.tally.active() > 0 || !unclaimed_draws(view).empty()) return std::nullopt;
  return succeeded(
      "ExperimentSuggestionEndReached", "suggestion service has reached the end",
      fmt::format("The algorithm has no more points after {} trials.", view.tally.total()));
}

std::optional<Verdict> judge_suggestion(const ExperimentView& view) {
  if (view.suggestion == nullptr) return std::nullopt;
  const auto broken = resources::find_condition(view.suggestion->raw, "Failed");
  if (!broken || !broken->status) return std::nullopt;
  return failed("Suggestion has failed", fmt::format("The algorithm failed: {}", broken->message));
}

Verdict going_on(const ExperimentView& view) {
  const TrialTally& tally = view.tally;
  if (view.experiment.suspend) {
    return {Outcome::kSuspended,
            "ExperimentSuspended",
            "Experiment is suspended",
            tally.active() == 0
                ? "Suspended by spec.suspend."
                : fmt::format("Suspended by spec.suspend; {} trials still run.", tally.active()),
            false,
            false};
  }
  if (tally.total() == 0)
    return {Outcome::kWaiting, "", "", "Waits for the algorithm's first points.", false, false};
  std::string why = fmt::format("{} trials run, {} have ended", tally.active(), tally.completed());
  if (view.experiment.max_trial_count)
    why += fmt::format(" of {}", *view.experiment.max_trial_count);
  return {Outcome::kRunning, "ExperimentRunning", "Experiment is running", why + ".", false, false};
}

}  // namespace

std::optional<Time> deadline_of(const Experiment& experiment) {
  if (!experiment.max_duration_seconds) return std::nullopt;
  const std::optional<Time> started = parse_rfc3339(string_at(experiment.raw, "status.startTime"));
  if (!started) return std::nullopt;
  return *started + std::chrono::seconds(*experiment.max_duration_seconds);
}

std::vector<const resources::TrialAssignment*> unclaimed_draws(const ExperimentView& view) {
  std::vector<const resources::TrialAssignment*> unclaimed;
  if (view.suggestion == nullptr) return unclaimed;
  for (const resources::TrialAssignment& draw : view.suggestion->suggestions) {
    if (!view.has_trial(draw.name)) unclaimed.push_back(&draw);
  }
  return unclaimed;
}

Verdict judge(const ExperimentView& view) {
  const Json& raw = view.experiment.raw;
  const bool was_failed = resources::has_condition(raw, "Failed");
  const bool was_succeeded = resources::has_condition(raw, "Succeeded");
  if (was_failed || was_succeeded) {
    if (is_restarted(view)) {
      Verdict verdict = going_on(view);
      verdict.restarted = true;
      return verdict;
    }
    Verdict verdict;
    verdict.outcome = was_failed ? Outcome::kFailed : Outcome::kSucceeded;
    verdict.already = true;
    return verdict;
  }
  if (auto verdict = judge_suggestion(view)) return *verdict;
  if (view.tally.total() > 0) {
    for (const auto test : {judge_goal, judge_failures, judge_budget, judge_progress}) {
      if (auto verdict = test(view)) return *verdict;
    }
  }
  for (const auto test : {judge_duration, judge_exhaustion}) {
    if (auto verdict = test(view)) return *verdict;
  }
  return going_on(view);
}

}  // namespace mizan::experiment
