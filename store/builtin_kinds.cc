// The built-in kinds' own rules.
#include "store/builtin_kinds.h"

#include "resources/meta.h"
#include "resources/pod_amounts.h"
#include "resources/reading.h"
#include "store/refusal.h"

namespace mizan::store {
namespace {

constexpr std::int64_t kDefaultGraceSeconds = 30;

void start_job(Json& job) {
  Json& spec = job["spec"];
  if (!spec.is_object() || spec.value("manualSelector", Json()) == true) return;
  Json& pod = spec["template"];
  if (!pod.is_object()) return;  // validation says so
  const std::string uid = resources::uid_of(job);
  const std::string name = resources::name_of(job);
  if (Json& metadata = pod["metadata"]; !metadata.is_object()) metadata = Json::object();
  Json& labels = pod["metadata"]["labels"];
  if (!labels.is_object()) labels = Json::object();
  labels["batch.kubernetes.io/controller-uid"] = uid;
  labels["controller-uid"] = uid;
  labels["batch.kubernetes.io/job-name"] = name;
  labels["job-name"] = name;
  spec["selector"] = {{"matchLabels", {{"batch.kubernetes.io/controller-uid", uid}}}};
}

void start_namespace(Json& object) {
  if (Json& spec = object["spec"]; !spec.is_object()) spec = Json::object();
  object["spec"]["finalizers"] = {"kubernetes"};
  object["status"] = {{"phase", "Active"}};
  Json& labels = object["metadata"]["labels"];
  if (!labels.is_object()) labels = Json::object();
  labels["kubernetes.io/metadata.name"] = resources::name_of(object);
}

/// `.spec.parallelTrialCount` as a JSON pointer.
Json::json_pointer pointer_of(std::string path) {
  std::ranges::replace(path, '.', '/');
  if (!path.starts_with('/')) path.insert(0, "/");
  return Json::json_pointer(path);
}

}  // namespace

bool is_core(const resources::ResourceDefinition& definition, std::string_view plural) {
  return definition.group.empty() && definition.plural == plural;
}

void start_builtin(const resources::ResourceDefinition& definition, Json& object) {
  if (is_core(definition, "pods")) {
    object["status"] = {{"phase", "Pending"}};
    if (object["spec"].is_object()) resources::default_pod_amounts(object["spec"]);
  } else if (is_core(definition, "namespaces")) {
    start_namespace(object);
  } else if (definition.group == "batch" && definition.plural == "jobs") {
    start_job(object);
  }
}

std::vector<FieldError> check_builtin(const resources::ResourceDefinition& definition,
                                      const Json& object, const Json* current) {
  if (is_core(definition, "pods")) {
    if (current != nullptr) return resources::check_pod_update(*current, object);
    return resources::check_pod_amounts(resources::object_field(object, "spec"), "spec");
  }
  if (definition.group == "batch" && definition.plural == "jobs" && current == nullptr) {
    const Json* pod = find(object, "spec.template.spec");
    if (pod != nullptr) return resources::check_pod_amounts(*pod, "spec.template.spec");
  }
  return {};
}

Grace grace_of(const resources::ResourceDefinition& definition, const Json& object,
               const RemoveOptions& options) {
  if (!is_core(definition, "pods")) return {};
  const std::string phase = string_at(object, "status.phase");
  const bool runs =
      !string_at(object, "spec.nodeName").empty() && phase != "Succeeded" && phase != "Failed";
  if (!runs) return {0, true};
  if (options.grace_period_seconds) {
    return {*options.grace_period_seconds < 0 ? 1 : *options.grace_period_seconds, true};
  }
  const Json* own = find(object, "spec.terminationGracePeriodSeconds");
  return {
      own != nullptr && own->is_number_integer() ? own->get<std::int64_t>() : kDefaultGraceSeconds,
      false};
}

bool has_spec_finalizers(const resources::ResourceDefinition& definition, const Json& object) {
  if (!is_core(definition, "namespaces")) return false;
  const Json* finalizers = find(object, "spec.finalizers");
  return finalizers != nullptr && finalizers->is_array() && !finalizers->empty();
}

Result<Json> with_subresource(const resources::ResourceDefinition& definition, const Json& current,
                              std::string_view subresource, const Json& wanted) {
  Json next = current;
  if (subresource == "finalize" && is_core(definition, "namespaces")) {
    const Json* finalizers = find(wanted, "spec.finalizers");
    next["spec"]["finalizers"] = finalizers == nullptr ? Json::array() : *finalizers;
    return next;
  }
  if (subresource == "binding" && is_core(definition, "pods")) {
    // The embedded node binds a pod and says that it runs in one write; no client has this
    // subresource.
    if (string_at(next, "spec.nodeName").empty())
      next["spec"]["nodeName"] = string_at(wanted, "spec.nodeName");
    if (const Json* status = find(wanted, "status")) next["status"] = *status;
    return next;
  }
  if (!definition.has_subresource(subresource)) return fail(no_such_resource());
  if (subresource == "status") {
    const Json* status = find(wanted, "status");
    if (status == nullptr || status->is_null()) {
      next.erase("status");
    } else {
      next["status"] = *status;
    }
    return next;
  }
  if (subresource == "resize") {
    resources::ResizedPod resized = resources::resize_pod(current, wanted);
    if (resized.errors.empty()) return std::move(resized.pod);
    return fail(invalid_object(qualified_kind(definition), resources::name_of(current),
                               std::move(resized.errors)));
  }
  if (subresource == "scale") {
    const std::string path = string_at(definition.scale, "specReplicasPath");
    const Json* replicas = find(wanted, "spec.replicas");
    if (path.empty()) return fail(no_such_resource());
    next[pointer_of(path)] = replicas == nullptr ? Json(0) : *replicas;
    return next;
  }
  return fail(no_such_resource());
}

}  // namespace mizan::store
