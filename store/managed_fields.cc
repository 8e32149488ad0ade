// Reading, writing and moving of ownership.
#include "store/managed_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "store/last_applied.h"
#include "store/typed_walk.h"

namespace mizan::store {
namespace {

constexpr std::string_view kUnnamed = "mizan";
constexpr std::string_view kBeforeApply = "before-first-apply";

bool is_same(const FieldManager& one, const FieldManager& other) {
  return std::tie(one.name, one.applies, one.subresource) ==
         std::tie(other.name, other.applies, other.subresource);
}

FieldManager& own_entry(std::vector<FieldManager>& managers, const FieldManager& wanted) {
  auto found = std::ranges::find_if(
      managers, [&](const FieldManager& other) { return is_same(other, wanted); });
  if (found != managers.end()) return *found;
  managers.push_back(wanted);
  return managers.back();
}

/// As Kubernetes prints a manager: only those that update say with what and when.
std::string shown(const FieldManager& manager) {
  std::string text = "\"" + manager.name + "\"";
  if (!manager.subresource.empty()) text += " with subresource \"" + manager.subresource + "\"";
  if (!manager.applies) {
    text += " using " + manager.api_version;
    if (!manager.time.empty()) text += " at " + manager.time;
  }
  return text;
}

struct Conflict {
  std::string manager, path;
};

/// Whose fields the writer would change; those in `yielding` are given up without a word.
std::vector<Conflict> conflicts_with(const std::vector<FieldManager>& managers,
                                     const FieldManager& writer, const FieldSet& changed,
                                     const FieldSet& yielding) {
  std::vector<Conflict> conflicts;
  for (const FieldManager& manager : managers) {
    if (is_same(manager, writer)) continue;
    for (const auto& path : manager.fields.common(changed).without(yielding).members())
      conflicts.push_back({shown(manager), readable_path(path)});
  }
  return conflicts;
}

Error conflict_error(const std::vector<Conflict>& conflicts) {
  std::map<std::string, std::vector<std::string>> by_manager;
  for (const Conflict& conflict : conflicts) by_manager[conflict.manager].push_back(conflict.path);
  std::string list;
  for (const auto& [manager, paths] : by_manager) {
    if (!list.empty()) list += "\n";
    if (paths.size() == 1) {
      list += fmt::format("conflict with {}: {}", manager, paths.front());
    } else {
      list += fmt::format("conflicts with {}:", manager);
      for (const std::string& path : paths) list += "\n- " + path;
    }
  }
  Error error{Code::kConflict,
              fmt::format("Apply failed with {} conflict{}: {}", conflicts.size(),
                          conflicts.size() == 1 ? "" : "s", list),
              {}};
  for (const Conflict& conflict : conflicts) {
    error.fields.push_back(
        {FieldReason::kInvalid, conflict.path, "conflict with " + conflict.manager});
  }
  return error;
}

FieldManager applier(const resources::ResourceDefinition& definition, const FieldWriter& writer) {
  FieldManager own;
  own.name = writer.name;
  own.applies = true;
  own.subresource = writer.subresource;
  own.api_version = definition.api_version();
  own.time = format_rfc3339(writer.now);
  return own;
}

Json without_managers(const Json& object) {
  Json bare = object;
  if (auto metadata = bare.find("metadata"); metadata != bare.end())
    metadata->erase("managedFields");
  return bare;
}

}  // namespace

std::vector<FieldManager> read_managers(const Json& object) {
  std::vector<FieldManager> managers;
  const Json* list = find(object, "metadata.managedFields");
  if (list == nullptr || !list->is_array()) return managers;
  for (const Json& entry : *list) {
    FieldManager manager;
    manager.name = string_at(entry, "manager");
    manager.applies = string_at(entry, "operation") == "Apply";
    manager.subresource = string_at(entry, "subresource");
    manager.api_version = string_at(entry, "apiVersion");
    manager.time = string_at(entry, "time");
    if (const Json* fields = find(entry, "fieldsV1"); fields != nullptr)
      manager.fields = FieldSet::from_json(*fields);
    managers.push_back(std::move(manager));
  }
  return managers;
}

void write_managers(Json& object, std::vector<FieldManager> managers) {
  std::erase_if(managers, [](const FieldManager& manager) { return manager.fields.empty(); });
  if (managers.empty()) {
    object["metadata"].erase("managedFields");
    return;
  }
  std::ranges::sort(managers, {}, [](const FieldManager& manager) {
    return std::tuple(!manager.applies, manager.time, manager.name, manager.subresource);
  });
  Json list = Json::array();
  for (const FieldManager& manager : managers) {
    Json entry = {
        {"manager", manager.name},           {"operation", manager.applies ? "Apply" : "Update"},
        {"apiVersion", manager.api_version}, {"time", manager.time},
        {"fieldsType", "FieldsV1"},          {"fieldsV1", manager.fields.to_json()}};
    if (!manager.subresource.empty()) entry["subresource"] = manager.subresource;
    list.push_back(std::move(entry));
  }
  object["metadata"]["managedFields"] = std::move(list);
}

void track_write(const resources::ResourceDefinition& definition, const Json* before, Json& after,
                 const FieldWriter& writer) {
  std::vector<FieldManager> managers =
      before == nullptr ? std::vector<FieldManager>() : read_managers(*before);
  if (writer.name.empty() && managers.empty()) return;
  const TypeAt type = TypeAt::root(definition);
  static const Json kNothing = {{"metadata", Json::object()}};
  const FieldDifference found = difference(before == nullptr ? kNothing : *before, after, type);
  if (found.changed.empty() && found.removed.empty()) return;
  for (FieldManager& manager : managers)
    manager.fields = manager.fields.without(found.changed).without(found.removed);
  FieldManager wanted = applier(definition, writer);
  wanted.applies = false;
  if (wanted.name.empty()) wanted.name = kUnnamed;
  FieldManager& own = own_entry(managers, wanted);
  // Ownership moved away above, from the writer's own entry too: it gets back what it had, and what
  // it changed.
  if (before != nullptr) {
    for (const FieldManager& old : read_managers(*before)) {
      if (is_same(old, own)) own.fields = old.fields.without(found.removed);
    }
  }
  own.fields = own.fields.united(found.changed);
  own.api_version = wanted.api_version;
  own.time = wanted.time;
  write_managers(after, std::move(managers));
}

Result<Json> apply_over(const resources::ResourceDefinition& definition, const Json& current,
                        const Json& applied, const FieldWriter& writer, bool force) {
  const TypeAt type = TypeAt::root(definition);
  std::vector<FieldManager> managers = read_managers(current);
  const Json live = without_managers(current);
  if (managers.empty()) {
    // What is there was set by somebody before anyone kept track.
    FieldManager earlier = applier(definition, writer);
    earlier.name = kBeforeApply;
    earlier.applies = false;
    earlier.subresource.clear();
    earlier.fields = fields_of(live, type);
    managers.push_back(std::move(earlier));
  }
  const FieldManager wanted = applier(definition, writer);
  const FieldSet fields = fields_of(applied, type);
  Json next = merged(live, applied, type);
  const FieldSet changed = difference(live, next, type).changed.common(fields);

  if (!force) {
    const auto conflicts =
        conflicts_with(managers, wanted, changed, yielding_fields(live, writer, type));
    if (!conflicts.empty()) return fail(conflict_error(conflicts));
  }
  FieldSet owned_by_others;
  for (FieldManager& manager : managers) {
    if (is_same(manager, wanted)) continue;
    manager.fields = manager.fields.without(changed);
    owned_by_others = owned_by_others.united(manager.fields);
  }

  FieldManager& own = own_entry(managers, wanted);
  remove_fields(next, own.fields.without(fields).without(owned_by_others), type);
  if (own.fields != fields || next != live) own.time = wanted.time;
  own.fields = fields;
  own.api_version = wanted.api_version;
  refresh_last_applied(next, applied, writer);
  write_managers(next, std::move(managers));
  return next;
}

void track_applied_create(const resources::ResourceDefinition& definition, const Json& applied,
                          Json& after, const FieldWriter& writer) {
  FieldManager own = applier(definition, writer);
  own.fields = fields_of(applied, TypeAt::root(definition));
  write_managers(after, {std::move(own)});
}

}  // namespace mizan::store
