// The objects that an Experiment owns, as they are created: its Suggestion and its Trials. Pure.
#pragma once

#include "core/json.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"

namespace mizan::experiment {

Json build_suggestion(const resources::Experiment& experiment, std::int64_t requests);

/// `run_spec`: what render_trial() gave; null for client-run experiments. `client`: who has it from
/// the start; "" for nobody.
Json build_trial(const resources::Experiment& experiment, const resources::TrialAssignment& draw,
                 Json run_spec, const std::string& client = "");

}  // namespace mizan::experiment
