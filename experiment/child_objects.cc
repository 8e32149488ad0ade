// Names, labels, owners and specs of children, as Katib makes them.
#include "experiment/child_objects.h"

#include "resources/meta.h"

namespace mizan::experiment {
namespace {

using resources::Experiment;

/// What kubectl remembers about the Experiment says nothing about its children.
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

Json child_of(const Experiment& experiment, const char* kind, const std::string& name) {
  Json child;
  child["apiVersion"] = "kubeflow.org/v1beta1";
  child["kind"] = kind;
  Json& metadata = child["metadata"];
  metadata["name"] = name;
  metadata["namespace"] = experiment.ns;
  metadata["labels"] = experiment.labels;
  metadata["ownerReferences"] = Json::array({resources::controller_reference_to(experiment.raw)});
  return child;
}

void copy_field(const Json& from, const char* path, Json& to, const char* field) {
  const Json* value = find(from, path);
  if (value != nullptr && !value->is_null()) to[field] = *value;
}

}  // namespace

Json build_suggestion(const Experiment& experiment, std::int64_t requests) {
  Json suggestion = child_of(experiment, "Suggestion", experiment.name);
  Json annotations = Json::object();
  for (const auto& [key, value] : resources::annotations_of(experiment.raw)) {
    if (key != kLastApplied) annotations[key] = value;
  }
  if (!annotations.empty()) suggestion["metadata"]["annotations"] = std::move(annotations);
  Json& spec = suggestion["spec"];
  spec["requests"] = requests;
  copy_field(experiment.raw, "spec.algorithm", spec, "algorithm");
  copy_field(experiment.raw, "spec.earlyStopping", spec, "earlyStopping");
  copy_field(experiment.raw, "spec.resumePolicy", spec, "resumePolicy");
  return suggestion;
}

Json build_trial(const Experiment& experiment, const resources::TrialAssignment& draw,
                 Json run_spec, const std::string& client) {
  Json trial = child_of(experiment, "Trial", draw.name);
  Json& metadata = trial["metadata"];
  for (const auto& [key, value] : draw.labels) metadata["labels"][key] = value;
  metadata["labels"][std::string(resources::kExperimentLabel)] = experiment.name;
  if (!draw.suggested_from.is_null()) {
    metadata["annotations"][std::string(resources::kSuggestedFromAnnotation)] =
        draw.suggested_from.dump();
  }
  if (!draw.why.empty()) metadata["annotations"][std::string(resources::kWhyAnnotation)] = draw.why;
  if (!client.empty())
    metadata["annotations"][std::string(resources::kClientIdAnnotation)] = client;

  Json& spec = trial["spec"];
  copy_field(experiment.raw, "spec.objective", spec, "objective");
  spec["parameterAssignments"] = resources::to_json(draw.assignments);
  if (experiment.early_stopping && !draw.stopping_rules.empty()) {
    spec["earlyStoppingRules"] = resources::to_json(draw.stopping_rules);
  }
  copy_field(experiment.raw, "spec.metricsCollectorSpec", spec, "metricsCollector");
  if (run_spec.is_null()) return trial;
  spec["runSpec"] = std::move(run_spec);
  spec["retainRun"] = experiment.trial_template.retain;
  copy_field(experiment.raw, "spec.trialTemplate.primaryPodLabels", spec, "primaryPodLabels");
  copy_field(experiment.raw, "spec.trialTemplate.primaryContainerName", spec,
             "primaryContainerName");
  copy_field(experiment.raw, "spec.trialTemplate.successCondition", spec, "successCondition");
  copy_field(experiment.raw, "spec.trialTemplate.failureCondition", spec, "failureCondition");
  copy_field(experiment.raw, "spec.trialTemplate.retry", spec, "retry");
  return trial;
}

}  // namespace mizan::experiment
