// See object_meta.h.
#include "resources/object_meta.h"

#include <fmt/format.h>

#include <span>

#include "core/time.h"
#include "resources/field_error.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::resources {
namespace {

enum class Kind { kText, kFlag, kInteger, kTime, kTextMap, kTextList, kOwners, kManagedFields };

struct MetaField {
  std::string_view name;
  Kind kind;
  std::string_view description;
};

constexpr MetaField kObjectMeta[] = {
    {"annotations", Kind::kTextMap,
     "Notes that tools and people attach: any text, at most 256 KiB in all."},
    {"creationTimestamp", Kind::kTime, "When the server took the object in. Set by the server."},
    {"deletionGracePeriodSeconds", Kind::kInteger,
     "How many seconds the object has to end by itself once its deletion was asked for. Set by the "
     "server."},
    {"deletionTimestamp", Kind::kTime, "When the deletion was asked for. Set by the server."},
    {"finalizers", Kind::kTextList,
     "Who must still do something before the object may go: it goes when this is empty."},
    {"generateName", Kind::kText,
     "A prefix: the server makes a name by adding five letters. Used when name is absent."},
    {"generation", Kind::kInteger,
     "Counts the changes of what is wanted (spec). Set by the server."},
    {"labels", Kind::kTextMap, "Names and values to select objects by."},
    {"managedFields", Kind::kManagedFields,
     "Which client set which field, for server-side apply. Set by the server."},
    {"name", Kind::kText,
     "Unique among the objects of this kind in the namespace. Can't be changed."},
    {"namespace", Kind::kText, "The namespace in which the name is unique. Can't be changed."},
    {"ownerReferences", Kind::kOwners,
     "The objects that this one belongs to: when all are gone, it is deleted."},
    {"resourceVersion", Kind::kText,
     "The revision of the last change, opaque; sent back with a write it makes the write fail if "
     "another came first."},
    {"selfLink", Kind::kText, "Not used any more."},
    {"uid", Kind::kText, "Unique for all time. Set by the server."},
};

constexpr MetaField kOwnerReference[] = {
    {"apiVersion", Kind::kText, "API version of the owner."},
    {"blockOwnerDeletion", Kind::kFlag,
     "With foreground deletion the owner stays until this object is gone."},
    {"controller", Kind::kFlag, "True for the one owner that manages this object."},
    {"kind", Kind::kText, "Kind of the owner."},
    {"name", Kind::kText, "Name of the owner, in the same namespace."},
    {"uid", Kind::kText, "Uid of the owner."},
};

const MetaField* find_field(std::span<const MetaField> fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &MetaField::name);
  return at == fields.end() ? nullptr : &*at;
}

/// What Go's decoder calls the JSON type.
std::string go_name(const Json& value) {
  if (value.is_boolean()) return "bool";
  if (value.is_number()) return "number";
  return value.type_name();  // string, array, object
}

std::string mismatch(const Json& value, std::string_view holder, std::string_view name,
                     std::string_view type) {
  return fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}",
                     go_name(value), holder, name, type);
}

std::optional<std::string> check_fields(const Json& object, std::string_view holder,
                                        std::span<const MetaField> fields);

