// spec.trialPods.resize of an Experiment as the tuner follows it, and the pure rules of sizing one
// pod: bounds, what requests and limits become of a need, when a running pod has to grow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/json.h"
#include "pods/tuner/memory_model.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::pods {

enum class SizingMode { kOff, kRecommend, kInitial, kInPlace };

struct SizingPolicy {
  SizingMode mode = SizingMode::kOff;  // InPlaceOrRecreate counts as InPlace
  bool memory = true;                  // controlledResources has it
  bool requests_only = false;
  std::int64_t least = 32LL << 20U, most = 0;  // bytes of memory; most 0: no bound
  int oom_retries = 3;
  std::int64_t deferred_seconds = 300;
};
/// Tolerant: what can't be read is as by default.
SizingPolicy read_policy(const Json& trial_pods);

/// A trial's hyperparameters as the model takes them, in the order of the experiment's parameters.
TunerPoint point_of(const resources::Experiment& experiment, const resources::Trial& trial);

/// The memory limit of a container, else its request; 0: neither.
std::int64_t memory_of_container(const Json& container);
/// The container of that name, else the first; nullptr when there is none.
Json* container_of(Json& pod, const std::string& name);

/// `need` within the policy's bounds, in whole MiB.
std::int64_t bounded(double need, const SizingPolicy& policy);

/// resources of `container` for a need of that many bytes: the limit becomes the need, the request
/// keeps its ratio to the limit. With requests_only the request alone is set, at most the limit.
Json sized_resources(const Json& container, std::int64_t need, const SizingPolicy& policy);

/// A running container uses `used` bytes of `limit`, and used `before` bytes `seconds` ago: what
/// its limit has to become now, if anything. nullopt: it has room.
std::optional<std::int64_t> grown(std::int64_t used, std::int64_t before, double seconds,
                                  std::int64_t limit, const SizingPolicy& policy);

}  // namespace mizan::pods
