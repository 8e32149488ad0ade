// Trials, pods and run objects for the tests of this room.
#pragma once

#include <string>

#include "experiment/pod_view.h"
#include "resources/trial.h"
#include "tests/support/manual_clock.h"

namespace mizan::experiment::testing {

inline constexpr const char* kComplete =
    R"(status.conditions.#(type=="Complete")#|#(status=="True")#)";
inline constexpr const char* kFailed = R"(status.conditions.#(type=="Failed")#|#(status=="True")#)";

/// A Job trial of experiment `e` in namespace default, minimising loss.
inline Json trial_object(const std::string& name, int draw = 0) {
  return {{"apiVersion", "kubeflow.org/v1beta1"},
          {"kind", "Trial"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"uid", "uid-" + name},
            {"resourceVersion", "7"},
            {"creationTimestamp", "2026-11-23T20:00:00Z"},
            {"labels", {{"katib.kubeflow.org/experiment", "e"}}},
            {"annotations",
             {{"mizan.kubeflow.org/suggested-from", Json{{"draw", draw}}.dump()},
              {"mizan.kubeflow.org/why", "a random point"}}},
            {"ownerReferences",
             {{{"apiVersion", "kubeflow.org/v1beta1"},
               {"kind", "Experiment"},
               {"name", "e"},
               {"uid", "uid-e"},
               {"controller", true}}}}}},
          {"spec",
           {{"objective",
             {{"type", "minimize"},
              {"objectiveMetricName", "loss"},
              {"metricStrategies", {{{"name", "loss"}, {"value", "min"}}}}}},
            {"parameterAssignments", {{{"name", "lr"}, {"value", "0.1"}}}},
            {"metricsCollector", {{"collector", {{"kind", "StdOut"}}}}},
            {"primaryContainerName", "main"},
            {"successCondition", kComplete},
            {"failureCondition", kFailed},
            {"runSpec",
             {{"apiVersion", "batch/v1"},
              {"kind", "Job"},
              {"metadata", {{"name", name}, {"namespace", "default"}}},
              {"spec",
               {{"template",
                 {{"spec",
                   {{"restartPolicy", "Never"},
                    {"containers",
                     {{{"name", "main"}, {"image", "i"}, {"command", {"true"}}}}}}}}}}}}}}}};
}

/// With `types` as conditions, all True.
inline Json with_conditions(Json object, const std::vector<std::string>& types) {
  for (const std::string& type : types) {
    object["status"]["conditions"].push_back(
        {{"type", type}, {"status", "True"}, {"reason", "R"}, {"message", "M"}});
  }
  return object;
}

inline Json job_object(const std::string& name, const std::string& condition = "",
                       const std::string& reason = "", const std::string& message = "") {
  Json job = {{"apiVersion", "batch/v1"},
              {"kind", "Job"},
              {"metadata", {{"name", name}, {"uid", "job-" + name}}},
              {"status", {{"active", 1}}}};
  if (!condition.empty()) {
    job["status"] = {
        {"conditions",
         {{{"type", condition}, {"status", "True"}, {"reason", reason}, {"message", message}}}}};
  }
  return job;
}

inline PodView pod_view(const std::string& trial, const std::string& phase) {
  PodView pod;
  pod.ns = "default";
  pod.name = trial + "-pod";
  pod.uid = "pod-" + trial;
  pod.trial = trial;
  pod.phase = phase;
  ContainerView container;
  container.name = "main";
  container.state = phase == "Pending"   ? ContainerView::State::kWaiting
                    : phase == "Running" ? ContainerView::State::kRunning
                                         : ContainerView::State::kTerminated;
  pod.containers.push_back(container);
  return pod;
}

inline PodView failed_pod(const std::string& trial, int exit_code,
                          const std::string& reason = "Error", const std::string& message = "") {
  PodView pod = pod_view(trial, "Failed");
  pod.containers[0].exit_code = exit_code;
  pod.containers[0].reason = reason;
  pod.containers[0].message = message;
  return pod;
}

}  // namespace mizan::experiment::testing
