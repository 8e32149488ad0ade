// Tables: what `kubectl get` prints is made here, from the printer columns of a definition.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/jsonpath.h"
#include "core/json.h"
#include "core/time.h"
#include "resources/definition.h"

namespace mizan::api {

enum class IncludeObject { kNone, kMetadata, kObject };

/// Errors: kInvalid for anything but "", "None", "Metadata" and "Object".
Result<IncludeObject> parse_include_object(std::string_view text);

/// Copies what it needs of the definition, which may change while a watch runs.
class Tabulator {
 public:
  /// `version` is the Table's own: "v1" or "v1beta1".
  Tabulator(const resources::ResourceDefinition& definition, IncludeObject include,
            const std::string& version);

  const Json& column_definitions() const { return definitions_; }
  /// {"cells": […], "object": …}
  Json row(const Json& object, Time now) const;
  /// A Table with one row; `with_columns` false: columnDefinitions is null, as in later events of a
  /// watch.
  Json table(const Json& object, Time now, bool with_columns) const;
  /// The Table of a list without its rows.
  Json empty_table(Json metadata) const;

 private:
  struct Column {
    std::string type;
    std::string computed;          // the name after "computed:", or
    std::optional<JsonPath> path;  // a path; neither: always null
  };
  Json cell(const Column& column, const Json& object, Time now) const;

  IncludeObject include_;
  std::string api_version_;
  std::vector<Column> columns_;
  Json definitions_;
};

/// PartialObjectMetadata of an object.
Json partial_metadata(const Json& object, std::string_view version = "v1");

}  // namespace mizan::api
