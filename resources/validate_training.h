// What must hold across the fields of Kubeflow Trainer's kinds: its CEL rules, which this server
// does not evaluate, as functions.
#pragma once

#include "resources/admission.h"

namespace mizan::resources {

/// Rows for TrainJob and OptimizationJob.
void add_training_admission(AdmissionTable& table);

}  // namespace mizan::resources
