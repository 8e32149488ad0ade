// Only what Kubeflow Trainer allows managers to change.
#include "pods/train/runtime_patch.h"

#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::field;
using resources::object_field;
using resources::text_field;

void merge_map(const Json& from, const char* key, Json& to) {
  const Json& entries = object_field(from, key);
  if (entries.empty()) return;
  Json& merged = object_at(to, key);
  for (const auto& [name, value] : entries.items()) merged[name] = value;
}

void merge_metadata(const Json& patch, Json& object) {
  const Json& metadata = object_field(patch, "metadata");
  if (metadata.empty()) return;
  Json& target = object_at(object, "metadata");
  merge_map(metadata, "labels", target);
  merge_map(metadata, "annotations", target);
}

void patch_containers(const Json& pod_patch, const char* list, Json& pod_spec) {
  for (const Json& change : array_field(pod_patch, list)) {
    if (!pod_spec.contains(list) || !pod_spec[list].is_array()) return;
    for (Json& container : pod_spec[list]) {
      if (text_field(container, "name") != text_field(change, "name")) continue;
      for (const Json& variable : array_field(change, "env")) put_named(container, "env", variable);
      for (const Json& mount : array_field(change, "volumeMounts"))
        put_named(container, "volumeMounts", mount);
      if (const Json* context = field(change, "securityContext"))
        container["securityContext"] = *context;
    }
  }
}

void patch_pod(const Json& pod_patch, Json& pod_spec) {
  for (const char* list : {"volumes", "imagePullSecrets", "schedulingGates"}) {
    for (const Json& entry : array_field(pod_patch, list)) put_named(pod_spec, list, entry);
  }
  for (const char* key : {"serviceAccountName", "securityContext", "affinity", "tolerations",
                          "terminationGracePeriodSeconds"}) {
    if (const Json* value = field(pod_patch, key)) pod_spec[key] = *value;
  }
  merge_map(pod_patch, "nodeSelector", pod_spec);
  patch_containers(pod_patch, "containers", pod_spec);
  patch_containers(pod_patch, "initContainers", pod_spec);
}

}  // namespace

Json& object_at(Json& object, const char* key) {
  Json& value = object[key];
  if (!value.is_object()) value = Json::object();
  return value;
}

void put_named(Json& object, const char* key, Json entry) {
  Json& list = object[key];
  if (!list.is_array()) list = Json::array();
  for (Json& there : list) {
    if (text_field(there, "name") != text_field(entry, "name")) continue;
    there = std::move(entry);
    return;
  }
  list.push_back(std::move(entry));
}

void patch_step(const std::string& step, const Json& patch, Json& job) {
  const Json& wanted =
      object_field(object_field(object_field(patch, "trainingRuntimeSpec"), "template"), "spec");
  for (const Json& change : array_field(wanted, "replicatedJobs")) {
    if (text_field(change, "name") != step) continue;
    const Json& job_change = object_field(change, "template");
    merge_metadata(job_change, job);
    const Json& pod_change = object_field(object_field(job_change, "spec"), "template");
    Json& pod = object_at(object_at(job, "spec"), "template");
    merge_metadata(pod_change, pod);
    patch_pod(object_field(pod_change, "spec"), object_at(pod, "spec"));
  }
}

}  // namespace mizan::pods
