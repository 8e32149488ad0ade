// TrialTally: ordered sets per state and per rank, linked and unlinked as trials change.
#include "experiment/trial_tally.h"

#include <algorithm>

#include "experiment/observation.h"

namespace mizan::experiment {

using resources::Trial;
using resources::TrialState;

namespace {

std::size_t slot(TrialState state) { return static_cast<std::size_t>(state); }

}  // namespace

double TrialTally::fidelity_of(const Trial& trial) const {
  if (fidelity_parameter_.empty()) return 0;
  for (const resources::Assignment& assignment : trial.assignments) {
    if (assignment.name == fidelity_parameter_)
      return parse_metric_value(assignment.value).value_or(0);
  }
  return 0;
}

void TrialTally::put(const Trial& trial) {
  Entry entry;
  entry.state = trial.state;
  entry.imported = trial.imported;
  entry.age = {trial.created.value_or(Time()), trial.draw_index.value_or(0), trial.name};
  entry.completed = trial.completed;
  if (!trial.excluded) entry.value = resources::objective_value(trial, trial.objective);
  entry.maximize = trial.objective.type == resources::ObjectiveType::kMaximize;
  entry.fidelity = fidelity_of(trial);
  const auto [position, inserted] = trials_.try_emplace(trial.name, entry);
  if (!inserted) {
    if (position->second == entry) return;
    unlink(position->second);
    position->second = entry;
  }
  link(entry);
}

void TrialTally::remove(const std::string& name) {
  const auto found = trials_.find(name);
  if (found == trials_.end()) return;
  unlink(found->second);
  trials_.erase(found);
}

TrialTally::Rank TrialTally::rank_of(const Entry& entry) {
  const double loss = entry.maximize ? -*entry.value : *entry.value;
  return {-entry.fidelity, loss, entry.age};
}

void TrialTally::link(const Entry& entry) {
  if (entry.imported) return;
  ++total_;
  maximize_ = entry.maximize;
  by_state_[slot(entry.state)].insert(entry.age);
  if (entry.value)
    (entry.state == TrialState::kSucceeded ? succeeded_ : others_).insert(rank_of(entry));
  if (!resources::is_completed(entry.state)) return;
  const Finish finish{entry.completed.value_or(Time()), entry.age};
  std::optional<double> loss;
  if (entry.value && entry.state == TrialState::kSucceeded)
    loss = entry.maximize ? -*entry.value : *entry.value;
  finished_[finish] = loss;
  if (progress_ && progress_->until && finish < *progress_->until) progress_.reset();
}

void TrialTally::unlink(const Entry& entry) {
  if (entry.imported) return;
  --total_;
  by_state_[slot(entry.state)].erase(entry.age);
  if (entry.value)
    (entry.state == TrialState::kSucceeded ? succeeded_ : others_).erase(rank_of(entry));
  if (!resources::is_completed(entry.state)) return;
  const Finish finish{entry.completed.value_or(Time()), entry.age};
  finished_.erase(finish);
  if (progress_ && progress_->until && finish <= *progress_->until) progress_.reset();
}

std::int64_t TrialTally::count(TrialState state) const {
  return static_cast<std::int64_t>(by_state_[slot(state)].size());
}

std::int64_t TrialTally::active() const {
  return count(TrialState::kPending) + count(TrialState::kRunning);
}

std::int64_t TrialTally::unsuccessful() const {
  return count(TrialState::kFailed) + count(TrialState::kMetricsUnavailable);
}

std::vector<std::string> TrialTally::names(TrialState state, std::size_t limit) const {
  const std::set<Age>& ages = by_state_[slot(state)];
  const std::size_t wanted = limit == 0 ? ages.size() : std::min(limit, ages.size());
  std::vector<std::string> newest;
  newest.reserve(wanted);
  for (auto age = ages.rbegin(); newest.size() < wanted; ++age) newest.push_back(std::get<2>(*age));
  std::reverse(newest.begin(), newest.end());
  return newest;
}

std::optional<BestTrial> TrialTally::best() const {
  const std::set<Rank>& ranks = succeeded_.empty() ? others_ : succeeded_;
  if (ranks.empty()) return std::nullopt;
  const auto& [fidelity, loss, age] = *ranks.begin();
  return BestTrial{std::get<2>(age), maximize_ ? -loss : loss};
}

std::int64_t TrialTally::without_improvement(double min_improvement) const {
  if (!progress_ || progress_->min_improvement != min_improvement)
    progress_ = Progress{min_improvement, {}, 0, {}};
  Progress& progress = *progress_;
  auto next = progress.until ? finished_.upper_bound(*progress.until) : finished_.begin();
  for (; next != finished_.end(); ++next) {
    const std::optional<double>& loss = next->second;
    const bool better = loss && (!progress.best || *loss < *progress.best - min_improvement);
    if (better) progress.best = loss;
    progress.idle = better ? 0 : progress.idle + 1;
    progress.until = next->first;
  }
  return progress.idle;
}

bool TrialTally::operator==(const TrialTally& other) const {
  return trials_ == other.trials_ && by_state_ == other.by_state_ &&
         succeeded_ == other.succeeded_ && others_ == other.others_ &&
         finished_ == other.finished_ && total_ == other.total_;
}

}  // namespace mizan::experiment
