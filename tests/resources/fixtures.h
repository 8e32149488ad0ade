// An experiment that is right in every way, for tests to break.
#pragma once

#include <string>

#include "core/json.h"
#include "resources/defaults.h"

namespace mizan::resources {

inline Json experiment() {
  return Json::parse(R"({
    "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": "demo", "namespace": "default"},
    "spec": {
      "objective": {"type": "minimize", "goal": 0.01, "objectiveMetricName": "loss", "additionalMetricNames": ["accuracy"]},
      "algorithm": {"algorithmName": "random"},
      "maxTrialCount": 12, "parallelTrialCount": 3, "maxFailedTrialCount": 3,
      "parameters": [
        {"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.01", "max": "0.1"}},
        {"name": "layers", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "5"}},
        {"name": "units", "parameterType": "discrete", "feasibleSpace": {"list": ["16", "32", "64"]}},
        {"name": "optimizer", "parameterType": "categorical", "feasibleSpace": {"list": ["sgd", "adam"]}}],
      "trialTemplate": {
        "primaryContainerName": "main",
        "trialParameters": [
          {"name": "learningRate", "reference": "lr"}, {"name": "layers", "reference": "layers"},
          {"name": "units", "reference": "units"}, {"name": "optimizer", "reference": "optimizer"}],
        "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {
          "restartPolicy": "Never",
          "containers": [{"name": "main", "image": "busybox", "command": ["sh", "-c",
            "echo loss=${trialParameters.learningRate} ${trialParameters.layers} ${trialParameters.units} ${trialParameters.optimizer}"]}]}}}}}
    }})");
}

/// The above with one field replaced (null takes it away) and defaults filled in.
inline Json experiment_with(const std::string& pointer, const Json& value) {
  Json object = experiment();
  const Json::json_pointer at(pointer);
  if (value.is_null()) {
    object[at.parent_pointer()].erase(at.back());
  } else {
    object[at] = value;
  }
  default_experiment(object);
  return object;
}

/// The template's parameters go to the client: nothing about pods matters.
inline Json client_experiment() {
  Json object = experiment();
  object["spec"]["trialTemplate"] = {{"client", Json::object()}};
  object["spec"].erase("parallelTrialCount");
  object["spec"].erase("maxTrialCount");
  default_experiment(object);
  return object;
}

}  // namespace mizan::resources
