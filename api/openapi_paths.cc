// The operations part of OpenAPI documents: every verb with the query parameters that the server
// takes. kubectl looks here for `fieldValidation` before it trusts the server to validate.
#include <fmt/format.h>

#include "api/openapi_document.h"

namespace mizan::api {
namespace {

using resources::ResourceDefinition;

struct Parameter {
  const char* name;
  const char* type;
  const char* description;
};

constexpr Parameter kListParameters[] = {
    {"allowWatchBookmarks", "boolean",
     "Send BOOKMARK events in a watch, which carry only a resourceVersion."},
    {"continue", "string",
     "Where the page before this one ended: metadata.continue of its answer."},
    {"fieldSelector", "string", "Only objects whose fields match, as in metadata.name=a."},
    {"labelSelector", "string", "Only objects whose labels match, as in team=a,stage in (x,y)."},
    {"limit", "integer", "At most so many objects; the answer says how to get more."},
    {"resourceVersion", "string",
     "What version to show, by resourceVersionMatch; in a watch, the version to go on from."},
    {"resourceVersionMatch", "string", "Exact or NotOlderThan: how resourceVersion is meant."},
    {"sendInitialEvents", "boolean",
     "Begin a watch with ADDED for what is there, then a bookmark that says so."},
    {"timeoutSeconds", "integer", "End the watch after so many seconds."},
    {"watch", "boolean", "Stream changes instead of listing."},
};
constexpr Parameter kWriteParameters[] = {
    {"dryRun", "string", "All: check and answer as if, and store nothing."},
    {"fieldManager", "string", "Who makes this change, at most 128 characters."},
    {"fieldValidation", "string",
     "What to do about unknown or duplicate fields: Ignore drops them, Warn (the default) also "
     "says so in a Warning "
     "header, Strict refuses the request and names them all."},
};
constexpr Parameter kForce{"force", "boolean",
                           "With an apply patch: take fields that others manage."};
constexpr Parameter kDeleteParameters[] = {
    {"dryRun", "string", "All: check and answer as if, and delete nothing."},
    {"gracePeriodSeconds", "integer", "Seconds until it is deleted by force; zero means at once."},
    {"orphanDependents", "boolean", "Use propagationPolicy."},
    {"propagationPolicy", "string",
     "What becomes of objects that this one owns: Background, Foreground or Orphan."},
};
constexpr Parameter kLogParameters[] = {
    {"container", "string", "The container; may be left out when there is only one."},
    {"follow", "boolean", "Stay and stream what comes."},
    {"limitBytes", "integer", "Stop after so many bytes."},
    {"previous", "boolean", "The log of the container before its last restart."},
    {"sinceSeconds", "integer", "Only what was written in the last so many seconds."},
    {"tailLines", "integer", "Only the last so many lines."},
    {"timestamps", "boolean", "Begin each line with its time."},
};

Json query_parameter(const Parameter& parameter) {
  return {{"name", parameter.name},
          {"in", "query"},
          {"description", parameter.description},
          {"schema", {{"type", parameter.type}, {"uniqueItems", true}}}};
}

template <std::size_t size>
Json query_parameters(const Parameter (&parameters)[size]) {
  Json list = Json::array();
  for (const Parameter& parameter : parameters) list.push_back(query_parameter(parameter));
  return list;
}

Json path_parameter(const char* name, const char* description) {
  return {{"name", name},
          {"in", "path"},
          {"required", true},
          {"description", description},
          {"schema", {{"type", "string"}, {"uniqueItems", true}}}};
}

Json content(const std::string& schema, std::initializer_list<const char*> types) {
  Json out = Json::object();
  for (const char* type : types) out[type]["schema"]["$ref"] = "#/components/schemas/" + schema;
  return out;
}

std::string camel(std::string_view text) {
  std::string out;
  bool upper = true;
  for (const char c : text) {
    if (c == '.' || c == '-') {
      upper = true;
    } else {
      out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      upper = false;
    }
  }
  return out;
}

/// Writes the operations of one definition into `paths`.
class PathWriter {
 public:
  PathWriter(const ResourceDefinition& definition, Json& paths)
      : definition_(definition), paths_(paths) {
    const std::string base = definition.group.empty() ? "/api/" : "/apis/" + definition.group + "/";
    const std::string version = base + definition.version + "/";
    everywhere_ = version + definition.plural;
    collection_ = definition.namespaced ? version + "namespaces/{namespace}/" + definition.plural
                                        : everywhere_;
  }

