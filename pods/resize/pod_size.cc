// Sizes of pods from and to JSON.
#include "pods/resize/pod_size.h"

#include "pods/node/pod_resources.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

Json amounts_json(const Amounts& amounts) {
  Json json = Json::object();
  for (const auto& [name, amount] : amounts) json[name] = amount.text();
  return json;
}

/// `holder` has a field `resources`.
ContainerSize size_of(const Json& holder) {
  ContainerSize size{container_amounts(holder, "requests"), container_amounts(holder, "limits")};
  for (const auto& [name, limit] : size.limits) size.requests.try_emplace(name, limit);
  return size;
}

}  // namespace

PodSize wanted_size(const Json& pod) {
  PodSize size;
  for (const Json* container : all_containers(pod))
    size[text_field(*container, "name")] = size_of(*container);
  return size;
}

PodSize size_in_force(const Json& pod, PodSize otherwise) {
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    for (const Json& status : array_field(object_field(pod, "status"), list)) {
      const auto found = otherwise.find(text_field(status, "name"));
      if (found != otherwise.end() && status.contains("resources")) found->second = size_of(status);
    }
  }
  return otherwise;
}

Json with_size(Json pod, const PodSize& size) {
  for (const char* list : {"containers", "initContainers"}) {
    if (!pod["spec"].contains(list)) continue;
    for (Json& container : pod["spec"][list]) {
      const auto found = size.find(text_field(container, "name"));
      if (found == size.end()) continue;
      Json& resources = container["resources"];
      resources["requests"] = amounts_json(found->second.requests);
      resources["limits"] = amounts_json(found->second.limits);
    }
  }
  return pod;
}

Json to_json(const ContainerSize& size) {
  Json json = Json::object();
  if (!size.limits.empty()) json["limits"] = amounts_json(size.limits);
  if (!size.requests.empty()) json["requests"] = amounts_json(size.requests);
  return json;
}

Json to_json(const PodSize& size) {
  Json json = Json::object();
  for (const auto& [name, one] : size) json[name] = to_json(one);
  return json;
}

PodSize read_size(const Json& json) {
  PodSize size;
  if (!json.is_object()) return size;
  for (const auto& [name, one] : json.items()) size[name] = size_of({{"resources", one}});
  return size;
}

}  // namespace mizan::pods
