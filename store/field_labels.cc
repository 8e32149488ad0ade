// Which fields the objects of a kind can be selected by, beside metadata.name and
// metadata.namespace.
#include <array>

#include "store/local_store.h"

namespace mizan::store {
namespace {

struct FieldLabel {
  std::string_view group, plural, path;
};
constexpr FieldLabel kBuiltinLabels[] = {
    {"", "pods", "spec.nodeName"},
    {"", "pods", "spec.restartPolicy"},
    {"", "pods", "spec.schedulerName"},
    {"", "pods", "spec.serviceAccountName"},
    {"", "pods", "status.phase"},
    {"", "pods", "status.podIP"},
    {"", "pods", "status.nominatedNodeName"},
    {"", "events", "involvedObject.kind"},
    {"", "events", "involvedObject.namespace"},
    {"", "events", "involvedObject.name"},
    {"", "events", "involvedObject.uid"},
    {"", "events", "involvedObject.apiVersion"},
    {"", "events", "involvedObject.resourceVersion"},
    {"", "events", "involvedObject.fieldPath"},
    {"", "events", "reason"},
    {"", "events", "reportingComponent"},
    {"", "events", "source"},
    {"", "events", "type"},
    {"", "namespaces", "status.phase"},
    {"", "nodes", "spec.unschedulable"},
    {"", "secrets", "type"},
    {"batch", "jobs", "status.successful"},
};

bool is_selectable(const resources::ResourceDefinition& definition, std::string_view path) {
  if (path == "metadata.name" || path == "metadata.namespace") return true;
  for (std::string_view field : definition.selectable_fields) {
    if (field.starts_with('.')) field.remove_prefix(1);
    if (field == path) return true;
  }
  return std::ranges::any_of(kBuiltinLabels, [&](const FieldLabel& label) {
    return label.group == definition.group && label.plural == definition.plural &&
           label.path == path;
  });
}

}  // namespace

Result<> check_field_labels(const resources::ResourceDefinition& definition,
                            const Selection& selection) {
  for (const FieldRequirement& requirement : selection.fields) {
    if (!is_selectable(definition, requirement.path)) {
      return fail(Code::kBadRequest, "field label not supported: " + requirement.path);
    }
  }
  return {};
}

}  // namespace mizan::store
