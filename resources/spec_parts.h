// The parts that Experiments, Trials and Suggestions have in common, read tolerantly.
#pragma once

#include "resources/experiment.h"

namespace mizan::resources {

/// spec.objective of an Experiment or Trial; every metric has a strategy afterwards.
Objective read_objective(const Json& source);
/// spec.algorithm or spec.earlyStopping.
Algorithm read_algorithm(const Json& source);
/// spec.metricsCollectorSpec of an Experiment, spec.metricsCollector of a Trial.
MetricsCollector read_collector(const Json& source);

}  // namespace mizan::resources
