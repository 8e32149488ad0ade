// The walks. All of them treat a list as a map of its elements where the schema says so.
#include "store/typed_walk.h"

#include "resources/schema.h"

namespace mizan::store {
namespace {

using Form = TypeAt::Form;
using Path = std::vector<std::string>;

/// All children of a granular value: fields of an object, elements of a list.
std::vector<std::pair<std::string, const Json*>> children_of(const Json& value, Form form,
                                                             const TypeAt& type) {
  std::vector<std::pair<std::string, const Json*>> found;
  if (form == Form::kMap) {
    for (const auto& [name, child] : value.items()) found.emplace_back("f:" + name, &child);
  } else if (form == Form::kKeyedList || form == Form::kSet) {
    for (const Json& item : value) {
      if (std::string element = type.element_of(item); !element.empty())
        found.emplace_back(std::move(element), &item);
    }
  }
  return found;
}

TypeAt below(const TypeAt& type, const std::string& element) {
  return element.starts_with("f:") ? type.field(element.substr(2)) : type.item();
}

/// `is_element`: of a keyed list, where the element itself is set too.
void collect(const Json& value, const TypeAt& type, bool is_element, FieldSet& into) {
  const Form form = type.form_of(value);
  const auto children = children_of(value, form, type);
  into.member = children.empty() || is_element;
  for (const auto& [element, child] : children) {
    collect(*child, below(type, element), element.starts_with("k:"), into.children[element]);
  }
}

/// Everything at and below a value that is new or gone: objects and lists count themselves too.
void collect_all(const Json& value, const TypeAt& type, FieldSet& into) {
  into.member = true;
  const Form form = type.form_of(value);
  for (const auto& [element, child] : children_of(value, form, type)) {
    collect_all(*child, below(type, element), into.children[element]);
  }
}

void compare(const Json& before, const Json& after, const TypeAt& type, FieldSet& changed,
             FieldSet& removed) {
  if (before == after) return;
  const Form form = type.form_of(after);
  if (type.form_of(before) != form || form == Form::kScalar || form == Form::kAtomic) {
    changed.member = true;
    return;
  }
  const auto old_children = children_of(before, form, type);
  const auto new_children = children_of(after, form, type);
  const auto named = [](const auto& children, const std::string& element) -> const Json* {
    for (const auto& [name, child] : children) {
      if (name == element) return child;
    }
    return nullptr;
  };
  for (const auto& [element, child] : new_children) {
    const TypeAt child_type = below(type, element);
    FieldSet child_changed;
    FieldSet child_removed;
    if (const Json* old = named(old_children, element); old != nullptr) {
      compare(*old, *child, child_type, child_changed, child_removed);
    } else {
      collect_all(*child, child_type, child_changed);
    }
    if (!child_changed.empty()) changed.children.emplace(element, std::move(child_changed));
    if (!child_removed.empty()) removed.children.emplace(element, std::move(child_removed));
  }
  for (const auto& [element, child] : old_children) {
    if (named(new_children, element) != nullptr) continue;
    collect_all(*child, below(type, element), removed.children[element]);
  }
}

/// Not fields that anybody manages: identity and what the server keeps.
void strip(FieldSet& set) {
  set.member = false;
  set.children.erase("f:apiVersion");
  set.children.erase("f:kind");
  auto metadata = set.children.find("f:metadata");
  if (metadata == set.children.end()) return;
  metadata->second.member = false;
  for (const char* field : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
                            "f:generation", "f:managedFields", "f:resourceVersion"}) {
    metadata->second.children.erase(field);
  }
  if (metadata->second.empty()) set.children.erase(metadata);
}

}  // namespace

TypeAt TypeAt::root(const resources::ResourceDefinition& definition) {
  return {definition.schema ? &resources::source_of(*definition.schema) : nullptr, Place::kRoot};
}

TypeAt::Form TypeAt::form_of(const Json& value) const {
  if (value.is_object()) {
    const bool whole =
        schema_ != nullptr && string_at(*schema_, "x-kubernetes-map-type") == "atomic";
    return whole ? Form::kAtomic : Form::kMap;
  }
  if (!value.is_array()) return Form::kScalar;
  if (!keys_.empty()) return Form::kKeyedList;
  if (set_) return Form::kSet;
  if (schema_ == nullptr) return Form::kAtomic;
  const std::string type = string_at(*schema_, "x-kubernetes-list-type");
  return type == "map" ? Form::kKeyedList : type == "set" ? Form::kSet : Form::kAtomic;
}

