// Requests and limits of pods, summed as the scheduler sums them.
#include "pods/node/pod_resources.h"

#include <algorithm>

#include "resources/pod_amounts.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::effective_requests;
using resources::Quantity;

void add(Amounts& sum, const Amounts& more) {
  for (const auto& [name, amount] : more)
    sum[name] = sum.contains(name) ? sum[name] + amount : amount;
}
void raise(Amounts& amounts, const Amounts& least) {
  for (const auto& [name, amount] : least) amounts[name] = std::max(amounts[name], amount);
}

const Json& containers_of(const Json& pod, const char* list) {
  return resources::array_field(resources::object_field(pod, "spec"), list);
}

std::int64_t milli_of(const Amounts& amounts, const char* name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second.milli();
}
std::int64_t units_of(const Amounts& amounts, const char* name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second.units();
}

}  // namespace

Amounts container_amounts(const Json& container, const char* which) {
  return resources::container_amounts(container, which);
}

bool is_sidecar(const Json& init_container) {
  return resources::text_field(init_container, "restartPolicy") == "Always";
}

std::vector<const Json*> all_containers(const Json& pod) {
  std::vector<const Json*> all;
  for (const char* list : {"initContainers", "containers"}) {
    for (const Json& container : containers_of(pod, list)) all.push_back(&container);
  }
  return all;
}

Amounts pod_requests(const Json& pod) {
  Amounts sum, largest_init, sidecars;
  for (const Json& container : containers_of(pod, "containers"))
    add(sum, effective_requests(container));
  for (const Json& container : containers_of(pod, "initContainers")) {
    if (is_sidecar(container)) {
      add(sidecars, effective_requests(container));
      raise(largest_init, sidecars);
      continue;
    }
    Amounts now = effective_requests(container);
    add(now, sidecars);  // those before it run beside it
    raise(largest_init, now);
  }
  add(sum, sidecars);
  raise(sum, largest_init);
  sum["pods"] = Quantity::of_milli(1000);
  return sum;
}

CgroupLimits container_limits(const Json& container) {
  const Amounts requests = effective_requests(container),
                limits = container_amounts(container, "limits");
  return {milli_of(requests, "cpu"), milli_of(limits, "cpu"), units_of(limits, "memory")};
}

CgroupLimits pod_limits(const Json& pod) {
  CgroupLimits sum;
  bool all_cpu = true, all_memory = true;
  for (const Json& container : containers_of(pod, "containers")) {
    const CgroupLimits one = container_limits(container);
    sum.cpu_limit_milli += one.cpu_limit_milli;
    sum.memory_limit += one.memory_limit;
    all_cpu = all_cpu && one.cpu_limit_milli > 0;
    all_memory = all_memory && one.memory_limit > 0;
  }
  for (const Json& container : containers_of(pod, "initContainers")) {
    const CgroupLimits one = container_limits(container);
    const bool beside = is_sidecar(container);
    sum.cpu_limit_milli = beside ? sum.cpu_limit_milli + one.cpu_limit_milli
                                 : std::max(sum.cpu_limit_milli, one.cpu_limit_milli);
    sum.memory_limit =
        beside ? sum.memory_limit + one.memory_limit : std::max(sum.memory_limit, one.memory_limit);
    all_cpu = all_cpu && one.cpu_limit_milli > 0;
    all_memory = all_memory && one.memory_limit > 0;
  }
  if (!all_cpu) sum.cpu_limit_milli = 0;
  if (!all_memory) sum.memory_limit = 0;
  const Amounts requests = pod_requests(pod);
  sum.cpu_request_milli = milli_of(requests, "cpu");
  return sum;
}

std::string qos_class(const Json& pod) { return resources::qos_class(pod); }

}  // namespace mizan::pods
