// Cells are typed by their column, and a cell that can't be had is null: kube-apiserver's own
// rules.
#include "api/table.h"

#include <fmt/format.h>

#include "api/columns.h"
#include "api/duration.h"
#include "api/status.h"

namespace mizan::api {
namespace {

constexpr std::string_view kComputed = "computed:";

Json column_definition(std::string_view name, std::string_view type, std::string_view format,
                       std::string_view description, int priority) {
  return {{"name", name},
          {"type", type},
          {"format", format},
          {"description", description},
          {"priority", priority}};
}

std::string description_of(const resources::PrinterColumn& column) {
  if (!column.description.empty()) return column.description;
  if (column.json_path.starts_with(kComputed)) return column.name;
  return "Custom resource definition column (in JSONPath format): " + column.json_path;
}

}  // namespace

Result<IncludeObject> parse_include_object(std::string_view text) {
  if (text.empty() || text == "Metadata") return IncludeObject::kMetadata;
  if (text == "None") return IncludeObject::kNone;
  if (text == "Object") return IncludeObject::kObject;
  FieldError field{
      FieldReason::kNotSupported, "includeObject",
      fmt::format(
          "Unsupported value: \"{}\": supported values: \"\", \"Metadata\", \"None\", \"Object\"",
          text)};
  return fail(invalid_options("TableOptions", std::move(field)));
}

Tabulator::Tabulator(const resources::ResourceDefinition& definition, IncludeObject include,
                     const std::string& version)
    : include_(include), api_version_("meta.k8s.io/" + version), definitions_(Json::array()) {
  definitions_.push_back(
      column_definition("Name", "string", "name", "Name must be unique within a namespace.", 0));
  auto columns = definition.columns;
  if (columns.empty()) columns.push_back({"Age", "date", "", "", ".metadata.creationTimestamp", 0});
  for (const auto& column : columns) {
    definitions_.push_back(column_definition(column.name, column.type, column.format,
                                             description_of(column), column.priority));
    Column made{column.type, {}, std::nullopt};
    if (column.json_path.starts_with(kComputed)) {
      made.computed = column.json_path.substr(kComputed.size());
    } else if (auto path = JsonPath::parse(column.json_path)) {
      made.path = std::move(*path);
    }
    columns_.push_back(std::move(made));
  }
}

Json Tabulator::cell(const Column& column, const Json& object, Time now) const {
  if (!column.computed.empty()) return computed_cell(column.computed, object, now);
  if (!column.path) return nullptr;
  const auto found = column.path->find(object);
  if (found.empty()) return nullptr;
  const Json& value = *found.front();
  if (value.is_null()) return nullptr;
  if (column.type == "string") {
    return value.is_string() ? value
                             : Json(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  if (column.type == "date")
    return value.is_string() ? Json(human_age(value.get<std::string>(), now)) : Json();
  if (column.type == "integer") return value.is_number() ? Json(value.get<std::int64_t>()) : Json();
  if (column.type == "number") return value.is_number() ? value : Json();
  if (column.type == "boolean") return value.is_boolean() ? value : Json();
  return nullptr;
}

Json Tabulator::row(const Json& object, Time now) const {
  Json cells = Json::array({string_at(object, "metadata.name")});
  for (const Column& column : columns_) cells.push_back(cell(column, object, now));
  Json shown;
  switch (include_) {
    case IncludeObject::kNone:
      break;
    case IncludeObject::kMetadata:
      shown = partial_metadata(object,
                               std::string_view(api_version_).substr(api_version_.find('/') + 1));
      break;
    case IncludeObject::kObject:
      shown = object;
      break;
  }
  return {{"cells", std::move(cells)}, {"object", std::move(shown)}};
}

Json Tabulator::empty_table(Json metadata) const {
  return {{"kind", "Table"},
          {"apiVersion", api_version_},
          {"metadata", std::move(metadata)},
          {"columnDefinitions", definitions_},
          {"rows", Json::array()}};
}

Json Tabulator::table(const Json& object, Time now, bool with_columns) const {
  Json table{{"kind", "Table"},
             {"apiVersion", api_version_},
             {"metadata", {{"resourceVersion", string_at(object, "metadata.resourceVersion")}}},
             {"columnDefinitions", with_columns ? definitions_ : Json()},
             {"rows", Json::array()}};
  table["rows"].push_back(row(object, now));
  return table;
}

Json partial_metadata(const Json& object, std::string_view version) {
  const Json* metadata = find(object, "metadata");
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", fmt::format("meta.k8s.io/{}", version)},
          {"metadata", metadata != nullptr ? *metadata : Json::object()}};
}

}  // namespace mizan::api
