// See meta.h.
#include "resources/meta.h"

#include <algorithm>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <random>

#include "resources/reading.h"

namespace mizan::resources {
namespace {

const Json& metadata(const Json& object) { return object_field(object, "metadata"); }

// Kubernetes' own sentences: people search for them.
constexpr std::string_view kLabelSentence =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainSentence =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kNamePartSentence =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kQualifiedNameSentence =
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
    "(e.g. "
    "'example.com/MyName')";
constexpr std::string_view kLabelValueSentence =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
    "used for validation "
    "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

bool is_dns_word(std::string_view word) {
  if (word.empty() || !is_lower_or_digit(word.front()) || !is_lower_or_digit(word.back()))
    return false;
  return std::ranges::all_of(word, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_name_part(std::string_view name) {
  if (name.empty() || !is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) return false;
  return std::ranges::all_of(
      name, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string name_too_long(std::size_t limit) {
  return "must be no more than " + std::to_string(limit) + " bytes";
}

}  // namespace

std::string name_of(const Json& object) { return text_field(metadata(object), "name"); }
std::string namespace_of(const Json& object) { return text_field(metadata(object), "namespace"); }
std::string uid_of(const Json& object) { return text_field(metadata(object), "uid"); }
std::string resource_version_of(const Json& object) {
  return text_field(metadata(object), "resourceVersion");
}
std::int64_t generation_of(const Json& object) {
  return integer_field(metadata(object), "generation").value_or(0);
}
std::map<std::string, std::string> labels_of(const Json& object) {
  return text_map_field(metadata(object), "labels");
}
std::string label_of(const Json& object, std::string_view label) {
  return text_field(object_field(metadata(object), "labels"), label);
}
std::map<std::string, std::string> annotations_of(const Json& object) {
  return text_map_field(metadata(object), "annotations");
}
std::string annotation(const Json& object, std::string_view name) {
  return text_field(object_field(metadata(object), "annotations"), name);
}
std::optional<Time> creation_time_of(const Json& object) {
  return parse_rfc3339(text_field(metadata(object), "creationTimestamp"));
}
bool is_being_deleted(const Json& object) {
  return field(metadata(object), "deletionTimestamp") != nullptr;
}
std::vector<std::string> finalizers_of(const Json& object) {
  return texts_field(metadata(object), "finalizers");
}

std::vector<OwnerReference> owners_of(const Json& object) {
  std::vector<OwnerReference> owners;
  for (const Json& owner : array_field(metadata(object), "ownerReferences")) {
    if (!owner.is_object()) continue;
    owners.push_back({text_field(owner, "apiVersion"), text_field(owner, "kind"),
                      text_field(owner, "name"), text_field(owner, "uid"),
                      flag_field(owner, "controller"), flag_field(owner, "blockOwnerDeletion")});
  }
  return owners;
}

std::optional<OwnerReference> controller_of(const Json& object) {
  for (OwnerReference& owner : owners_of(object)) {
    if (owner.controller) return std::move(owner);
  }
  return std::nullopt;
}

Json controller_reference_to(const Json& owner) {
  return {{"apiVersion", text_field(owner, "apiVersion")},
          {"kind", text_field(owner, "kind")},
          {"name", name_of(owner)},
          {"uid", uid_of(owner)},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

GroupVersion parse_api_version(std::string_view api_version) {
  const auto slash = api_version.find('/');
  if (slash == std::string_view::npos) return {"", std::string(api_version)};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1))};
}

std::string new_uid() {
  thread_local boost::uuids::random_generator generate;
  return boost::uuids::to_string(generate());
}

std::string random_suffix(std::size_t length) {
  // No vowels, no 0, 1, 3: no words and no look-alikes.
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  thread_local std::mt19937_64 engine{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
  std::string suffix(length, ' ');
  for (char& c : suffix) c = kLetters[letter(engine)];
  return suffix;
}

std::string check_dns_label(std::string_view name) {
  if (!is_dns_word(name)) return std::string(kLabelSentence);
  return name.size() > 63 ? name_too_long(63) : "";
}

std::string check_dns_subdomain(std::string_view name) {
  if (name.size() > 253) return name_too_long(253);
  std::string_view rest = name;
  while (true) {
    const auto dot = rest.find('.');
    if (!is_dns_word(rest.substr(0, dot))) return std::string(kSubdomainSentence);
    if (dot == std::string_view::npos) return "";
    rest.remove_prefix(dot + 1);
  }
}

std::string check_label_key(std::string_view key) {
  std::string_view name = key;
  if (const auto slash = key.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) return std::string(kQualifiedNameSentence);
    if (prefix.empty()) return "prefix part must be non-empty";
    if (const std::string wrong = check_dns_subdomain(prefix); !wrong.empty())
      return "prefix part " + wrong;
  }
  if (name.empty()) return "name part must be non-empty";
  if (name.size() > 63) return "name part " + name_too_long(63);
  return is_name_part(name) ? "" : std::string(kNamePartSentence);
}

std::string check_label_value(std::string_view value) {
  if (value.size() > 63) return name_too_long(63);
  return value.empty() || is_name_part(value) ? "" : std::string(kLabelValueSentence);
}

}  // namespace mizan::resources