TypeAt TypeAt::field(const std::string& name) const {
  if (place_ == Place::kRoot && name == "metadata") return {nullptr, Place::kMetadata};
  if (place_ == Place::kMetadata) {
    TypeAt type(nullptr, Place::kOther);
    if (name == "ownerReferences") type.keys_ = {"uid"};
    type.set_ = name == "finalizers";
    return type;
  }
  const Json* found = nullptr;
  if (schema_ != nullptr) {
    if (auto properties = schema_->find("properties"); properties != schema_->end()) {
      if (auto property = properties->find(name); property != properties->end()) found = &*property;
    }
    if (found == nullptr) {
      auto rest = schema_->find("additionalProperties");
      if (rest != schema_->end() && rest->is_object()) found = &*rest;
    }
  }
  return {found, Place::kOther};
}

TypeAt TypeAt::item() const {
  if (schema_ == nullptr) return {nullptr, Place::kOther};
  auto items = schema_->find("items");
  return {items == schema_->end() ? nullptr : &*items, Place::kOther};
}

std::string TypeAt::element_of(const Json& item) const {
  if (form_of(Json::array()) == Form::kSet) return "v:" + item.dump();
  Json keys = Json::object();
  const auto add = [&](const std::string& key) {
    if (!item.is_object()) return false;
    if (auto value = item.find(key); value != item.end()) {
      keys[key] = *value;
      return true;
    }
    // A key with a default may be left out, as `protocol` of a port is.
    const Json* fallback =
        schema_ == nullptr ? nullptr : find(*schema_, "items.properties." + key + ".default");
    if (fallback != nullptr) keys[key] = *fallback;
    return fallback != nullptr;
  };
  if (!keys_.empty()) {
    for (const std::string& key : keys_) {
      if (!add(key)) return {};
    }
  } else if (schema_ != nullptr) {
    const Json names = schema_->value("x-kubernetes-list-map-keys", Json::array());
    for (const Json& name : names) {
      if (!add(name.get<std::string>())) return {};
    }
  }
  return keys.empty() ? std::string() : "k:" + keys.dump();
}

FieldSet fields_of(const Json& object, const TypeAt& type) {
  FieldSet set;
  collect(object, type, false, set);
  strip(set);
  return set;
}

FieldDifference difference(const Json& before, const Json& after, const TypeAt& type) {
  FieldDifference found;
  compare(before, after, type, found.changed, found.removed);
  strip(found.changed);
  strip(found.removed);
  return found;
}

Json merged(const Json& object, const Json& applied, const TypeAt& type) {
  const Form form = type.form_of(applied);
  if (type.form_of(object) != form || form == Form::kScalar || form == Form::kAtomic)
    return applied;
  Json result = object;
  if (form == Form::kMap) {
    for (const auto& [name, value] : applied.items()) {
      auto old = object.find(name);
      result[name] = old == object.end() ? value : merged(*old, value, type.field(name));
    }
    return result;
  }
  for (const Json& item : applied) {
    const std::string element = type.element_of(item);
    auto old = std::ranges::find_if(
        result, [&](const Json& other) { return type.element_of(other) == element; });
    if (old == result.end()) {
      result.push_back(item);
    } else if (form == Form::kKeyedList) {
      *old = merged(*old, item, type.item());
    }
  }
  return result;
}

void remove_fields(Json& object, const FieldSet& set, const TypeAt& type) {
  for (const auto& [element, child] : set.children) {
    const TypeAt child_type = below(type, element);
    if (element.starts_with("f:")) {
      auto found = object.is_object() ? object.find(element.substr(2)) : object.end();
      if (found == object.end()) continue;
      remove_fields(*found, child, child_type);
      const bool leaf = !found->is_structured() || child_type.form_of(*found) == Form::kAtomic;
      const bool emptied = found->is_structured() && found->empty();
      if ((child.member && leaf) || emptied) object.erase(found);
      continue;
    }
    if (!object.is_array()) continue;
    auto found = std::ranges::find_if(
        object, [&](const Json& item) { return type.element_of(item) == element; });
    if (found == object.end()) continue;
    if (child.member) {
      object.erase(found);  // the element itself was its owner's
    } else {
      remove_fields(*found, child, child_type);
    }
  }
}

}  // namespace mizan::store
