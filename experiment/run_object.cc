// A pod template is whatever has `spec.containers`: so Jobs, Pods and every operator's replica
// specs are found alike.
#include "experiment/run_object.h"

#include <algorithm>

#include "resources/meta.h"

namespace mizan::experiment {
namespace {

void add_labels(Json& object, const resources::Trial& trial) {
  Json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  Json& labels = metadata["labels"];
  if (!labels.is_object()) labels = Json::object();
  for (const auto& [key, value] : trial.labels) labels[key] = value;
  labels[std::string(resources::kTrialLabel)] = trial.name;
}

void add_variable(Json& container, const char* name, const std::string& value) {
  Json& env = container["env"];
  if (!env.is_array()) env = Json::array();
  const bool given = std::any_of(env.begin(), env.end(),
                                 [&](const Json& one) { return string_at(one, "name") == name; });
  if (!given) env.push_back({{"name", name}, {"value", value}});
}

void add_environment(Json& containers, const resources::Trial& trial) {
  for (Json& container : containers) {
    if (!container.is_object()) continue;
    if (containers.size() > 1 && string_at(container, "name") != trial.primary_container) continue;
    add_variable(container, "KATIB_TRIAL_NAME", trial.name);
    add_variable(container, "KATIB_EXPERIMENT_NAME", trial.experiment);
  }
}

void mark_pod_templates(Json& value, const resources::Trial& trial) {
  if (value.is_array()) {
    for (Json& element : value) mark_pod_templates(element, trial);
  }
  if (!value.is_object()) return;
  const auto spec = value.find("spec");
  if (spec != value.end() && spec->is_object() && spec->contains("containers") &&
      (*spec)["containers"].is_array()) {
    add_environment((*spec)["containers"], trial);
    add_labels(value, trial);
    return;
  }
  for (auto& [key, member] : value.items()) mark_pod_templates(member, trial);
}

}  // namespace

Json build_run_object(const resources::Trial& trial) {
  Json object = trial.run_spec;
  mark_pod_templates(object, trial);
  add_labels(object, trial);
  Json& metadata = object["metadata"];
  metadata["name"] = trial.name;
  metadata["namespace"] = trial.ns;
  metadata["ownerReferences"] = Json::array({resources::controller_reference_to(trial.raw)});
  object.erase("status");
  return object;
}

RunKind run_kind_of(const resources::Trial& trial) {
  return {string_at(trial.run_spec, "apiVersion"), string_at(trial.run_spec, "kind")};
}

}  // namespace mizan::experiment
