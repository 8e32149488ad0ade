// Sets of fields of an object, as metadata.managedFields writes them (fieldsV1): who set what.
//
// {"f:spec":{"f:maxTrialCount":{},"f:parameters":{"k:{\"name\":\"lr\"}":{".":{},"f:name":{}}}}}:
// "f:" is a field, "k:" an element of a list that is told apart by keys, "v:" one of a set, "." the
// node itself beside its children.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"

namespace mizan::store {

/// A node of the set; the root stands for the object.
class FieldSet {
 public:
  bool member = false;  // this very field is in the set, not only some below it
  std::map<std::string, FieldSet> children;

  static FieldSet from_json(
      const Json& fields_v1);  // tolerant: what is no set of fields is left out
  Json to_json() const;

  bool empty() const { return !member && children.empty(); }
  bool contains(const std::vector<std::string>& path) const;
  void insert(const std::vector<std::string>& path);

  FieldSet united(const FieldSet& other) const;
  FieldSet without(const FieldSet& other) const;  // drops the members that `other` has
  FieldSet common(const FieldSet& other) const;   // members of both
  std::vector<std::vector<std::string>> members() const;
  bool operator==(const FieldSet&) const = default;
};

/// ".spec.parameters[name=\"lr\"].feasibleSpace", as people read it in conflicts.
std::string readable_path(const std::vector<std::string>& path);

}  // namespace mizan::store
