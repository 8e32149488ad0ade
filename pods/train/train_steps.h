// The Jobs of a TrainJob: its runtime's template with what the TrainJob says laid over it. Pure.
//
// Fields and words are trainer.kubeflow.org/v1alpha1's. A cluster makes a JobSet of them, with a
// Job for each node; this is one node, so more than one is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::pods {

/// The label of a runtime's Job that says what it is for: "trainer", "dataset-initializer",
/// "model-initializer".
inline constexpr std::string_view kAncestorLabel = "trainer.kubeflow.org/trainjob-ancestor-step";

/// How the training tells how far it is: POST to `url` with the token. Empty url: it can't.
struct TrainReporting {
  std::string url;     // of its own status
  std::string secret;  // holds `token` and `ca.crt`, mounted at kReportingMount
};
inline constexpr const char* kReportingMount = "/var/run/secrets/kubeflow/trainer";

/// One Job, and what must have happened before it is made.
struct TrainStep {
  struct Dependency {
    std::string step;
    bool complete = true;  // else: ready
  };
  std::string name;  // in the runtime
  std::vector<Dependency> after;
  Json job;  // complete, with its owner
};

/// Errors: kInvalid, a sentence that names the field and says what would be right.
Result<std::vector<TrainStep>> train_steps(const Json& train_job, const Json& runtime,
                                           const TrainReporting& reporting = {});

}  // namespace mizan::pods
