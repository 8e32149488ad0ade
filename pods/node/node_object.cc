// The Node object: registered at the start, kept fresh by a heartbeat.
#include "pods/node/node_object.h"

#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::object_field;
using resources::text_field;

Json condition(const Json& before, const std::string& now, const char* type, bool status,
               const char* reason, const std::string& message) {
  const char* text = status ? "True" : "False";
  std::string since = now;
  for (const Json& old : array_field(object_field(before, "status"), "conditions")) {
    if (text_field(old, "type") == type && text_field(old, "status") == text)
      since = text_field(old, "lastTransitionTime", now);
  }
  return {{"type", type},       {"status", text},           {"reason", reason},
          {"message", message}, {"lastHeartbeatTime", now}, {"lastTransitionTime", since}};
}

Json amounts_json(const Amounts& amounts) {
  Json json = Json::object();
  for (const auto& [name, amount] : amounts) json[name] = amount.text();
  return json;
}

}  // namespace

Json node_object(const NodeObjectFacts& facts, Time now_time, const Json& before) {
  const std::string now = format_rfc3339(now_time);
  const auto add = [&](Json& list, const char* type, bool status, const char* reason,
                       const std::string& message) {
    list.push_back(condition(before, now, type, status, reason, message));
  };
  Json conditions = Json::array();
  add(conditions, "MemoryPressure", false, "KubeletHasSufficientMemory",
      "the node has sufficient memory available");
  add(conditions, "DiskPressure", false, "KubeletHasNoDiskPressure",
      "the node has no disk pressure");
  add(conditions, "PIDPressure", false, "KubeletHasSufficientPID",
      "the node has sufficient PID available");
  add(conditions, "Ready", true, "KubeletReady", "the embedded node runs pods");
  // Problems are conditions that are True, as with the pressures.
  const bool no_memory = !facts.limits_memory, no_cpu = !facts.limits_cpu;
  add(conditions, "CgroupsUnavailable", no_memory || no_cpu,
      no_memory ? "NoMemoryCgroup"
      : no_cpu  ? "NoCpuCgroup"
                : "CgroupsInUse",
      no_memory ? "memory limits are enforced by sampling twenty times a second, and CPU limits "
                  "not at all"
      : no_cpu  ? "CPU limits are not enforced"
                : "limits are enforced by cgroups " + facts.cgroups);
  const bool mounts =
      facts.isolation == Isolation::kMounts || facts.isolation == Isolation::kUserMounts;
  add(conditions, "MountNamespaceUnavailable", !mounts,
      mounts ? "MountNamespacesInUse" : to_string(facts.isolation).data(),
      mounts ? "each container has a mount namespace of its own"
             : "pods that mount volumes fail; /tmp cannot be written, TMPDIR is private");

  Json node{{"apiVersion", "v1"}, {"kind", "Node"}};
  node["metadata"] = {{"name", facts.name},
                      {"labels",
                       {{"kubernetes.io/hostname", facts.machine.hostname},
                        {"kubernetes.io/os", "linux"},
                        {"kubernetes.io/arch", facts.machine.architecture}}}};
  node["spec"] = Json::object();
  node["status"] = {
      {"capacity", amounts_json(facts.capacity)},
      {"allocatable", amounts_json(facts.capacity)},
      {"conditions", std::move(conditions)},
      {"addresses", Json::array({Json{{"type", "Hostname"}, {"address", facts.machine.hostname}},
                                 Json{{"type", "InternalIP"}, {"address", "127.0.0.1"}}})},
      {"nodeInfo",
       {{"machineID", facts.machine.machine_id},
        {"systemUUID", facts.machine.machine_id},
        {"bootID", facts.machine.boot_id},
        {"kernelVersion", facts.machine.kernel},
        {"osImage", facts.machine.os_image},
        {"operatingSystem", "linux"},
        {"architecture", facts.machine.architecture},
        {"kubeletVersion", facts.version},
        {"kubeProxyVersion", ""},
        {"containerRuntimeVersion", "mizan://" + facts.version}}}};
  return node;
}

}  // namespace mizan::pods
