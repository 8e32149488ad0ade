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
constexpr std::int64_t kCpuStep = 10;          // thousandths of a core
constexpr std::int64_t kUnsized = 512 * kMib;  // for templates that say nothing

std::optional<Quantity> amount_in(const Json& amounts, const char* resource) {
  const Json* value = resources::field(amounts, resource);
  const auto amount = value == nullptr ? std::nullopt : Quantity::from_json(*value);
  return amount && !amount->is_negative() ? amount : std::nullopt;
}

TrialSize read_size(const Json& amounts, const TrialSize& otherwise) {
  const auto memory = amount_in(amounts, "memory"), cpu = amount_in(amounts, "cpu");
  return {memory ? memory->units() : otherwise.memory, cpu ? cpu->milli() : otherwise.cpu};
}

std::int64_t whole(double amount, std::int64_t step) {
  return static_cast<std::int64_t>(
             std::ceil(std::min(amount, 9e18) / static_cast<double>(step) - 1e-9)) *
         step;
}

std::int64_t bounded(std::int64_t amount, std::int64_t least, std::int64_t most) {
  amount = std::max(amount, least);
  return most > 0 ? std::min(amount, most) : amount;
}

std::int64_t smaller_bound(std::int64_t one, std::int64_t other) {
  return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}

/// One resource of `sized`. `text` writes an amount of it.
void put(Json& sized, const char* resource, std::int64_t need, std::int64_t step,
         bool requests_only, Quantity (*quantity)(std::int64_t),
         std::int64_t (*amount)(const Quantity&)) {
  const auto limit = amount_in(object_field(sized, "limits"), resource);
  const auto request = amount_in(object_field(sized, "requests"), resource);
  const bool has_limit = limit && !limit->is_zero();
  if (requests_only) {
    sized["requests"][resource] =
        quantity(has_limit ? std::min(need, amount(*limit)) : need).text();
    return;
  }
  const double ratio = has_limit && request && !request->is_zero() && *request < *limit
                           ? request->value() / limit->value()
                           : 1;
  sized["limits"][resource] = quantity(need).text();
  sized["requests"][resource] =
      quantity(ratio == 1 ? need : whole(static_cast<double>(need) * ratio, step)).text();
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
  policy.recreate = mode == "InPlaceOrRecreate";
  const Json* controlled = resources::field(resize, "controlledResources");
  if (controlled != nullptr && controlled->is_array()) {
    policy.memory = std::ranges::find(*controlled, Json("memory")) != controlled->end();
    policy.cpu = std::ranges::find(*controlled, Json("cpu")) != controlled->end();
  }
  policy.requests_only = text_field(resize, "controlledValues") == "RequestsOnly";
  policy.least = read_size(object_field(resize, "minAllowed"), policy.least);
  policy.most = read_size(object_field(resize, "maxAllowed"), {});
  policy.oom_retries = static_cast<int>(
      std::clamp<std::int64_t>(resources::integer_field(resize, "oomRetries").value_or(3), 0, 100));
  policy.deferred_seconds =
      resources::integer_field(resize, "deferredTimeoutSeconds").value_or(300);
  const Json& boost = object_field(resize, "startupBoost");
  const Json* factor = resources::field(boost, "cpuFactor");
  if (factor != nullptr && factor->is_number()) policy.boost_factor = factor->get<double>();
  policy.boost_seconds = resources::integer_field(boost, "durationSeconds").value_or(0);
  policy.elastic_most =
      resources::integer_field(object_field(trial_pods, "elasticParallelism"), "max").value_or(0);
  return policy;
}

SizingPolicy within_node(SizingPolicy policy, const TrialSize& node) {
  policy.most = {smaller_bound(policy.most.memory, node.memory),
                 smaller_bound(policy.most.cpu, node.cpu)};
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

TrialSize size_of_container(const Json& container) {
  const Json& own = object_field(container, "resources");
  return read_size(object_field(own, "limits"), read_size(object_field(own, "requests"), {}));
}

TrialSize requests_of_container(const Json& container) {
  const Json& own = object_field(container, "resources");
  return read_size(object_field(own, "requests"), read_size(object_field(own, "limits"), {}));
}

Json* container_of(Json& pod, const std::string& name) {
  Json* containers = pod.contains("spec") ? &pod["spec"]["containers"] : nullptr;
  if (containers == nullptr || !containers->is_array() || containers->empty()) return nullptr;
  for (Json& container : *containers) {
    if (text_field(container, "name") == name) return &container;
  }
  return &containers->front();
}

std::int64_t bounded_memory(double need, const SizingPolicy& policy) {
  const std::int64_t most = policy.most.memory > 0 ? std::max(policy.most.memory, kMib) : 0;
  return bounded(need > 0 ? whole(need, kMib) : kUnsized, policy.least.memory, most);
}

std::int64_t bounded_cpu(double need, const SizingPolicy& policy) {
  return bounded(whole(need, kCpuStep), policy.least.cpu, policy.most.cpu);
}

Json sized_resources(const Json& container, const TrialSize& need, const SizingPolicy& policy) {
  Json sized = object_field(container, "resources");
  if (need.memory > 0)
    put(sized, "memory", need.memory, kMib, policy.requests_only, Quantity::of_bytes,
        [](const Quantity& amount) { return amount.units(); });
  if (need.cpu > 0)
    put(sized, "cpu", need.cpu, 1, policy.requests_only, Quantity::of_milli,
        [](const Quantity& amount) { return amount.milli(); });
  return sized;
}

std::optional<Json> boosted_resources(Json resources, const SizingPolicy& policy) {
  const auto limit = amount_in(object_field(resources, "limits"), "cpu");
  if (!limit || limit->is_zero()) return std::nullopt;
  const auto request = amount_in(object_field(resources, "requests"), "cpu");
  const std::int64_t boosted =
      whole(static_cast<double>(limit->milli()) * policy.boost_factor, kCpuStep);
  const bool together = !request || *request == *limit;
  // A request must fit on the node, a limit need not.
  const std::int64_t most = together ? policy.most.cpu : 0;
  const std::int64_t cpu = bounded(boosted, 0, most);
  if (cpu <= limit->milli()) return std::nullopt;
  resources["limits"]["cpu"] = Quantity::of_milli(cpu).text();
  if (together) resources["requests"]["cpu"] = resources["limits"]["cpu"];
  return resources;
}

}  // namespace mizan::pods
