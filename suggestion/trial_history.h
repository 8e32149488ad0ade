// An experiment's trials as evaluations, kept up one trial at a time.
//
// Trials are read once, when the experiment is first met; afterwards each change of a trial changes
// one evaluation. So the cost of a result doesn't grow with the 10,000 before it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algorithms/history.h"
#include "algorithms/problem.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"
#include "resources/trial.h"

namespace mizan::suggestion {

/// Thread: io; histories that it hands out may go to other threads.
class TrialHistory {
 public:
  TrialHistory(std::shared_ptr<const algorithms::Problem> problem, resources::Objective objective);

  /// Puts in or replaces the trial of that name.
  void put(const resources::Trial& trial);
  void remove(const std::string& name);
  /// spec.initialTrials that have metrics: evaluations that were made elsewhere, before all others.
  void import(const std::vector<resources::InitialTrial>& trials);
  /// Results of other experiments: before all own ones, in the order given.
  void import(const std::vector<algorithms::EvaluationPtr>& known);

  /// By completion time (as recorded, in seconds), then draw, then name.
  const algorithms::History& finished() const { return finished_; }
  /// Trials that haven't ended, and draws that have no Trial yet; by draw.
  std::vector<algorithms::EvaluationPtr> pending(
      const std::vector<resources::TrialAssignment>& drawn) const;

  bool contains(const std::string& name) const { return trials_.contains(name); }
  /// Had a trial of that name once, and it was deleted.
  bool was_removed(const std::string& name) const { return removed_.contains(name); }

 private:
  struct Entry {
    algorithms::EvaluationPtr evaluation;
    std::optional<algorithms::History::Key> finished;  // its place in finished_
  };

  algorithms::Evaluation evaluate(const resources::Trial& trial) const;

  std::shared_ptr<const algorithms::Problem> problem_;
  resources::Objective objective_;
  algorithms::History finished_;
  std::map<std::string, Entry> trials_;
  std::map<std::string, algorithms::EvaluationPtr> running_;
  std::set<std::string> removed_;
};

}  // namespace mizan::suggestion
