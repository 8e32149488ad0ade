// What a trial puts into a TrainJob of trainer.kubeflow.org: its pods are made of a runtime that
// the trial can't see, so labels, variables and volumes go there as patches of that runtime. Pure.
#pragma once

#include <string>

#include "core/json.h"
#include "resources/trial.h"

namespace mizan::experiment {

bool is_train_job(const Json& run);

/// The trial's name and its experiment's go into spec.trainer.env unless the user set them; a patch
/// (spec.runtimePatches, manager mizan.kubeflow.org/trial) labels the pods of the training and
/// mounts a volume at `metrics_directory` (empty: none) into the primary container.
void mark_train_job(Json& run, const resources::Trial& trial, const std::string& metrics_directory);

}  // namespace mizan::experiment
