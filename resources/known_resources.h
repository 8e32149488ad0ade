// The resources that mizan's own code names.
#pragma once

#include "resources/definition.h"

namespace mizan::resources {

inline const ResourceId kExperiments{"kubeflow.org", "experiments"};
inline const ResourceId kSuggestions{"kubeflow.org", "suggestions"};
inline const ResourceId kTrials{"kubeflow.org", "trials"};
inline const ResourceId kOptimizationJobs{"trainer.kubeflow.org", "optimizationjobs"};
inline const ResourceId kPods{"", "pods"};
inline const ResourceId kEvents{"", "events"};
inline const ResourceId kConfigMaps{"", "configmaps"};
inline const ResourceId kSecrets{"", "secrets"};
inline const ResourceId kNamespaces{"", "namespaces"};
inline const ResourceId kJobs{"batch", "jobs"};
inline const ResourceId kTrainJobs{"trainer.kubeflow.org", "trainjobs"};
inline const ResourceId kDefinitions{"apiextensions.k8s.io", "customresourcedefinitions"};

}  // namespace mizan::resources
