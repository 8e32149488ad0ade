// What to do about a TrainJob: a pure function of it, its runtime, its Jobs and the time.
//
// On a cluster Kubeflow Trainer does this; it is for the embedded one alone. Conditions and reasons
// are Trainer's: Created, Suspended, Complete, Failed.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "pods/train/train_steps.h"

namespace mizan::pods {

struct TrainView {
  const Json& train_job;
  const Json* runtime = nullptr;                  // null: there is none of that name
  std::vector<std::shared_ptr<const Json>> jobs;  // whose controller it is
  TrainReporting reporting;
  Time now;
};

struct TrainPlan {
  std::vector<Json> create;                           // Jobs; one that exists already is success
  std::vector<std::pair<std::string, bool>> suspend;  // Job and what its spec.suspend becomes
  std::vector<std::string> remove;                    // Jobs that still run when it has failed
  Json status;                                        // what status becomes; null: as it is
  struct Event {
    bool warning = false;
    std::string reason, message;
  };
  std::vector<Event> events;
};

TrainPlan plan_train(const TrainView& view);

/// {kind, name} of spec.runtimeRef; the kind is ClusterTrainingRuntime when none is given.
std::pair<std::string, std::string> runtime_ref_of(const Json& train_job);
/// Complete or Failed.
bool is_finished_train_job(const Json& train_job);

}  // namespace mizan::pods
