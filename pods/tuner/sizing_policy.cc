// Reading the policy, and the arithmetic of sizes.
#include "pods/tuner/sizing_policy.h"

#include <algorithm>
#include <cmath>

#include "resources/pod_amounts.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::object_field;
using resources::Quantity;
using resources::text_field;

constexpr std::int64_t kMib = 1LL << 20U;
constexpr double kFull = 0.85;                 // a container this full grows
constexpr double kLookAhead = 2.0;             // seconds: or one that will be full so soon
constexpr double kGrowth = 1.3;                // of what is used
constexpr std::int64_t kUnsized = 512 * kMib;  // for templates that say nothing

std::int64_t bytes_in(const Json& amounts, std::int64_t otherwise) {
  const Json* value = resources::field(amounts, "memory");
  const auto amount = value == nullptr ? std::nullopt : Quantity::from_json(*value);
  return amount && !amount->is_negative() ? amount->units() : otherwise;
}

std::int64_t whole_mib(double bytes) {
  return static_cast<std::int64_t>(std::ceil(std::min(bytes, 9e18) / static_cast<double>(kMib))) *
         kMib;
}

}  // namespace

SizingPolicy read_policy(const Json& trial_pods) {
  SizingPolicy policy;
  const Json& resize = object_field(trial_pods, "resize");
  const std::string mode = text_field(resize, "mode", "Off");
  policy.mode = mode == "Recommend"           ? SizingMode::kRecommend
                : mode == "Initial"           ? SizingMode::kInitial
                : mode.starts_with("InPlace") ? SizingMode::kInPlace
                                              : SizingMode::kOff;
  const Json* controlled = resources::field(resize, "controlledResources");
  if (controlled != nullptr && controlled->is_array())
    policy.memory = std::ranges::find(*controlled, Json("memory")) != controlled->end();
  policy.requests_only = text_field(resize, "controlledValues") == "RequestsOnly";
  policy.least = bytes_in(object_field(resize, "minAllowed"), policy.least);
  policy.most = bytes_in(object_field(resize, "maxAllowed"), 0);
  policy.oom_retries = static_cast<int>(
      std::clamp<std::int64_t>(resources::integer_field(resize, "oomRetries").value_or(3), 0, 100));
  policy.deferred_seconds =
      resources::integer_field(resize, "deferredTimeoutSeconds").value_or(300);
  return policy;
}

TunerPoint point_of(const resources::Experiment& experiment, const resources::Trial& trial) {
  TunerPoint point;
  for (const resources::Parameter& parameter : experiment.parameters) {
    const auto found =
        std::ranges::find(trial.assignments, parameter.name, &resources::Assignment::name);
    const std::string value = found == trial.assignments.end() ? "" : found->value;
    if (parameter.type != resources::ParameterType::kCategorical) {
      point.numbers.push_back(resources::decimal(value).value_or(0));
    } else {
      point.categories.push_back(value);
    }
  }
  return point;
}

std::int64_t memory_of_container(const Json& container) {
  const Json& own = object_field(container, "resources");
  return bytes_in(object_field(own, "limits"), bytes_in(object_field(own, "requests"), 0));
}

Json* container_of(Json& pod, const std::string& name) {
  Json* containers = pod.contains("spec") ? &pod["spec"]["containers"] : nullptr;
  if (containers == nullptr || !containers->is_array() || containers->empty()) return nullptr;
  for (Json& container : *containers) {
    if (text_field(container, "name") == name) return &container;
  }
  return &containers->front();
}

std::int64_t bounded(double need, const SizingPolicy& policy) {
  std::int64_t bytes = need > 0 ? whole_mib(need) : kUnsized;
  bytes = std::max(bytes, policy.least);
  return policy.most > 0 ? std::min(bytes, std::max(policy.most, kMib)) : bytes;
}

Json sized_resources(const Json& container, std::int64_t need, const SizingPolicy& policy) {
  Json sized = object_field(container, "resources");
  const std::int64_t limit = bytes_in(object_field(sized, "limits"), 0);
  const std::int64_t request = bytes_in(object_field(sized, "requests"), limit);
  if (policy.requests_only) {
    const std::int64_t most = limit > 0 ? std::min(need, limit) : need;
    sized["requests"]["memory"] = Quantity::of_bytes(most).text();
    return sized;
  }
  const double ratio =
      limit > 0 && request > 0 ? static_cast<double>(request) / static_cast<double>(limit) : 1;
  sized["limits"]["memory"] = Quantity::of_bytes(need).text();
  sized["requests"]["memory"] =
      Quantity::of_bytes(ratio == 1 ? need : whole_mib(static_cast<double>(need) * ratio)).text();
  return sized;
}

std::optional<std::int64_t> grown(std::int64_t used, std::int64_t before, double seconds,
                                  std::int64_t limit, const SizingPolicy& policy) {
  if (limit <= 0 || policy.requests_only) return std::nullopt;
  const double slope = seconds > 0 ? static_cast<double>(used - before) / seconds : 0;
  const double soon = static_cast<double>(used) + std::max(slope, 0.0) * kLookAhead;
  if (static_cast<double>(used) < kFull * static_cast<double>(limit) &&
      soon < static_cast<double>(limit))
    return std::nullopt;
  const double wanted =
      std::max({static_cast<double>(used) * kGrowth, soon * 1.1, static_cast<double>(limit) * 1.2});
  const std::int64_t bytes = bounded(wanted, policy);
  return bytes > limit ? std::optional(bytes) : std::nullopt;
}

}  // namespace mizan::pods
