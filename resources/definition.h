// What a kind is, as data: the one table that decoding, defaulting, validation, discovery, OpenAPI,
// Table columns and `kubectl explain` are made from.
//
// Ours come from deploy/crds/*.yaml (embedded in the binary; the same files are applied to real
// clusters), the built-ins that kubectl and trials need from resources/builtin/*.yaml in the same
// form.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "resources/schema.h"

namespace mizan::resources {

/// Names a collection independent of version: what the store and watches are keyed by.
struct ResourceId {
  std::string group;     // "" for core
  std::string resource;  // the plural
  auto operator<=>(const ResourceId&) const = default;
};

/// A column's cell is what `json_path` finds in the object. A path "computed:NAME" names a value
/// that no JSONPath can say; whoever renders Tables computes it, from the object alone:
///   podReady        "1/2": ready containers of all            podStatus   phase, or the reason
///   that matters more podRestarts     sum of restartCount                       jobStatus
///   Complete, Failed, Suspended or Running jobCompletions  "0/1": succeeded of spec.completions
///   jobDuration "3s": startTime to completionTime, or now eventLastSeen   lastTimestamp, else
///   eventTime, as an age  eventObject "experiment/demo" configMapData   number of entries in data
///   and binaryData  nodeStatus  Ready or NotReady nodeRoles       from labels
///   node-role.kubernetes.io/*, or "<none>"
struct PrinterColumn {
  std::string name, type, format, description, json_path;
  int priority = 0;
};

struct ResourceDefinition {
  std::string group, version, plural, singular, kind, list_kind;
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool builtin = false;  // a core kind: strategic merge patch is allowed, errors speak of Go types
  std::vector<std::string> verbs;         // empty: all
  std::vector<std::string> subresources;  // "status", "scale", "log", "resize", "exec"
  std::vector<PrinterColumn> columns;
  std::vector<std::string>
      selectable_fields;                 // JSON paths beyond metadata.name and metadata.namespace
  Json scale;                            // specReplicasPath, statusReplicasPath, labelSelectorPath
  std::shared_ptr<const Schema> schema;  // of the whole object
  std::string description;
  std::vector<std::string> warnings;  // for whoever applied the CRD: what of it has no effect here

  ResourceId id() const { return {group, plural}; }
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool has_subresource(std::string_view name) const;
};

/// The kinds a server serves. Built before the server starts; `add` and `remove` later only on the
/// io thread (a CRD was applied), readers are on that thread too.
class ResourceTable {
 public:
  /// Every definition that ships with mizan.
  static Result<ResourceTable> builtin();

  /// One definition per served version of a CustomResourceDefinition, the storage version first.
  /// Errors: kInvalid with field paths.
  static Result<std::vector<ResourceDefinition>> from_crd(const Json& crd);

  /// Adds a version of a kind, or replaces it. The first version added of a kind is its storage
  /// version.
  void add(ResourceDefinition definition);
  void remove(const ResourceId& id);
  /// Pointers stay valid until that definition is replaced or removed.
  const ResourceDefinition* find(std::string_view group, std::string_view version,
                                 std::string_view plural) const;
  const ResourceDefinition* find(const ResourceId& id) const;  // the storage version
  const ResourceDefinition* find_kind(std::string_view api_version, std::string_view kind) const;
  std::vector<const ResourceDefinition*> all() const;  // by group, then plural

 private:
  std::map<ResourceId, std::vector<std::shared_ptr<const ResourceDefinition>>> definitions_;
};

}  // namespace mizan::resources
