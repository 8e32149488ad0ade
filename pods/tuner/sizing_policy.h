// spec.trialPods of an Experiment as the tuner follows it, and the pure rules of sizing one pod:
// bounds, and what requests and limits become of a need.
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

/// Memory in bytes, CPU in thousandths of a core. 0: none, or as it is.
struct TrialSize {
  std::int64_t memory = 0, cpu = 0;
  bool operator==(const TrialSize&) const = default;
};

struct SizingPolicy {
  SizingMode mode = SizingMode::kOff;
  bool recreate = false;            // InPlaceOrRecreate: else as InPlace
  bool memory = true, cpu = false;  // controlledResources has them
  bool requests_only = false;
  TrialSize least{32LL << 20U, 10}, most;  // most 0: no bound
  int oom_retries = 3;
  std::int64_t deferred_seconds = 300;
  double boost_factor = 1;  // of the CPU limit while a trial starts
  std::int64_t boost_seconds = 0;
  std::int64_t elastic_most = 0;  // trials at once; 0: parallelTrialCount holds

  bool sizes_new_pods() const { return mode >= SizingMode::kInitial; }
  bool boosts() const {
    return mode == SizingMode::kInPlace && boost_factor > 1 && boost_seconds > 0;
  }
};
/// Tolerant: what can't be read is as by default.
SizingPolicy read_policy(const Json& trial_pods);
/// No pod can be larger than a node that has so much.
SizingPolicy within_node(SizingPolicy policy, const TrialSize& node);

/// A trial's hyperparameters as the model takes them, in the order of the experiment's parameters.
TunerPoint point_of(const resources::Experiment& experiment, const resources::Trial& trial);

/// The limits of a container (of its spec, or of its status), where it has none its requests.
TrialSize size_of_container(const Json& container);
/// Its requests, where it has none its limits: what it takes from the node.
TrialSize requests_of_container(const Json& container);
/// The container of that name, else the first; nullptr when there is none.
Json* container_of(Json& pod, const std::string& name);

/// `need` within the policy's bounds, in whole MiB.
std::int64_t bounded_memory(double need, const SizingPolicy& policy);
/// The same for CPU, in whole hundredths of a core.
std::int64_t bounded_cpu(double need, const SizingPolicy& policy);

/// resources of `container` for a need: the limit becomes the need, the request keeps its ratio to
/// the limit. With requests_only the request alone is set, at most the limit.
Json sized_resources(const Json& container, const TrialSize& need, const SizingPolicy& policy);

/// `resources` with so many times the CPU limit; a request that equals the limit goes with it (the
/// QoS class may not change when the boost ends). nullopt: there is no limit that could hold back.
std::optional<Json> boosted_resources(Json resources, const SizingPolicy& policy);

}  // namespace mizan::pods
