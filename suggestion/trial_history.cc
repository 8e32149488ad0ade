// How a trial's state and observation read as an evaluation.
#include "suggestion/trial_history.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

#include "algorithms/pbt/pbt.h"
#include "resources/condition.h"
#include "resources/reading.h"
#include "suggestion/assignment.h"
#include "suggestion/problem.h"

namespace mizan::suggestion {
namespace {

using algorithms::Evaluation;
using algorithms::EvaluationPtr;
using algorithms::EvaluationState;
using resources::TrialState;

// Draws of trials that nobody drew here come before all others of their second.
constexpr std::uint64_t kNoDraw = 0;

// Failures that say nothing about the point: they never enter a model.
constexpr std::array<std::string_view, 5> kTransientReasons = {"Evicted", "NodeLost", "NodeReboot",
                                                               "NodeShutdown", "Preempted"};

EvaluationState state_of(TrialState state) {
  switch (state) {
    case TrialState::kPending:
    case TrialState::kRunning:
      return EvaluationState::kRunning;
    case TrialState::kSucceeded:
      return EvaluationState::kComplete;
    case TrialState::kEarlyStopped:
      return EvaluationState::kStopped;
    case TrialState::kInfeasible:
      return EvaluationState::kInfeasible;
    case TrialState::kKilled:
    case TrialState::kFailed:
    case TrialState::kMetricsUnavailable:
      return EvaluationState::kFailed;
  }
  return EvaluationState::kFailed;
}

std::string reason_of(const resources::Trial& trial) {
  const auto condition = resources::find_condition(trial.raw, resources::to_string(trial.state));
  return condition ? condition->reason : std::string();
}

bool is_transient(const resources::Trial& trial, std::string_view reason) {
  if (trial.state == TrialState::kKilled) return true;  // ended by someone, not by the point
  // Katib's form is "TrialFailed. Job reason: Evicted".
  return std::any_of(kTransientReasons.begin(), kTransientReasons.end(),
                     [&](std::string_view transient) { return reason.ends_with(transient); });
}

// Lineage is in labels, as Katib has it.
void read_lineage(const std::map<std::string, std::string>& labels, Evaluation& e) {
  if (const auto at = labels.find(std::string(algorithms::kPbtParentLabel)); at != labels.end())
    e.parent = at->second;
  const auto at = labels.find(std::string(algorithms::kPbtGenerationLabel));
  if (at == labels.end()) return;
  std::from_chars(at->second.data(), at->second.data() + at->second.size(), e.generation);
}

std::int64_t seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

TrialHistory::TrialHistory(std::shared_ptr<const algorithms::Problem> problem,
                           resources::Objective objective)
    : problem_(std::move(problem)), objective_(std::move(objective)) {}

Evaluation TrialHistory::evaluate(const resources::Trial& trial) const {
  Evaluation e;
  e.draw = trial.draw_index.value_or(kNoDraw);
  e.name = trial.name;
  e.point = point_of(problem_->space, trial.assignments);
  read_lineage(trial.labels, e);
  e.state = state_of(trial.state);
  e.origin = trial.imported ? algorithms::Origin::kImported : algorithms::Origin::kOwn;
  if (e.state == EvaluationState::kRunning) return e;
  if (e.state != EvaluationState::kComplete) {
    e.reason = reason_of(trial);
    e.excluded = is_transient(trial, e.reason);
  }
  e.excluded = e.excluded || trial.excluded;
  if (e.state == EvaluationState::kComplete || e.state == EvaluationState::kStopped) {
    if (const auto value = resources::objective_value(trial, objective_))
      e.objectives.push_back(loss_sign(objective_) * *value);
  }
  if (trial.started && trial.completed)
    e.cost = std::chrono::duration<double>(*trial.completed - *trial.started).count();
  return e;
}

void TrialHistory::put(const resources::Trial& trial) {
  Entry& entry = trials_[trial.name];
  removed_.erase(trial.name);
  auto evaluation = std::make_shared<const Evaluation>(evaluate(trial));
  if (entry.evaluation && *entry.evaluation == *evaluation &&
      entry.finished.has_value() == resources::is_completed(trial.state))
    return;
  if (entry.finished) finished_.erase(*entry.finished);
  entry.finished.reset();
  entry.evaluation = evaluation;
  if (!resources::is_completed(trial.state)) {
    running_[trial.name] = std::move(evaluation);
    return;
  }
  running_.erase(trial.name);
  entry.finished = algorithms::History::Key{trial.completed ? seconds(*trial.completed) : 0,
                                            evaluation->draw, trial.name};
  finished_.insert(*entry.finished, std::move(evaluation));
}

void TrialHistory::remove(const std::string& name) {
  const auto at = trials_.find(name);
  if (at == trials_.end()) return;
  if (at->second.finished) finished_.erase(*at->second.finished);
  running_.erase(name);
  trials_.erase(at);
  removed_.insert(name);
}

void TrialHistory::import(const std::vector<resources::InitialTrial>& trials) {
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto value = trials[i].metrics.find(objective_.metric);
    if (value == trials[i].metrics.end()) continue;
    Evaluation e;
    e.name = "imported-" + std::to_string(i);
    e.point = point_of(problem_->space, to_assignments(trials[i].assignments));
    e.state = EvaluationState::kComplete;
    e.origin = algorithms::Origin::kImported;
    e.objectives.push_back(loss_sign(objective_) * value->second);
    finished_.insert({std::numeric_limits<std::int64_t>::min(), i, e.name},
                     std::make_shared<const Evaluation>(std::move(e)));
  }
}

void TrialHistory::import(const std::vector<EvaluationPtr>& known) {
  for (const EvaluationPtr& evaluation : known)
    finished_.insert(
        {std::numeric_limits<std::int64_t>::min() + 1, evaluation->draw, evaluation->name},
        evaluation);
}

std::vector<EvaluationPtr> TrialHistory::pending(
    const std::vector<resources::TrialAssignment>& drawn) const {
  std::vector<EvaluationPtr> pending;
  for (const auto& [name, evaluation] : running_) pending.push_back(evaluation);
  for (const resources::TrialAssignment& draw : drawn) {
    if (trials_.contains(draw.name) || was_removed(draw.name)) continue;
    Evaluation e;
    e.draw = static_cast<std::uint64_t>(std::max<std::int64_t>(
        0, resources::integer_field(draw.suggested_from, "draw").value_or(0)));
    e.name = draw.name;
    e.point = point_of(problem_->space, draw.assignments);
    read_lineage(draw.labels, e);
    pending.push_back(std::make_shared<const Evaluation>(std::move(e)));
  }
  std::sort(pending.begin(), pending.end(), [](const EvaluationPtr& a, const EvaluationPtr& b) {
    return std::pair(a->draw, std::string_view(a->name)) <
           std::pair(b->draw, std::string_view(b->name));
  });
  return pending;
}

}  // namespace mizan::suggestion
