// What the tuner writes on a pod that it sizes: for whom, how large, why, and what the startup
// boost falls back to. A server that comes later reads it there.
#pragma once

#include <optional>
#include <string>

#include "core/json.h"
#include "pods/pod_annotations.h"
#include "pods/tuner/memory_model.h"
#include "pods/tuner/pod_watch.h"
#include "pods/tuner/sizing_policy.h"

namespace mizan::pods {

struct SizedNote {
  std::string trial;
  int attempt = 1;      // 1 and the attempts that were killed for want of memory
  TrialSize size;       // what is thought right; limits, where there are none requests
  TrialSize requested;  // the template's, likewise
  TrialSize reserves;   // the template's requests: what a static pod takes from the node
  std::optional<NeedPrediction> memory, cpu;  // not read back
  StartupBoost boost;

  Json json() const;
};
/// The annotation, as the trial's status.resources.predicted shows it, too; null: there is none.
Json note_on(const Json& pod);
/// nullopt: the tuner does not look after this pod.
std::optional<SizedNote> read_note(const Json& pod);

/// {"memory": "512Mi", "cpu": "500m"}, what is 0 left out.
Json to_json(const TrialSize& size);
TrialSize read_trial_size(const Json& json);

}  // namespace mizan::pods
