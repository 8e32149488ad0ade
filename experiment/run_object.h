// The object that runs a trial, as the Trial controller creates it: the rendered template with
// owner, labels and environment put in. Pure.
#pragma once

#include "core/json.h"
#include "resources/trial.h"

namespace mizan::experiment {

/// Labels go to the object and to every pod template in it; KATIB_TRIAL_NAME and
/// KATIB_EXPERIMENT_NAME to the primary container of each, unless the user sets them. Where metrics
/// are read from files, their directory becomes a volume of the primary container, unless it lies
/// in one; a container of the user's that collects them (Custom) is put beside it and ends with it.
/// `trial.run_spec` must be an object.
Json build_run_object(const resources::Trial& trial);

/// The name of a Custom collector's container.
std::string collector_container_name(const resources::MetricsCollector& collector);

/// {apiVersion, kind} of what runs the trial; empty for client-run trials.
struct RunKind {
  std::string api_version, kind;
  auto operator<=>(const RunKind&) const = default;
};
RunKind run_kind_of(const resources::Trial& trial);

}  // namespace mizan::experiment
