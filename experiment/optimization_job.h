// OptimizationJobs of trainer.kubeflow.org/v1alpha1, Katib's successor in Kubeflow Trainer: each
// becomes an Experiment of its name, whose status is told back. Pure.
#pragma once

#include <string>

#include "core/json.h"
#include "core/time.h"

namespace mizan::experiment {

/// The Experiment that does its tuning, owned by it. What an OptimizationJob can't say is left at
/// its default; metrics are pushed, as Trainer has it.
Json experiment_of(const Json& optimization_job);

/// What its status becomes: Created, then Complete or Failed, and the best TrainJob so far.
Json optimization_status(const Json& optimization_job, const Json& experiment, Time now);
/// What its status becomes when there is no Experiment, because `problem`; `for_good`: it has
/// failed.
Json optimization_status(const Json& optimization_job, const std::string& problem, bool for_good,
                         Time now);

/// Complete or Failed.
bool is_finished_optimization(const Json& optimization_job);

}  // namespace mizan::experiment
