// Objects as a controller or a user would write them, for the tests of this room.
#pragma once

#include <string>

#include "core/json.h"

namespace mizan::testing {

/// A client-run experiment over one learning rate.
inline Json an_experiment(const std::string& name) {
  return Json::parse(R"({
    "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {},
    "spec": {
      "maxTrialCount": 12, "parallelTrialCount": 3,
      "objective": {"type": "minimize", "goal": 0.01, "objectiveMetricName": "loss", "additionalMetricNames": ["accuracy"]},
      "algorithm": {"algorithmName": "random"},
      "parameters": [{"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.001", "max": "0.1"}}],
      "trialTemplate": {"client": {}}
    }})")
      .patch(Json::array({{{"op", "add"}, {"path", "/metadata/name"}, {"value", name}}}));
}

/// A Trial of `experiment` as the Experiment controller makes it.
inline Json a_trial(const std::string& experiment, const std::string& name,
                    const std::string& lr = "0.01") {
  return {
      {"apiVersion", "kubeflow.org/v1beta1"},
      {"kind", "Trial"},
      {"metadata", {{"name", name}, {"labels", {{"katib.kubeflow.org/experiment", experiment}}}}},
      {"spec",
       {{"objective",
         {{"type", "minimize"},
          {"objectiveMetricName", "loss"},
          {"additionalMetricNames", Json::array({"accuracy"})},
          {"metricStrategies", Json::array({{{"name", "loss"}, {"value", "min"}},
                                            {{"name", "accuracy"}, {"value", "latest"}}})}}},
        {"parameterAssignments", Json::array({{{"name", "lr"}, {"value", lr}}})}}}};
}

inline Json a_suggestion(const std::string& name) {
  return {{"apiVersion", "kubeflow.org/v1beta1"},
          {"kind", "Suggestion"},
          {"metadata", {{"name", name}}},
          {"spec", {{"algorithm", {{"algorithmName", "random"}}}, {"requests", 0}}}};
}

}  // namespace mizan::testing
