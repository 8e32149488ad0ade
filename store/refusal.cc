// The sentences, in one place.
#include "store/refusal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mizan::store {

std::string qualified_resource(const resources::ResourceId& id) {
  return id.group.empty() ? id.resource : id.resource + "." + id.group;
}

std::string qualified_kind(const ResourceDefinition& definition) {
  return definition.group.empty() ? definition.kind : definition.kind + "." + definition.group;
}

Error no_such_resource() {
  return {Code::kNotFound, "the server could not find the requested resource", {}};
}

Error no_such_object(const resources::ResourceId& id, std::string_view name) {
  return {Code::kNotFound, fmt::format("{} \"{}\" not found", qualified_resource(id), name), {}};
}

Error exists_already(const resources::ResourceId& id, std::string_view name) {
  return {Code::kAlreadyExists,
          fmt::format("{} \"{}\" already exists", qualified_resource(id), name),
          {}};
}

Error cannot_fulfil(std::string_view what, std::string_view name, std::string_view why) {
  return {Code::kConflict,
          fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", what, name, why),
          {}};
}

Error was_modified(const resources::ResourceId& id, std::string_view name) {
  return cannot_fulfil(qualified_resource(id), name,
                       "the object has been modified; please apply your changes to the latest "
                       "version and try again");
}

Error invalid_object(std::string_view what, std::string_view name, std::vector<FieldError> fields) {
  std::vector<std::string> causes;
  causes.reserve(fields.size());
  for (const FieldError& field : fields)
    causes.push_back(fmt::format("{}: {}", field.path, field.message));
  std::string list = fmt::format("{}", fmt::join(causes, ", "));
  if (causes.size() > 1) list = "[" + list + "]";
  return {Code::kInvalid, fmt::format("{} \"{}\" is invalid: {}", what, name, list),
          std::move(fields)};
}

Error undecodable(const ResourceDefinition& definition, std::string_view why) {
  return {Code::kBadRequest,
          fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}", definition.kind,
                      definition.version, why),
          {}};
}

Error namespace_missing(std::string_view ns) {
  return {Code::kNotFound, fmt::format("namespaces \"{}\" not found", ns), {}};
}

Error namespace_terminating(const resources::ResourceId& id, std::string_view name,
                            std::string_view ns) {
  return {Code::kForbidden,
          fmt::format("{} \"{}\" is forbidden: unable to create new content in namespace {} "
                      "because it is being "
                      "terminated",
                      qualified_resource(id), name, ns),
          {}};
}

Error json_patch_failed() {
  return {Code::kInvalid, "the server rejected our request due to an error in our request", {}};
}

Error unsupported_patch(bool builtin) {
  return {Code::kUnsupportedMediaType,
          fmt::format(
              "the body of the request was in an unknown format - accepted media types include: "
              "application/json-patch+json, application/merge-patch+json, "
              "{}application/apply-patch+yaml",
              builtin ? "application/strategic-merge-patch+json, " : ""),
          {}};
}

Error too_large() { return {Code::kTooLarge, "Request entity too large: limit is 3145728", {}}; }

}  // namespace mizan::store
