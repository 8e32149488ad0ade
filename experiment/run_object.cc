// A pod template is whatever has `spec.containers`: so Jobs, Pods and every operator's replica
// specs are found alike.
#include "experiment/run_object.h"

#include <algorithm>

#include "experiment/train_job_run.h"
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

constexpr const char* kMetricsVolume = "metrics-volume";  // Katib's name for it

Json& list_at(Json& object, const char* key) {
  Json& list = object[key];
  if (!list.is_array()) list = Json::array();
  return list;
}

/// The directory that a collector of files reads; empty: none, or all of the disk.
std::string metrics_directory(const resources::MetricsCollector& collector) {
  const bool by_file = collector.kind == "File" ||
                       (collector.kind == "Custom" && collector.path_kind != "Directory");
  if (!by_file && collector.kind != "TensorFlowEvent" && collector.kind != "Custom") return {};
  std::string directory = collector.path;
  if (by_file) directory.erase(std::min(directory.rfind('/'), directory.size()));
  while (directory.ends_with('/')) directory.pop_back();
  return directory;
}

bool is_mounted(const Json& container, const std::string& directory) {
  const Json* mounts = find(container, "volumeMounts");
  if (mounts == nullptr || !mounts->is_array()) return false;
  return std::ranges::any_of(*mounts, [&](const Json& mount) {
    const std::string target = string_at(mount, "mountPath");
    return !target.empty() &&
           (directory + "/").starts_with(target.ends_with('/') ? target : target + "/");
  });
}

bool mount_metrics(Json& container, const std::string& directory) {
  if (directory.empty() || is_mounted(container, directory)) return false;
  list_at(container, "volumeMounts")
      .push_back({{"name", kMetricsVolume}, {"mountPath", directory}});
  return true;
}

/// The user's collector: a sidecar, so that the pod ends with the container that it watches.
Json sidecar_of(const resources::Trial& trial) {
  Json sidecar = trial.collector.custom;
  sidecar["name"] = collector_container_name(trial.collector);
  sidecar["restartPolicy"] = "Always";
  add_variable(sidecar, "KATIB_TRIAL_NAME", trial.name);
  add_variable(sidecar, "KATIB_EXPERIMENT_NAME", trial.experiment);
  return sidecar;
}

void add_collector(Json& pod_spec, const resources::Trial& trial) {
  const std::string directory = metrics_directory(trial.collector);
  const bool custom = trial.collector.kind == "Custom" && trial.collector.custom.is_object();
  if (directory.empty() && !custom) return;
  Json& containers = pod_spec["containers"];
  const auto primary = std::ranges::find_if(containers, [&](const Json& container) {
    return containers.size() == 1 || string_at(container, "name") == trial.primary_container;
  });
  if (primary == containers.end() || !primary->is_object()) return;
  bool mounted = mount_metrics(*primary, directory);
  if (custom) {
    Json sidecar = sidecar_of(trial);
    mounted = mount_metrics(sidecar, directory) || mounted;
    list_at(pod_spec, "initContainers").push_back(std::move(sidecar));
  }
  if (mounted)
    list_at(pod_spec, "volumes")
        .push_back({{"name", kMetricsVolume}, {"emptyDir", Json::object()}});
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
    add_collector(*spec, trial);
    add_labels(value, trial);
    return;
  }
  for (auto& [key, member] : value.items()) mark_pod_templates(member, trial);
}

}  // namespace

Json build_run_object(const resources::Trial& trial) {
  Json object = trial.run_spec;
  if (is_train_job(object)) {
    mark_train_job(object, trial, metrics_directory(trial.collector));
  } else {
    mark_pod_templates(object, trial);
  }
  add_labels(object, trial);
  Json& metadata = object["metadata"];
  metadata["name"] = trial.name;
  metadata["namespace"] = trial.ns;
  metadata["ownerReferences"] = Json::array({resources::controller_reference_to(trial.raw)});
  if (trial.attempts > 1) {
    metadata["annotations"][std::string(resources::kAttemptAnnotation)] =
        std::to_string(trial.attempts);
  }
  object.erase("status");
  return object;
}

std::string collector_container_name(const resources::MetricsCollector& collector) {
  return string_at(collector.custom, "name", "metrics-collector");
}

RunKind run_kind_of(const resources::Trial& trial) {
  return {string_at(trial.run_spec, "apiVersion"), string_at(trial.run_spec, "kind")};
}

}  // namespace mizan::experiment