std::optional<std::string> check_list(const Json& list, std::string_view holder,
                                      const MetaField& field) {
  const bool texts = field.kind == Kind::kTextList;
  const std::string_view type = texts                         ? "[]string"
                                : field.kind == Kind::kOwners ? "[]v1.OwnerReference"
                                                              : "[]v1.ManagedFieldsEntry";
  if (!list.is_array()) return mismatch(list, holder, field.name, type);
  for (const Json& element : list) {
    if (element.is_null()) continue;
    if (texts ? !element.is_string() : !element.is_object()) {
      return mismatch(element, holder, field.name, type.substr(2));
    }
    if (field.kind != Kind::kOwners) continue;
    if (auto wrong = check_fields(element, "OwnerReference", kOwnerReference)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> check_field(const Json& value, std::string_view holder,
                                       const MetaField& field) {
  switch (field.kind) {
    case Kind::kText:
      if (!value.is_string()) return mismatch(value, holder, field.name, "string");
      break;
    case Kind::kFlag:
      if (!value.is_boolean()) return mismatch(value, holder, field.name, "bool");
      break;
    case Kind::kInteger:
      if (!value.is_number_integer()) return mismatch(value, holder, field.name, "int64");
      break;
    case Kind::kTime:
      if (!value.is_string()) return mismatch(value, holder, field.name, "string");
      if (!parse_rfc3339(value.get_ref<const std::string&>())) {
        return fmt::format("parsing time {} as \"2006-01-02T15:04:05Z07:00\": cannot parse it",
                           compact(value));
      }
      break;
    case Kind::kTextMap:
      if (!value.is_object()) return mismatch(value, holder, field.name, "map[string]string");
      for (const Json& text : value) {
        if (!text.is_string() && !text.is_null())
          return mismatch(text, holder, field.name, "string");
      }
      break;
    case Kind::kTextList:
    case Kind::kOwners:
    case Kind::kManagedFields:
      return check_list(value, holder, field);
  }
  return std::nullopt;
}

std::optional<std::string> check_fields(const Json& object, std::string_view holder,
                                        std::span<const MetaField> fields) {
  for (const MetaField& known : fields) {
    if (const Json* value = field(object, known.name)) {
      if (auto wrong = check_field(*value, holder, known)) return wrong;
    }
  }
  return std::nullopt;
}

Json schema_of(std::span<const MetaField> fields);

Json schema_of(const MetaField& field) {
  Json schema = {{"description", field.description}};
  switch (field.kind) {
    case Kind::kText:
      schema["type"] = "string";
      break;
    case Kind::kFlag:
      schema["type"] = "boolean";
      break;
    case Kind::kInteger:
      schema["type"] = "integer";
      schema["format"] = "int64";
      break;
    case Kind::kTime:
      schema["type"] = "string";
      schema["format"] = "date-time";
      break;
    case Kind::kTextMap:
      schema["type"] = "object";
      schema["additionalProperties"] = {{"type", "string"}};
      break;
    case Kind::kTextList:
      schema["type"] = "array";
      schema["items"] = {{"type", "string"}};
      break;
    case Kind::kOwners:
      schema["type"] = "array";
      schema["items"] = schema_of(kOwnerReference);
      break;
    case Kind::kManagedFields:
      schema["type"] = "array";
      schema["items"] = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
      break;
  }
  return schema;
}

Json schema_of(std::span<const MetaField> fields) {
  Json properties = Json::object();
  for (const MetaField& field : fields) properties[std::string(field.name)] = schema_of(field);
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

void check_owners(const Json& metadata, std::vector<FieldError>& errors) {
  std::string controller;
  const Json& owners = array_field(metadata, "ownerReferences");
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const std::string path = fmt::format("metadata.ownerReferences[{}]", i);
    for (const std::string_view key : {"apiVersion", "kind", "name", "uid"}) {
      if (text_field(owners[i], key).empty()) {
        errors.push_back(invalid(fmt::format("{}.{}", path, key), "", "must not be empty"));
      }
    }
    if (!flag_field(owners[i], "controller")) continue;
    if (!controller.empty()) {
      errors.push_back(invalid(
          "metadata.ownerReferences", owners,
          fmt::format("Only one reference can have Controller set to true. Found \"true\" in "
                      "references for {} and {}",
                      controller, text_field(owners[i], "name"))));
    }
    controller = text_field(owners[i], "name");
  }
}

void check_labels(const Json& metadata, std::vector<FieldError>& errors) {
  for (const auto& [key, value] : text_map_field(metadata, "labels")) {
    if (const std::string wrong = check_label_key(key); !wrong.empty()) {
      errors.push_back(invalid("metadata.labels", key, wrong));
    }
    if (const std::string wrong = check_label_value(value); !wrong.empty()) {
      errors.push_back(invalid("metadata.labels", value, wrong));
    }
  }
}

void check_annotations(const Json& metadata, std::vector<FieldError>& errors) {
  constexpr std::size_t kLimit = 256 * 1024;
  std::size_t size = 0;
  for (const auto& [key, value] : text_map_field(metadata, "annotations")) {
    std::string lower = key;
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const std::string wrong = check_label_key(lower); !wrong.empty()) {
      errors.push_back(invalid("metadata.annotations", key, wrong));
    }
    size += key.size() + value.size();
  }
  if (size > kLimit) errors.push_back(too_long("metadata.annotations", kLimit));
}

}  // namespace

std::optional<std::string> check_metadata_types(const Json& object) {
  for (const std::string_view name : {"apiVersion", "kind"}) {
    const Json* value = field(object, name);
    if (value != nullptr && !value->is_string())
      return mismatch(*value, "TypeMeta", name, "string");
  }
  const Json* metadata = field(object, "metadata");
  if (metadata == nullptr) return std::nullopt;
  if (!metadata->is_object()) {
    return fmt::format(
        "json: cannot unmarshal {} into Go struct field ObjectMeta.metadata of type v1.ObjectMeta",
        go_name(*metadata));
  }
  return check_fields(*metadata, "ObjectMeta", kObjectMeta);
}

std::vector<std::string> prune_metadata(Json& metadata) {
  std::vector<std::string> unknown;
  if (!metadata.is_object()) return unknown;
  const auto prune_by = [&](Json& object, std::span<const MetaField> fields,
                            const std::string& prefix) {
    for (auto at = object.begin(); at != object.end();) {
      if (find_field(fields, at.key()) != nullptr) {
        ++at;
      } else {
        unknown.push_back(prefix + at.key());
        at = object.erase(at);
      }
    }
  };
  prune_by(metadata, kObjectMeta, "");
  if (const auto owners = metadata.find("ownerReferences");
      owners != metadata.end() && owners->is_array()) {
    for (std::size_t i = 0; i < owners->size(); ++i) {
      if ((*owners)[i].is_object())
        prune_by((*owners)[i], kOwnerReference, fmt::format("ownerReferences[{}].", i));
    }
  }
  return unknown;
}

std::vector<FieldError> validate_metadata(const Json& object, bool namespaced) {
  std::vector<FieldError> errors;
  const Json& metadata = object_field(object, "metadata");
  const std::string name = name_of(object);
  const std::string prefix = text_field(metadata, "generateName");
  if (name.empty() && prefix.empty()) {
    errors.push_back(required("metadata.name", "name or generateName is required"));
  } else if (const std::string wrong = name.empty() ? "" : check_dns_subdomain(name);
             !wrong.empty()) {
    errors.push_back(invalid("metadata.name", name, wrong));
  }
  if (!prefix.empty()) {
    // A prefix may end in what a name may not: "run-".
    if (const std::string wrong = check_dns_subdomain(prefix + "a"); !wrong.empty()) {
      errors.push_back(invalid("metadata.generateName", prefix, wrong));
    }
  }
  const std::string ns = namespace_of(object);
  if (namespaced && !ns.empty()) {
    if (const std::string wrong = check_dns_label(ns); !wrong.empty()) {
      errors.push_back(invalid("metadata.namespace", ns, wrong));
    }
  } else if (!namespaced && !ns.empty()) {
    errors.push_back(forbidden("metadata.namespace", "not allowed on this type"));
  }
  check_labels(metadata, errors);
  check_annotations(metadata, errors);
  check_owners(metadata, errors);
  return errors;
}

const Json& metadata_schema() {
  static const Json schema = schema_of(kObjectMeta);
  return schema;
}

}  // namespace mizan::resources