  void write() {
    const std::string list = schema_name(definition_) + "List";
    const std::string one = schema_name(definition_);
    paths_[collection_]["get"] = operation("list", "list", list, query_parameters(kListParameters));
    paths_[collection_]["post"] =
        with_body(operation("create", "post", one, query_parameters(kWriteParameters)), one);
    Json delete_many = query_parameters(kListParameters);
    for (const Parameter& parameter : kDeleteParameters)
      delete_many.push_back(query_parameter(parameter));
    paths_[collection_]["delete"] =
        operation("deleteCollection", "deletecollection", kStatus, delete_many);
    common_parameters(collection_, false);
    if (definition_.namespaced) {
      paths_[everywhere_]["get"] =
          operation("list", "list", list, query_parameters(kListParameters), "ForAllNamespaces");
    }
    const std::string named = collection_ + "/{name}";
    write_object(named, one, "");
    paths_[named]["delete"] =
        with_body(operation("delete", "delete", kStatus, query_parameters(kDeleteParameters)),
                  kDeleteOptions, false);
    for (const std::string& name : definition_.subresources)
      write_subresource(named + "/" + name, name);
  }

 private:
  void write_subresource(const std::string& path, const std::string& name) {
    if (name == "log") {
      Json read = operation("read", "get", "", query_parameters(kLogParameters), "Log");
      read["responses"]["200"] = {
          {"description", "OK"}, {"content", {{"text/plain", {{"schema", {{"type", "string"}}}}}}}};
      paths_[path]["get"] = std::move(read);
      common_parameters(path, true);
    } else if (name != "exec" && name != "attach" && name != "portforward") {
      write_object(path, name == "scale" ? kScale : schema_name(definition_), camel(name));
    }
  }

  void write_object(const std::string& path, const std::string& schema, const std::string& suffix) {
    paths_[path]["get"] = operation("read", "get", schema, Json::array(), suffix);
    paths_[path]["put"] = with_body(
        operation("replace", "put", schema, query_parameters(kWriteParameters), suffix), schema);
    Json parameters = query_parameters(kWriteParameters);
    parameters.push_back(query_parameter(kForce));
    Json patch = operation("patch", "patch", schema, std::move(parameters), suffix);
    Json forms = content(kPatch, {"application/apply-patch+yaml", "application/json-patch+json",
                                  "application/merge-patch+json"});
    if (definition_.builtin)
      forms.update(content(kPatch, {"application/strategic-merge-patch+json"}));
    patch["requestBody"] = {{"required", true}, {"content", std::move(forms)}};
    paths_[path]["patch"] = std::move(patch);
    common_parameters(path, true);
  }

  Json operation(const char* verb, const char* action, const std::string& answer, Json parameters,
                 const std::string& suffix = "") const {
    const std::string scope =
        definition_.namespaced && suffix != "ForAllNamespaces" ? "Namespaced" : "";
    const std::string group = definition_.group.empty() ? "core" : definition_.group;
    Json made{
        {"description",
         fmt::format("{} {}{}", verb, definition_.kind, suffix.empty() ? "" : " " + suffix)},
        {"operationId", fmt::format("{}{}{}{}{}{}", verb, camel(group), camel(definition_.version),
                                    scope, definition_.kind, suffix)},
        {"tags", Json::array({fmt::format("{}_{}", group, definition_.version)})},
        {"x-kubernetes-action", action},
        {"x-kubernetes-group-version-kind",
         {{"group", definition_.group},
          {"version", definition_.version},
          {"kind", definition_.kind}}}};
    if (!parameters.empty()) made["parameters"] = std::move(parameters);
    Json ok{{"description", "OK"}};
    if (!answer.empty()) ok["content"] = content(answer, {"application/json", "application/yaml"});
    made["responses"] = {{"200", std::move(ok)}, {"401", {{"description", "Unauthorized"}}}};
    return made;
  }

  static Json with_body(Json operation, const std::string& schema, bool required = true) {
    operation["requestBody"] = {
        {"content", content(schema, {"application/json", "application/yaml"})}};
    if (required) operation["requestBody"]["required"] = true;
    return operation;
  }

  void common_parameters(const std::string& path, bool named) {
    Json parameters = Json::array();
    if (definition_.namespaced) parameters.push_back(path_parameter("namespace", "The namespace."));
    if (named)
      parameters.push_back(
          path_parameter("name", fmt::format("The name of the {}.", definition_.kind).c_str()));
    if (!parameters.empty()) paths_[path]["parameters"] = std::move(parameters);
  }

