// See definition.h.
#include "resources/definition.h"

#include <algorithm>
#include <ranges>

namespace mizan::resources {

bool ResourceDefinition::has_subresource(std::string_view name) const {
  return std::ranges::find(subresources, name) != subresources.end();
}

void ResourceTable::add(ResourceDefinition definition) {
  auto& versions = definitions_[definition.id()];
  const auto same = std::ranges::find_if(
      versions, [&](const auto& known) { return known->version == definition.version; });
  auto shared = std::make_shared<const ResourceDefinition>(std::move(definition));
  if (same != versions.end()) {
    *same = std::move(shared);
  } else {
    versions.push_back(std::move(shared));
  }
}

void ResourceTable::remove(const ResourceId& id) { definitions_.erase(id); }

const ResourceDefinition* ResourceTable::find(std::string_view group, std::string_view version,
                                              std::string_view plural) const {
  const auto versions = definitions_.find(ResourceId{std::string(group), std::string(plural)});
  if (versions == definitions_.end()) return nullptr;
  for (const auto& definition : versions->second) {
    if (definition->version == version) return definition.get();
  }
  return nullptr;
}

const ResourceDefinition* ResourceTable::find(const ResourceId& id) const {
  const auto versions = definitions_.find(id);
  return versions == definitions_.end() ? nullptr : versions->second.front().get();
}

const ResourceDefinition* ResourceTable::find_kind(std::string_view api_version,
                                                   std::string_view kind) const {
  const auto slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  const std::string_view group = core ? std::string_view{} : api_version.substr(0, slash);
  const std::string_view version = core ? api_version : api_version.substr(slash + 1);
  for (const auto& [id, versions] : definitions_) {
    if (id.group != group) continue;
    for (const auto& definition : versions) {
      if (definition->kind == kind && definition->version == version) return definition.get();
    }
  }
  return nullptr;
}

std::vector<const ResourceDefinition*> ResourceTable::all() const {
  std::vector<const ResourceDefinition*> definitions;
  for (const auto& versions : definitions_ | std::views::values) {
    for (const auto& definition : versions) definitions.push_back(definition.get());
  }
  return definitions;
}

}  // namespace mizan::resources
