// What the node remembers of a pod while it runs.
#include "pods/node/pod_local.h"

#include "pods/node/pod_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {

controller::Request key_of(const Json& pod) {
  return {resources::namespace_of(pod), resources::name_of(pod)};
}

std::string condition_message(const Json& pod, std::string_view type) {
  for (const Json& condition :
       resources::array_field(resources::object_field(pod, "status"), "conditions")) {
    if (resources::text_field(condition, "type") == type)
      return resources::text_field(condition, "message");
  }
  return {};
}

std::string waiting_message(const Json& pod) {
  const Json& statuses =
      resources::array_field(resources::object_field(pod, "status"), "containerStatuses");
  return statuses.empty() ? "" : string_at(statuses.front(), "state.waiting.message");
}

Amounts held_amounts(const Json& pod, const ResizeState& resize) {
  Amounts held = pod_requests(with_size(pod, resize.allocated()));
  if (resize.actual() == resize.allocated()) return held;
  for (const auto& [name, amount] : pod_requests(with_size(pod, resize.actual())))
    held[name] = std::max(held[name], amount);
  return held;
}

Result<> prepare_pod(const PodPlan& plan, const Json& pod, Cgroups* cgroups) {
  if (cgroups != nullptr) {
    std::vector<ContainerLimits> containers;
    for (const Json* container : all_containers(pod))
      containers.push_back(
          {resources::text_field(*container, "name"), container_limits(*container)});
    if (Result<> made = cgroups->create(plan.launch.uid, pod_limits(pod), containers); !made)
      return made;
  }
  return prepare_folder(plan);
}

}  // namespace mizan::pods
