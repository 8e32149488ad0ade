// Runtime patches came with Kubeflow Trainer 2.2; the embedded controller (pods/train) knows them.
#include "experiment/train_job_run.h"

#include <algorithm>

namespace mizan::experiment {
namespace {

constexpr const char* kManager = "mizan.kubeflow.org/trial";
constexpr const char* kMetricsVolume = "metrics-volume";

Json& object_at(Json& object, const char* key) {
  Json& value = object[key];
  if (!value.is_object()) value = Json::object();
  return value;
}

Json& list_at(Json& object, const char* key) {
  Json& list = object[key];
  if (!list.is_array()) list = Json::array();
  return list;
}

void add_variable(Json& env, const char* name, const std::string& value) {
  const bool given = std::ranges::any_of(
      env, [&](const Json& variable) { return string_at(variable, "name") == name; });
  if (!given) env.push_back({{"name", name}, {"value", value}});
}

/// Which Job of the runtime the primary pod is of.
std::string training_job_of(const resources::Trial& trial) {
  const auto label = trial.primary_pod_labels.find("jobset.sigs.k8s.io/replicatedjob-name");
  return label == trial.primary_pod_labels.end() ? "node" : label->second;
}

}  // namespace

bool is_train_job(const Json& run) {
  return string_at(run, "kind") == "TrainJob" &&
         string_at(run, "apiVersion").starts_with("trainer.kubeflow.org/");
}

void mark_train_job(Json& run, const resources::Trial& trial,
                    const std::string& metrics_directory) {
  Json& spec = object_at(run, "spec");
  Json& env = list_at(object_at(spec, "trainer"), "env");
  add_variable(env, "KATIB_TRIAL_NAME", trial.name);
  add_variable(env, "KATIB_EXPERIMENT_NAME", trial.experiment);

  Json labels = trial.labels;
  labels[std::string(resources::kTrialLabel)] = trial.name;
  Json pod{{"metadata", {{"labels", labels}}}};
  if (!metrics_directory.empty()) {
    Json container{{"name", trial.primary_container}};
    container["volumeMounts"] =
        Json::array({{{"name", kMetricsVolume}, {"mountPath", metrics_directory}}});
    pod["spec"]["volumes"] =
        Json::array({{{"name", kMetricsVolume}, {"emptyDir", Json::object()}}});
    pod["spec"]["containers"] = Json::array({std::move(container)});
  }
  Json job{{"name", training_job_of(trial)}};
  job["template"]["metadata"]["labels"] = std::move(labels);
  job["template"]["spec"]["template"] = std::move(pod);
  Json patch{{"manager", kManager}};
  patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"] =
      Json::array({std::move(job)});
  list_at(spec, "runtimePatches").push_back(std::move(patch));
}

}  // namespace mizan::experiment
