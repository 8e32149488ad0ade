// Objects read along their schema, as server-side apply needs them: which lists are maps by key,
// which are sets, which values are taken as a whole.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "resources/definition.h"
#include "store/field_set.h"

namespace mizan::store {

/// A place in a schema; also where there is none (fields that are kept though unknown: objects by
/// field, lists whole).
class TypeAt {
 public:
  static TypeAt root(const resources::ResourceDefinition& definition);

  enum class Form { kScalar, kMap, kAtomic, kKeyedList, kSet };
  Form form_of(const Json& value) const;
  TypeAt field(const std::string& name) const;
  TypeAt item() const;
  /// The path element of an element of a keyed list or a set ("k:{…}", "v:…"); empty when its keys
  /// are missing.
  std::string element_of(const Json& item) const;

 private:
  enum class Place { kRoot, kMetadata, kOther };
  TypeAt(const Json* schema, Place place) : schema_(schema), place_(place) {}

  const Json* schema_;  // null: nothing is known
  Place place_;
  std::vector<std::string> keys_;  // of a list that metadata's own rules make a map or a set
  bool set_ = false;
};

/// Every field that `object` sets: leaves, elements of keyed lists and sets, empty objects.
FieldSet fields_of(const Json& object, const TypeAt& type);

/// What differs between two states of an object. An object, or list, that is new or gone counts
/// with all below it.
struct FieldDifference {
  FieldSet changed;  // added or with another value
  FieldSet removed;
};
FieldDifference difference(const Json& before, const Json& after, const TypeAt& type);

/// `object` with what `applied` says put over it.
Json merged(const Json& object, const Json& applied, const TypeAt& type);

/// Takes the fields of `set` out of `object`, and what that leaves empty.
void remove_fields(Json& object, const FieldSet& set, const TypeAt& type);

}  // namespace mizan::store
