// The schemas part of OpenAPI documents.
#include <fmt/format.h>

#include "api/openapi_document.h"
#include "resources/object_meta.h"
#include "resources/schema.h"

namespace mizan::api {
namespace {

using resources::ResourceDefinition;

Json reference(const char* name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

Json text_field(std::string_view description) {
  return {{"type", "string"}, {"description", description}};
}

Json api_version_field() {
  return text_field("The group and version of this representation, as in kubeflow.org/v1beta1.");
}
Json kind_field() {
  return text_field("The kind of this object, in CamelCase. It can't be changed.");
}

Json group_version_kind(const ResourceDefinition& definition, const std::string& kind) {
  return Json::array(
      {{{"group", definition.group}, {"version", definition.version}, {"kind", kind}}});
}

/// Metadata of objects inside objects (pod templates) refers to ObjectMeta like the outer one.
Json object_schema(const ResourceDefinition& definition) {
  Json schema =
      definition.schema ? resources::source_of(*definition.schema) : Json{{"type", "object"}};
  if (!schema.is_object()) schema = Json{{"type", "object"}};
  if (!definition.description.empty() && !schema.contains("description"))
    schema["description"] = definition.description;
  Json& properties = schema["properties"];
  properties["apiVersion"] = api_version_field();
  properties["kind"] = kind_field();
  properties["metadata"] = {
      {"description", "Name, labels, annotations and what else every object has."},
      {"allOf", Json::array({reference(kObjectMeta)})}};
  schema["x-kubernetes-group-version-kind"] = group_version_kind(definition, definition.kind);
  if (!definition.selectable_fields.empty()) {
    Json& fields = schema["x-kubernetes-selectable-fields"];
    for (std::string_view path : definition.selectable_fields) {
      fields.push_back({{"fieldPath", path.starts_with('.') ? path.substr(1) : path}});
    }
  }
  return schema;
}

Json list_schema(const ResourceDefinition& definition) {
  Json schema{
      {"type", "object"},
      {"description", fmt::format("{} is a list of {}.", definition.list_kind, definition.kind)},
      {"required", {"items"}}};
  schema["properties"] = {{"apiVersion", api_version_field()},
                          {"kind", kind_field()},
                          {"metadata",
                           {{"description", "The version the list shows, and how to go on."},
                            {"allOf", Json::array({reference(kListMeta)})}}},
                          {"items",
                           {{"type", "array"},
                            {"description", "The objects."},
                            {"items", reference(schema_name(definition).c_str())}}}};
  schema["x-kubernetes-group-version-kind"] = group_version_kind(definition, definition.list_kind);
  return schema;
}

Json list_meta() {
  return {
      {"type", "object"},
      {"description", "What a list says of itself."},
      {"properties",
       {{"continue", text_field("Given back as the parameter `continue`, it brings the next page; "
                                "empty on the last.")},
        {"remainingItemCount",
         {{"type", "integer"},
          {"format", "int64"},
          {"description", "How many objects follow this page."}}},
        {"resourceVersion",
         text_field("The version of the store that the list shows; a watch may go on from it.")}}}};
}

Json delete_options() {
  return {
      {"type", "object"},
      {"description", "How to delete."},
      {"properties",
       {{"apiVersion", api_version_field()},
        {"kind", kind_field()},
        {"dryRun",
         {{"type", "array"},
          {"items", {{"type", "string"}}},
          {"description", "[All]: say what would happen, and do nothing."}}},
        {"gracePeriodSeconds",
         {{"type", "integer"},
          {"format", "int64"},
          {"description", "Seconds until it is deleted by force; zero means at once."}}},
        {"preconditions",
         {{"type", "object"},
          {"description", "Delete only when these hold."},
          {"properties",
           {{"uid", text_field("The uid that the object must have.")},
            {"resourceVersion", text_field("The version that the object must have.")}}}}},
        {"propagationPolicy",
         text_field(
             "What becomes of objects that this one owns: Background, Foreground or Orphan.")}}}};
}

Json status_schema() {
  return {
      {"type", "object"},
      {"description", "How a request ended."},
      {"properties",
       {{"apiVersion", api_version_field()},
        {"kind", kind_field()},
        {"code", {{"type", "integer"}, {"format", "int32"}, {"description", "The HTTP status."}}},
        {"message", text_field("What happened, for people.")},
        {"reason", text_field("What happened, for programs: NotFound, Conflict, Invalid, …")},
        {"status", text_field("Success or Failure.")},
        {"details",
         {{"type", "object"}, {"description", "What it is about, and each field that is wrong."}}},
        {"metadata", reference(kListMeta)}}},
      {"x-kubernetes-group-version-kind",
       Json::array({{{"group", ""}, {"version", "v1"}, {"kind", "Status"}}})}};
}

Json scale_schema() {
  const Json replicas{
      {"type", "integer"}, {"format", "int32"}, {"description", "The number of replicas."}};
  return {{"type", "object"},
          {"description", "Scale is the number of replicas of another object."},
          {"properties",
           {{"apiVersion", api_version_field()},
            {"kind", kind_field()},
            {"metadata", reference(kObjectMeta)},
            {"spec", {{"type", "object"}, {"properties", {{"replicas", replicas}}}}},
            {"status",
             {{"type", "object"},
              {"properties",
               {{"replicas", replicas}, {"selector", text_field("Finds the replicas.")}}}}}}},
          {"x-kubernetes-group-version-kind",
           Json::array({{{"group", "autoscaling"}, {"version", "v1"}, {"kind", "Scale"}}})}};
}

}  // namespace

std::string schema_name(const ResourceDefinition& definition) {
  if (definition.builtin) {
    const std::string group =
        definition.group.empty() ? "core" : definition.group.substr(0, definition.group.find('.'));
    return fmt::format("io.k8s.api.{}.{}.{}", group, definition.version, definition.kind);
  }
  std::string reversed;
  std::string_view rest = definition.group;
  while (!rest.empty()) {
    const auto dot = rest.rfind('.');
    reversed += std::string(dot == std::string_view::npos ? rest : rest.substr(dot + 1)) + ".";
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(0, dot);
  }
  return fmt::format("{}{}.{}", reversed, definition.version, definition.kind);
}

Json openapi_schemas(const std::vector<const ResourceDefinition*>& definitions) {
  Json schemas = Json::object();
  for (const ResourceDefinition* definition : definitions) {
    schemas[schema_name(*definition)] = object_schema(*definition);
    schemas[schema_name(*definition) + "List"] = list_schema(*definition);
    if (definition->has_subresource("scale")) schemas[kScale] = scale_schema();
  }
  schemas[kObjectMeta] = resources::metadata_schema();
  schemas[kListMeta] = list_meta();
  schemas[kDeleteOptions] = delete_options();
  schemas[kStatus] = status_schema();
  schemas[kPatch] = {{"type", "object"},
                     {"description", "The change, in the form that Content-Type names."}};
  return schemas;
}

}  // namespace mizan::api
