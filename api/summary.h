// Experiments and Trials as the REST surface shows them: flat, small, and with numbers where there
// are numbers. Pure.
#pragma once

#include "core/json.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::api {

Json experiment_summary(const Json& object);
Json trial_summary(const Json& object);

/// An Event's {time, type, reason, message, count}.
Json event_summary(const Json& event);

/// {name: text}.
Json assignments_by_name(const std::vector<resources::Assignment>& assignments);

/// The best trial of an experiment, as status.currentOptimalTrial has it.
struct BestTrial {
  std::string name;
  std::vector<resources::Assignment> assignments;
  std::vector<resources::ObservedMetric> metrics;
};
std::optional<BestTrial> best_trial(const Json& experiment);

/// A metric's value by the objective's strategy for it, null when there is none.
Json metric_number(const resources::ObservedMetric& metric, const resources::Objective& objective);

/// Text as a finite number, else null.
Json number_of(std::string_view text);

}  // namespace mizan::api