  const ResourceDefinition& definition_;
  Json& paths_;
  std::string collection_, everywhere_;
};

Json all_paths(const std::vector<const ResourceDefinition*>& definitions) {
  Json paths = Json::object();
  for (const ResourceDefinition* definition : definitions) PathWriter(*definition, paths).write();
  return paths;
}

constexpr const char* kRefs3 = "#/components/schemas/";

/// What may be null, unknown or of two types can't be said in Swagger 2.0: such a place takes
/// anything there, or old clients would refuse on their side what the server takes.
bool is_loose(const Json& node) {
  const auto set = [&](const char* key) {
    const auto found = node.find(key);
    return found != node.end() && *found == true;
  };
  return set("nullable") || set("x-kubernetes-preserve-unknown-fields") ||
         set("x-kubernetes-int-or-string");
}

/// Swagger 2.0 says with plain references what OpenAPI 3.0 says with allOf, and knows no
/// `nullable`.
void to_v2_schema(Json& node) {
  if (node.is_object()) {
    if (const auto all = node.find("allOf");
        all != node.end() && all->size() == 1 && all->front().contains("$ref")) {
      const std::string target = all->front()["$ref"];
      node.erase("allOf");
      node["$ref"] = target;
    }
    if (const auto ref = node.find("$ref"); ref != node.end() && ref->is_string()) {
      const std::string target = *ref;
      if (target.starts_with(kRefs3))
        *ref = "#/definitions/" + target.substr(std::string_view(kRefs3).size());
    }
    if (is_loose(node)) {
      for (const char* key :
           {"type", "properties", "items", "additionalProperties", "required", "anyOf", "enum"})
        node.erase(key);
    }
    node.erase("nullable");
  }
  if (node.is_structured()) {
    for (Json& child : node) to_v2_schema(child);
  }
}

Json to_v2_parameters(const Json& parameters) {
  Json out = Json::array();
  for (Json parameter : parameters) {
    const Json schema = parameter["schema"];
    parameter.erase("schema");
    parameter.update(schema);
    out.push_back(std::move(parameter));
  }
  return out;
}

Json to_v2_operation(Json operation) {
  Json parameters = to_v2_parameters(operation.value("parameters", Json::array()));
  Json consumes = Json::array({"*/*"});
  if (operation.contains("requestBody")) {
    const Json& body = operation["requestBody"];
    Json parameter{{"in", "body"}, {"name", "body"}, {"schema", body["content"].front()["schema"]}};
    if (body.contains("required")) parameter["required"] = true;
    parameters.insert(parameters.begin(), std::move(parameter));
    consumes = Json::array();
    for (const auto& [type, schema] : body["content"].items()) consumes.push_back(type);
    operation.erase("requestBody");
  }
  operation["consumes"] = std::move(consumes);
  operation["produces"] = {"application/json", "application/yaml"};
  operation["schemes"] = {"https"};
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  for (Json& response : operation["responses"]) {
    if (!response.contains("content")) continue;
    response["schema"] = response["content"].front()["schema"];
    response.erase("content");
  }
  return operation;
}

Json info(const std::string& version) { return {{"title", "mizan"}, {"version", version}}; }

}  // namespace

Json openapi_v3(const std::vector<const ResourceDefinition*>& definitions,
                const std::string& version) {
  Json token{{"type", "apiKey"},
             {"in", "header"},
             {"name", "authorization"},
             {"description", "Bearer Token authentication"}};
  return {
      {"openapi", "3.0.0"},
      {"info", info(version)},
      {"paths", all_paths(definitions)},
      {"components",
       {{"schemas", openapi_schemas(definitions)}, {"securitySchemes", {{"BearerToken", token}}}}},
      {"security", Json::array({{{"BearerToken", Json::array()}}})}};
}

Json openapi_v2(const std::vector<const ResourceDefinition*>& definitions,
                const std::string& version) {
  Json paths = Json::object();
  for (auto& [path, item] : all_paths(definitions).items()) {
    for (const auto& [method, operation] : item.items()) {
      paths[path][method] =
          method == "parameters" ? to_v2_parameters(operation) : to_v2_operation(operation);
    }
  }
  Json document{{"swagger", "2.0"},
                {"info", info(version)},
                {"paths", std::move(paths)},
                {"definitions", openapi_schemas(definitions)}};
  to_v2_schema(document);
  return document;
}

}  // namespace mizan::api
