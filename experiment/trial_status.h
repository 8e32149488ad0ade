// Trial.status as JSON after a plan. Pure.
#pragma once

#include "experiment/trial_plan.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// The whole status as it is to be: what the plan marks, and what the Experiment controller left in
/// annotations.
Json trial_status_after(const resources::Trial& trial, const TrialPlan& plan, Time now);

/// The merge patch for subresource status that writes it, or an empty object when nothing changes.
/// Its precondition is the version that was read: `:tell` and kills write this status too.
Json trial_status_patch(const resources::Trial& trial, const TrialPlan& plan, Time now);

/// The same for an outcome alone, as kills write it. Of a trial that has ended already nothing
/// changes.
Json trial_outcome_patch(const resources::Trial& trial, const resources::TrialOutcome& outcome,
                         const std::string& why, Time now);

}  // namespace mizan::experiment
