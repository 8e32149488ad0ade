// What every object has: names, labels, owners, conditions; read from and written to its JSON.
//
// Objects travel as JSON (the store must keep fields that nobody here knows), so these are small
// tolerant readers over it: a missing or mistyped field reads as empty. Nothing here throws for
// strange input.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/time.h"

namespace mizan::resources {

std::string name_of(const Json& object);
std::string namespace_of(const Json& object);
std::string uid_of(const Json& object);
std::string resource_version_of(const Json& object);
std::int64_t generation_of(const Json& object);
std::map<std::string, std::string> labels_of(const Json& object);
std::string label_of(const Json& object, std::string_view label);  // empty: it has none
std::map<std::string, std::string> annotations_of(const Json& object);
/// The value of one annotation; empty when it has none.
std::string annotation(const Json& object, std::string_view name);
std::optional<Time> creation_time_of(const Json& object);
bool is_being_deleted(const Json& object);  // metadata.deletionTimestamp is set
std::vector<std::string> finalizers_of(const Json& object);

struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool controller = false;
  bool block_owner_deletion = false;
  bool operator==(const OwnerReference&) const = default;
};
std::vector<OwnerReference> owners_of(const Json& object);
std::optional<OwnerReference> controller_of(const Json& object);
/// The reference that `owner` (a full object with apiVersion, kind and uid) is pointed at with,
/// controller: true.
Json controller_reference_to(const Json& owner);

/// "kubeflow.org/v1beta1" -> {"kubeflow.org", "v1beta1"}; "v1" -> {"", "v1"}.
struct GroupVersion {
  std::string group, version;
  bool operator==(const GroupVersion&) const = default;
};
GroupVersion parse_api_version(std::string_view api_version);

/// A version-4 UUID in lower case.
std::string new_uid();
/// Kubernetes' five-letter suffix for generateName, from bcdfghjklmnpqrstvwxz2456789.
std::string random_suffix(std::size_t length = 5);

/// RFC 1123 label and subdomain, and the syntax of label keys and values; empty when right, else
/// Kubernetes' sentence.
std::string check_dns_label(std::string_view name);
std::string check_dns_subdomain(std::string_view name);
std::string check_label_key(std::string_view key);
std::string check_label_value(std::string_view value);

}  // namespace mizan::resources
