// Where a trial template comes from: the Experiment itself, or a ConfigMap.
#pragma once

#include <memory>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "resources/experiment.h"
#include "store/object_store.h"

namespace mizan::experiment {

/// Errors: kNotFound while the ConfigMap or its entry isn't there (it may come); kInvalid, with a
/// field error, for text that is no YAML.
Task<Result<Json>> load_trial_template(store::ObjectStore& store,
                                       std::shared_ptr<const resources::Experiment> experiment);

}  // namespace mizan::experiment
