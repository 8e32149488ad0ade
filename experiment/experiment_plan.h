// What the Experiment controller does next: all of its judgement, none of its I/O.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "experiment/experiment_verdict.h"

namespace mizan::experiment {

struct ExperimentPlan {
  Verdict verdict;
  bool create_suggestion = false;
  std::optional<std::int64_t>
      requests;  // raise the Suggestion's spec.requests to this, or create it with it
  std::vector<const resources::TrialAssignment*> create_trials;  // point into the view's Suggestion
  std::vector<std::string> kill_trials;  // they still run although the experiment is complete
  std::optional<std::chrono::milliseconds> look_again;
};

ExperimentPlan plan_experiment(const ExperimentView& view);

}  // namespace mizan::experiment
