// Discovery documents are small and made on each request, so they are never out of date.
#include "api/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "api/digest.h"

namespace mizan::api {
namespace {

using resources::ResourceDefinition;
using resources::ResourceTable;

Json verbs_of(const ResourceDefinition& definition) {
  if (!definition.verbs.empty()) return definition.verbs;
  return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

struct Subresource {
  std::string group, version, kind;
  Json verbs;
};

Subresource describe(const ResourceDefinition& definition, const std::string& name) {
  if (name == "finalize")
    return {definition.group, definition.version, definition.kind, {"update"}};
  if (name == "log") return {"", "v1", definition.kind, {"get"}};
  if (name == "scale") return {"autoscaling", "v1", "Scale", {"get", "patch", "update"}};
  if (name == "exec") return {"", "v1", "PodExecOptions", {"create", "get"}};
  if (name == "attach") return {"", "v1", "PodAttachOptions", {"create", "get"}};
  if (name == "portforward") return {"", "v1", "PodPortForwardOptions", {"create", "get"}};
  return {definition.group, definition.version, definition.kind, {"get", "patch", "update"}};
}

/// Group -> versions in order of preference, each with its definitions.
struct Group {
  std::string name;
  std::vector<std::pair<std::string, std::vector<const ResourceDefinition*>>> versions;
};

std::vector<Group> groups_of(const ResourceTable& table, bool core) {
  std::vector<Group> groups;
  for (const ResourceDefinition* definition : table.all()) {
    if (definition->group.empty() != core) continue;
    auto group = std::ranges::find(groups, definition->group, &Group::name);
    if (group == groups.end()) group = groups.insert(groups.end(), Group{definition->group, {}});
    auto& versions = group->versions;
    auto version = std::ranges::find_if(
        versions, [&](const auto& entry) { return entry.first == definition->version; });
    if (version == versions.end())
      version = versions.insert(versions.end(), {definition->version, {}});
    version->second.push_back(definition);
  }
  return groups;
}

Json aggregated_resource(const ResourceDefinition& definition) {
  Json resource{
      {"resource", definition.plural},
      {"responseKind",
       {{"group", definition.group}, {"version", definition.version}, {"kind", definition.kind}}},
      {"scope", definition.namespaced ? "Namespaced" : "Cluster"},
      {"singularResource", definition.singular},
      {"verbs", verbs_of(definition)}};
  if (!definition.short_names.empty()) resource["shortNames"] = definition.short_names;
  if (!definition.categories.empty()) resource["categories"] = definition.categories;
  for (const std::string& name : definition.subresources) {
    const Subresource sub = describe(definition, name);
    resource["subresources"].push_back(
        {{"subresource", name},
         {"responseKind", {{"group", sub.group}, {"version", sub.version}, {"kind", sub.kind}}},
         {"verbs", sub.verbs}});
  }
  return resource;
}

Json aggregated(const ResourceTable& table, bool core, const std::string& version) {
  Json items = Json::array();
  for (const Group& group : groups_of(table, core)) {
    Json versions = Json::array();
    for (const auto& [name, definitions] : group.versions) {
      Json resources = Json::array();
      for (const ResourceDefinition* definition : definitions)
        resources.push_back(aggregated_resource(*definition));
      versions.push_back(
          {{"version", name}, {"resources", std::move(resources)}, {"freshness", "Current"}});
    }
    Json metadata = Json::object();
    if (!core) metadata["name"] = group.name;
    items.push_back({{"metadata", std::move(metadata)}, {"versions", std::move(versions)}});
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/" + version},
          {"metadata", Json::object()},
          {"items", std::move(items)}};
}

Json group_document(const Group& group) {
  Json versions = Json::array();
  for (const auto& [version, definitions] : group.versions) {
    versions.push_back({{"groupVersion", group.name + "/" + version}, {"version", version}});
  }
  Json preferred = versions.front();
  return {{"name", group.name},
          {"versions", std::move(versions)},
          {"preferredVersion", std::move(preferred)}};
}

Json version_document(const ResourceTable& table, const DiscoveryRequest& request) {
  Json resources = Json::array();
  for (const ResourceDefinition* definition : table.all()) {
    if (definition->group != request.group || definition->version != request.version) continue;
    Json resource{{"name", definition->plural},
                  {"singularName", definition->singular},
                  {"namespaced", definition->namespaced},
                  {"kind", definition->kind},
                  {"verbs", verbs_of(*definition)}};
    if (!definition->short_names.empty()) resource["shortNames"] = definition->short_names;
    if (!definition->categories.empty()) resource["categories"] = definition->categories;
    resources.push_back(std::move(resource));
    for (const std::string& name : definition->subresources) {
      const Subresource sub = describe(*definition, name);
      Json entry{{"name", definition->plural + "/" + name},
                 {"singularName", ""},
                 {"namespaced", definition->namespaced},
                 {"kind", sub.kind},
                 {"verbs", sub.verbs}};
      if (sub.group != definition->group)
        entry.update({{"group", sub.group}, {"version", sub.version}});
      resources.push_back(std::move(entry));
    }
  }
  if (resources.empty()) return {};
  const std::string prefix = request.group.empty() ? "" : request.group + "/";
  Json document{{"kind", "APIResourceList"},
                {"groupVersion", prefix + request.version},
                {"resources", std::move(resources)}};
  if (!request.group.empty()) document["apiVersion"] = "v1";  // the oldest group has none
  return document;
}

/// The old documents; null where there is nothing.
Json legacy(const ResourceTable& table, const DiscoveryRequest& request, std::string_view host) {
  const Json addresses = Json::array({{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", host}}});
  switch (request.level) {
    case DiscoveryLevel::kCore:
      return {
          {"kind", "APIVersions"}, {"versions", {"v1"}}, {"serverAddressByClientCIDRs", addresses}};
    case DiscoveryLevel::kGroups: {
      Json groups = Json::array();
      for (const Group& group : groups_of(table, false)) groups.push_back(group_document(group));
      return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
    }
    case DiscoveryLevel::kGroup:
      for (const Group& group : groups_of(table, false)) {
        if (group.name != request.group) continue;
        Json document = group_document(group);
        document.update({{"kind", "APIGroup"}, {"apiVersion", "v1"}});
        return document;
      }
      return {};
    case DiscoveryLevel::kVersion:
      return version_document(table, request);
  }
  return {};
}

}  // namespace

Result<Response> answer_discovery(const ResourceTable& table, const DiscoveryRequest& request,
                                  std::string_view accept, std::string_view if_none_match,
                                  std::string_view host) {
  const bool can_aggregate =
      request.level == DiscoveryLevel::kCore || request.level == DiscoveryLevel::kGroups;
  const auto form = negotiate(accept, can_aggregate);
  if (!form) return fail(not_acceptable());
  if (form->form != Form::kDiscovery) {
    const Json document = legacy(table, request, host);
    if (document.is_null()) return page_not_found();
    return json_response(200, document.dump() + "\n");
  }
  const Json document = aggregated(table, request.level == DiscoveryLevel::kCore, form->version);
  Response response = json_response(200, document.dump() + "\n");
  const std::string etag = fmt::format("\"{}\"", sha512_hex(response.body));
  response.headers.set(
      "Content-Type",
      fmt::format("application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList",
                  form->version));
  response.headers.set("Cache-Control", "public");
  response.headers.set("ETag", etag);
  response.headers.set("Vary", "Accept");
  if (if_none_match == etag) {
    response.status = 304;
    response.headers.erase("Content-Type");
    response.body.clear();
  }
  return response;
}

}  // namespace mizan::api
