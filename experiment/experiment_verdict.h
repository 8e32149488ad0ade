// Is the experiment to go on, and if not, why not: goal, budgets, time, the algorithm's end. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/time.h"
#include "experiment/trial_tally.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"

namespace mizan::experiment {

/// All that the experiment's controller knows when it judges and plans. References outlive the
/// call.
struct ExperimentView {
  const resources::Experiment& experiment;  // defaults filled in
  const TrialTally& tally;
  const resources::Suggestion* suggestion = nullptr;  // null: not created yet
  std::function<bool(const std::string& name)>
      has_trial;  // any Trial of that name, also a foreign one
  Time now;
  /// How many trials may be active at once now, when that isn't parallelTrialCount.
  std::optional<std::int64_t> trials_at_once = {};
};

struct Verdict {
  enum class Outcome {
    kWaiting,  // no trial yet
    kRunning,
    kSuspended,
    kSucceeded,
    kFailed,
  };
  Outcome outcome = Outcome::kWaiting;
  std::string reason, message;  // of the condition
  std::string why;              // one sentence for people
  bool restarted = false;       // it was complete, and its budget was raised
  bool already = false;         // it was complete before; reason and message are empty

  bool is_final() const { return outcome == Outcome::kSucceeded || outcome == Outcome::kFailed; }
};

Verdict judge(const ExperimentView& view);

/// Draws that have no Trial yet, in order.
std::vector<const resources::TrialAssignment*> unclaimed_draws(const ExperimentView& view);

/// When maxDurationSeconds will be over; nullopt: never, or not begun.
std::optional<Time> deadline_of(const resources::Experiment& experiment);

}  // namespace mizan::experiment
