// The upper seam of storage: objects with Kubernetes' semantics.
//
// LocalStore implements it over a Backend and the table of resource definitions;
// kubernetes::ApiStore over a real cluster's API. The HTTP front and every controller know only
// this. uid, generation, resourceVersion, finalizers and deletionTimestamp, status isolation,
// preconditions, dry run, patches, field validation and admission happen below this line, once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "resources/definition.h"

namespace mizan::store {

/// An object as the API shows it: apiVersion, kind, metadata.resourceVersion and all. Shared, never
/// changed.
using ObjectPtr = std::shared_ptr<const Json>;

struct Key {
  resources::ResourceId id;
  std::string ns;  // empty for cluster-scoped kinds
  std::string name;
  Key(resources::ResourceId id_, std::string ns_, std::string name_)
      : id(std::move(id_)), ns(std::move(ns_)), name(std::move(name_)) {}
  auto operator<=>(const Key&) const = default;
};

enum class FieldValidation { kIgnore, kWarn, kStrict };

struct WriteOptions {
  FieldValidation field_validation = FieldValidation::kIgnore;
  bool dry_run = false;
  std::string field_manager;
  bool force = false;  // server-side apply: take fields from other managers
  WriteOptions() {}
};

/// What a write did. `warnings` become Warning: headers.
struct Written {
  ObjectPtr object;
  bool created = false;
  std::vector<std::string> warnings;
  /// The object's text as it was stored, so that an answer need not write it again: `object` but
  /// for metadata.resourceVersion, which is `revision` (append_object_text() puts it in). May be
  /// null.
  std::shared_ptr<const std::string> text = nullptr;
  std::uint64_t revision = 0;
};

enum class PatchType { kMerge, kJson, kStrategic, kApply };

struct Patch {
  PatchType type = PatchType::kMerge;
  Json body;
  Patch(PatchType type_, Json body_) : type(type_), body(std::move(body_)) {}
};

enum class Propagation { kBackground, kForeground, kOrphan };

struct RemoveOptions {
  Propagation propagation = Propagation::kBackground;
  std::optional<std::string> uid, resource_version;  // preconditions
  std::optional<std::int64_t> grace_period_seconds;
  bool dry_run = false;
  RemoveOptions() {}
};

struct Removed {
  ObjectPtr object;  // the last state; with deletionTimestamp when it stays for finalizers or grace
  bool gone = false;
};

/// One term of a label selector: `key in (a,b)`, `key notin (a)`, `key`, `!key`, `key > 3`, `key <
/// 3`.
struct LabelRequirement {
  enum class Operator { kIn, kNotIn, kExists, kNotExists, kGreaterThan, kLessThan };
  std::string key;
  Operator op = Operator::kIn;
  std::vector<std::string> values;
};
struct FieldRequirement {
  std::string path;  // "metadata.name", "involvedObject.uid", "status.phase"
  std::string value;
  bool equal = true;
};

/// Errors of both: kBadRequest with the offending text.
Result<std::vector<LabelRequirement>> parse_label_selector(std::string_view text);
Result<std::vector<FieldRequirement>> parse_field_selector(std::string_view text);

struct Selection {
  resources::ResourceId id;
  std::string ns;  // empty: all namespaces
  std::vector<LabelRequirement> labels;
  std::vector<FieldRequirement> fields;
  explicit Selection(resources::ResourceId id_, std::string ns_ = {})
      : id(std::move(id_)), ns(std::move(ns_)) {}
};
bool matches(const Selection& selection, const Json& object);

struct ListOptions {
  std::size_t limit = 0;  // 0: all
  std::string continue_token;
  std::string resource_version;  // with `match`
  enum class Match { kUnset, kExact, kNotOlderThan } match = Match::kUnset;
  /// Who only sends the list on may be given the items as text. A store gives them so when that is
  /// cheaper, which it is not where a selector has to look into them.
  bool as_text = false;
  ListOptions() {}
};

struct Page {
  std::vector<ObjectPtr> items;
  std::optional<std::string> text;  // set: the items as JSON, with commas between; no `items` then
  std::string resource_version;
  std::string continue_token;  // empty: the last page
  std::optional<std::uint64_t> remaining;
};

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark };
  Type type = Type::kAdded;
  ObjectPtr object;          // kBookmark: kind, apiVersion and metadata.resourceVersion only
  bool initial_end = false;  // the bookmark after the initial events
};

struct WatchOptions {
  std::string
      resource_version;  // "" or "0": ADDED for what there is first; else the changes after it
  bool send_initial_events = false;  // ADDED for what there is, then the initial_end bookmark
  bool bookmarks = false;            // one a minute
  WatchOptions() {}
};

/// Thread: io. Destroying it ends the subscription; a next() in flight must be gone first or
/// cancelled by cancel(), after which it resumes with kCancelled.
class Watch {
 public:
  virtual ~Watch() = default;
  /// The next event. Errors: kExpired (too old to begin with, or this watcher was too slow: list
  /// again); kCancelled; kUnavailable when the store is closing.
  virtual Task<Result<WatchEvent>> next() = 0;
  virtual void cancel() = 0;
  /// A bookmark of where this watch is, to end a stream with; nullopt while initial events are
  /// still to come.
  virtual std::optional<WatchEvent> bookmark() const { return std::nullopt; }
};

/// Thread: io, like everything it returns. `subresource` is "" or "status", "scale", "resize",
/// "finalize". Errors are those a Kubernetes API server gives, in its words: kNotFound,
/// kAlreadyExists, kConflict (with fields: conflicts of server-side apply, path
/// ".spec.maxTrialCount", message `conflict with "one"`), kInvalid with fields (a failed JSON
/// patch: without), kBadRequest (strict decoding), kExpired, kForbidden, kTimeout (a
/// resourceVersion that is not there yet), kUnsupportedMediaType (a patch type the kind doesn't
/// know).
///
/// Namespaces are created with spec.finalizers ["kubernetes"]. remove() then sets deletionTimestamp
/// and phase Terminating; the namespace goes when a merge patch of subresource "finalize"
/// {"spec":{"finalizers":[]}} says so. Pods that have a node stay on remove(), with
/// deletionTimestamp and deletionGracePeriodSeconds, until their node removes them with
/// grace_period_seconds 0.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual Task<Result<ObjectPtr>> get(Key key) = 0;
  virtual Task<Result<Page>> list(Selection selection, ListOptions options = {}) = 0;
  virtual Task<Result<Written>> create(resources::ResourceId id, std::string ns, Json object,
                                       WriteOptions options = {}) = 0;
  virtual Task<Result<Written>> update(Key key, std::string subresource, Json object,
                                       WriteOptions options = {}) = 0;
  virtual Task<Result<Written>> patch(Key key, std::string subresource, Patch patch,
                                      WriteOptions options = {}) = 0;
  virtual Task<Result<Removed>> remove(Key key, RemoveOptions options = {}) = 0;
  virtual Task<Result<std::unique_ptr<Watch>>> watch(Selection selection,
                                                     WatchOptions options = {}) = 0;
};

}  // namespace mizan::store
