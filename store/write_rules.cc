// Kubernetes' rules for create, update and delete.
#include "store/write_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "resources/field_error.h"
#include "resources/meta.h"
#include "store/builtin_kinds.h"
#include "store/intake.h"
#include "store/refusal.h"

namespace mizan::store {
namespace {

/// What only the server writes.
constexpr const char* kSystemFields[] = {"uid",
                                         "creationTimestamp",
                                         "generation",
                                         "deletionTimestamp",
                                         "deletionGracePeriodSeconds",
                                         "resourceVersion",
                                         "managedFields"};

/// What an update may repeat and not change. The uid is compared as a precondition before.
constexpr const char* kImmutableFields[] = {"name", "namespace", "creationTimestamp",
                                            "deletionTimestamp", "deletionGracePeriodSeconds"};

void name_from_prefix(Json& metadata) {
  constexpr std::size_t kLongestPrefix = 248;  // 253 with the five letters
  const std::string prefix = string_at(metadata, "generateName");
  if (!string_at(metadata, "name").empty() || prefix.empty()) return;
  metadata["name"] = prefix.substr(0, kLongestPrefix) + resources::random_suffix();
}

bool same_value(const Json& left, const Json& right) {
  if (left == right) return true;
  if (!left.is_string() || !right.is_string()) return false;
  // Python's client writes times with +00:00 where the server wrote Z.
  const auto a = parse_rfc3339(left.get_ref<const std::string&>());
  const auto b = parse_rfc3339(right.get_ref<const std::string&>());
  return a && b && *a == *b;
}

std::vector<FieldError> changed_immutable(const Json& current, const Json& wanted) {
  std::vector<FieldError> errors;
  for (const char* field : kImmutableFields) {
    const auto given = wanted.find(field);
    if (given == wanted.end()) continue;
    const auto stored = current.find(field);
    if (stored == current.end() || !same_value(*stored, *given)) {
      errors.push_back(
          resources::invalid(fmt::format("metadata.{}", field), *given, "field is immutable"));
    }
  }
  return errors;
}

std::vector<FieldError> added_finalizers(const Json& current, const Json& next) {
  if (!resources::is_being_deleted(current)) return {};
  const std::vector<std::string> before = resources::finalizers_of(current);
  std::vector<std::string> added;
  for (std::string& finalizer : resources::finalizers_of(next)) {
    if (std::ranges::find(before, finalizer) == before.end())
      added.push_back("\"" + finalizer + "\"");
  }
  if (added.empty()) return {};
  return {resources::forbidden(
      "metadata.finalizers",
      fmt::format("no new finalizers can be added if the object is being deleted, found new "
                  "finalizers []string{{{}}}",
                  fmt::join(added, ", ")))};
}

/// Whether anything but metadata and status differs.
bool spec_differs(const Json& current, const Json& next) {
  const auto misses = [](const Json& one, const Json& other) {
    for (const auto& [key, value] : one.items()) {
      if (key == "metadata" || key == "status") continue;
      if (auto found = other.find(key); found == other.end() || *found != value) return true;
    }
    return false;
  };
  return misses(current, next) || misses(next, current);
}

bool nothing_holds(const ResourceDefinition& definition, const Json& object) {
  const Json* grace = find(object, "metadata.deletionGracePeriodSeconds");
  return resources::is_being_deleted(object) && resources::finalizers_of(object).empty() &&
         !has_spec_finalizers(definition, object) && (grace == nullptr || *grace == 0);
}

/// The main resource: everything is the client's but the system fields, and status where it is a
/// subresource.
Json with_main(const ResourceDefinition& definition, const Json& current, Json wanted) {
  Json& metadata = wanted["metadata"];
  const Json& before = current["metadata"];
  tidy_metadata(metadata);
  for (const char* field : kSystemFields) {
    if (auto stored = before.find(field); stored != before.end()) {
      metadata[field] = *stored;
    } else {
      metadata.erase(field);
    }
  }
  metadata["name"] = before["name"];
  if (definition.namespaced) metadata["namespace"] = before["namespace"];
  if (definition.has_subresource("status")) {
    if (auto status = current.find("status"); status != current.end()) {
      wanted["status"] = *status;
    } else {
      wanted.erase("status");
    }
  }
  if (is_core(definition, "namespaces")) wanted["spec"] = current.value("spec", Json::object());
  return wanted;
}

Result<> check_preconditions(const ResourceDefinition& definition, const Json& current,
                             const RemoveOptions& options) {
  const std::string name = resources::name_of(current);
  if (const std::string uid = resources::uid_of(current); options.uid && *options.uid != uid) {
    return fail(cannot_fulfil(
        qualified_kind(definition), name,
        fmt::format("the UID in the precondition ({}) does not match the UID in record ({}). The "
                    "object might have been deleted and then recreated",
                    *options.uid, uid)));
  }
  if (const std::string version = resources::resource_version_of(current);
      options.resource_version && *options.resource_version != version) {
    return fail(cannot_fulfil(
        qualified_kind(definition), name,
        fmt::format("the ResourceVersion in the precondition ({}) does not match the "
                    "ResourceVersion in record ({}). The object might have been modified",
                    *options.resource_version, version)));
  }
  return {};
}

void add_finalizer(Json& object, const char* finalizer) {
  Json& finalizers = object["metadata"]["finalizers"];
  if (!finalizers.is_array()) finalizers = Json::array();
  if (std::ranges::find(finalizers, Json(finalizer)) == finalizers.end())
    finalizers.push_back(finalizer);
}

void mark_deleted(const Rules& rules, Json& object, std::int64_t grace) {
  Json& metadata = object["metadata"];
  metadata["deletionTimestamp"] = format_rfc3339(rules.now + std::chrono::seconds(grace));
  metadata["deletionGracePeriodSeconds"] = grace;
  if (metadata.contains("generation"))
    metadata["generation"] = resources::generation_of(object) + 1;
  if (is_core(rules.definition, "namespaces")) object["status"]["phase"] = "Terminating";
}

}  // namespace

bool has_generation(const ResourceDefinition& definition) {
  // Kubernetes counts generations of custom resources and of workloads; not of nodes, namespaces,
  // config maps.
  return !definition.builtin || (definition.namespaced && definition.has_subresource("status"));
}

Result<> check_address(const Json& object, const std::string& ns, const std::string& name) {
  const std::string own_ns = string_at(object, "metadata.namespace");
  if (!own_ns.empty() && own_ns != ns) {
    return fail(
        Code::kBadRequest,
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  const std::string own_name = string_at(object, "metadata.name");
  if (!name.empty() && !own_name.empty() && own_name != name) {
    return fail(Code::kBadRequest,
                fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                            own_name, name));
  }
  return {};
}

Result<Prepared> prepare_create(const Rules& rules, const std::string& ns, Json object,
                                const WriteOptions& options) {
  const ResourceDefinition& definition = rules.definition;
  Prepared prepared;
  if (auto read = read_shape(rules, object, options, prepared.warnings); !read)
    return fail(std::move(read).error());
  if (definition.namespaced) {
    if (auto checked = check_address(object, ns, ""); !checked)
      return fail(std::move(checked).error());
  }
  Json& metadata = object["metadata"];
  if (!string_at(metadata, "resourceVersion").empty()) {
    return fail(Code::kBadRequest, "resourceVersion should not be set on objects to be created");
  }
  for (const char* field : kSystemFields) metadata.erase(field);
  tidy_metadata(metadata);
  name_from_prefix(metadata);
  if (definition.namespaced) metadata["namespace"] = ns;
  metadata["uid"] = resources::new_uid();
  metadata["creationTimestamp"] = format_rfc3339(rules.now);
  if (has_generation(definition)) metadata["generation"] = 1;
  if (definition.has_subresource("status")) object.erase("status");
  if (definition.builtin) start_builtin(definition, object);
  if (auto admitted = admit(rules, object, nullptr, false, prepared.warnings); !admitted) {
    return fail(std::move(admitted).error());
  }
  if (auto wrong = check_builtin(definition, object, nullptr); !wrong.empty()) {
    return fail(
        invalid_object(qualified_kind(definition), resources::name_of(object), std::move(wrong)));
  }
  prepared.object = std::move(object);
  return prepared;
}

Result<Prepared> prepare_update(const Rules& rules, const Json& current,
                                std::string_view subresource, Json wanted,
                                const WriteOptions& options) {
  const ResourceDefinition& definition = rules.definition;
  Prepared prepared;
  const std::string name = resources::name_of(current);
  if (subresource != "scale") {  // a Scale is an object of another kind
    if (auto read = read_shape(rules, wanted, options, prepared.warnings); !read)
      return fail(std::move(read).error());
  }
  if (const std::string uid = string_at(wanted, "metadata.uid");
      !uid.empty() && uid != resources::uid_of(current)) {
    return fail(cannot_fulfil(
        qualified_resource(definition.id()), name,
        fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid,
                    resources::uid_of(current))));
  }
  Json next;
  std::vector<FieldError> errors;
  if (subresource.empty()) {
    tidy_metadata(wanted["metadata"]);
    errors = changed_immutable(current["metadata"], wanted["metadata"]);
    next = with_main(definition, current, std::move(wanted));
    std::ranges::move(check_builtin(definition, next, &current), std::back_inserter(errors));
  } else {
    TRY(next, with_subresource(definition, current, subresource, wanted));
  }
  std::ranges::move(added_finalizers(current, next), std::back_inserter(errors));
  if (!errors.empty())
    return fail(invalid_object(qualified_kind(definition), name, std::move(errors)));

  const bool schema_only =
      subresource == "status" || subresource == "finalize" || subresource == "binding";
  if (auto admitted = admit(rules, next, &current, schema_only, prepared.warnings); !admitted) {
    return fail(std::move(admitted).error());
  }
  if (has_generation(definition) && subresource != "status" && subresource != "binding" &&
      spec_differs(current, next)) {
    next["metadata"]["generation"] = resources::generation_of(current) + 1;
  }
  prepared.changed = next != current;
  prepared.finished = nothing_holds(definition, next);
  prepared.object = std::move(next);
  return prepared;
}

Result<Removal> prepare_remove(const Rules& rules, const Json& current,
                               const RemoveOptions& options) {
  const ResourceDefinition& definition = rules.definition;
  if (auto checked = check_preconditions(definition, current, options); !checked) {
    return fail(std::move(checked).error());
  }
  using Outcome = Removal::Outcome;
  const Grace grace = grace_of(definition, current, options);
  const bool waits = options.propagation != Propagation::kBackground;  // for what it owns
  const auto is_held = [&definition](const Json& it) {
    return !resources::finalizers_of(it).empty() || has_spec_finalizers(definition, it);
  };
  const bool dying = resources::is_being_deleted(current);
  if (!dying && !waits && grace.seconds == 0 && !is_held(current))
    return Removal{Outcome::kGone, std::nullopt};

  Json next = current;
  if (options.propagation == Propagation::kForeground) add_finalizer(next, "foregroundDeletion");
  if (options.propagation == Propagation::kOrphan) add_finalizer(next, "orphan");
  if (!dying) {
    mark_deleted(rules, next, grace.seconds);
    return Removal{Outcome::kMarked, std::move(next)};
  }
  const Json* running = find(current, "metadata.deletionGracePeriodSeconds");
  std::int64_t left =
      running != nullptr && running->is_number_integer() ? running->get<std::int64_t>() : 0;
  if (grace.asked && grace.seconds < left) {  // a grace can only become shorter
    const auto ends =
        parse_rfc3339(string_at(current, "metadata.deletionTimestamp")).value_or(rules.now);
    next["metadata"]["deletionTimestamp"] =
        format_rfc3339(ends - std::chrono::seconds(left - grace.seconds));
    next["metadata"]["deletionGracePeriodSeconds"] = grace.seconds;
    left = grace.seconds;
  }
  const Outcome outcome = !is_held(next) && left == 0 ? Outcome::kGone
                          : next == current           ? Outcome::kUnchanged
                                                      : Outcome::kMarked;
  return Removal{outcome, std::move(next)};
}

}  // namespace mizan::store
