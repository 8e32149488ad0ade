// Reads CustomResourceDefinitions (apiextensions.k8s.io/v1) into resource definitions.
//
// The built-in kinds are written in the same form with two liberties: the annotation
// mizan.kubeflow.org/builtin: "true" allows the empty group and subresources of any name.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <ranges>

#include "resources/definition.h"
#include "resources/definition_files.h"
#include "resources/field_error.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::resources {
namespace {

class CrdReader {
 public:
  explicit CrdReader(const Json& crd) : spec_(object_field(crd, "spec")), name_(name_of(crd)) {
    const auto annotations = annotations_of(crd);
    builtin_ = annotations.contains("mizan.kubeflow.org/builtin");
    if (const auto verbs = annotations.find("mizan.kubeflow.org/verbs");
        verbs != annotations.end()) {
      for (const auto word : std::views::split(verbs->second, ','))
        verbs_.emplace_back(word.begin(), word.end());
    }
  }

  Result<std::vector<ResourceDefinition>> read();

 private:
  void require(std::string_view value, std::string path) {
    if (value.empty()) errors_.push_back(required(std::move(path)));
  }
  ResourceDefinition read_names();
  void check_names(const ResourceDefinition& names);
  ResourceDefinition read_version(const Json& version, const std::string& path,
                                  ResourceDefinition definition);
  void read_schema_of(const Json& version, const std::string& path, ResourceDefinition& definition);
  void read_subresources(const Json& version, const std::string& path,
                         ResourceDefinition& definition);
  std::vector<PrinterColumn> read_columns(const Json& version, const std::string& path);

  const Json& spec_;
  std::string name_;
  bool builtin_ = false;
  std::vector<std::string> verbs_;
  std::vector<FieldError> errors_;
};

Result<std::vector<ResourceDefinition>> CrdReader::read() {
  const ResourceDefinition names = read_names();
  check_names(names);
  std::vector<ResourceDefinition> definitions;
  std::size_t stored = 0;
  const Json& versions = array_field(spec_, "versions");
  if (versions.empty()) errors_.push_back(required("spec.versions", "at least one version"));
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const std::string path = fmt::format("spec.versions[{}]", i);
    const bool storage = flag_field(versions[i], "storage");
    stored += storage ? 1 : 0;
    ResourceDefinition definition = read_version(versions[i], path, names);
    if (!flag_field(versions[i], "served")) continue;
    definitions.insert(storage ? definitions.begin() : definitions.end(), std::move(definition));
  }
  if (!versions.empty() && stored != 1) {
    errors_.push_back(invalid("spec.versions", versions.size(),
                              "must have exactly one version marked as storage version"));
  }
  if (!errors_.empty()) {
    return fail(Code::kInvalid,
                fmt::format("CustomResourceDefinition.apiextensions.k8s.io \"{}\" is invalid: {}",
                            name_, join(errors_)),
                errors_);
  }
  return definitions;
}

ResourceDefinition CrdReader::read_names() {
  ResourceDefinition definition;
  const Json& names = object_field(spec_, "names");
  definition.group = text_field(spec_, "group");
  definition.plural = text_field(names, "plural");
  definition.kind = text_field(names, "kind");
  std::string lower = definition.kind;
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  definition.singular = text_field(names, "singular", lower);
  definition.list_kind = text_field(names, "listKind", definition.kind + "List");
  definition.short_names = texts_field(names, "shortNames");
  definition.categories = texts_field(names, "categories");
  definition.namespaced = text_field(spec_, "scope") != "Cluster";
  definition.builtin = builtin_;
  definition.verbs = verbs_;
  return definition;
}

void CrdReader::check_names(const ResourceDefinition& names) {
  if (!builtin_) require(names.group, "spec.group");
  require(names.plural, "spec.names.plural");
  require(names.kind, "spec.names.kind");
  if (!names.plural.empty()) {
    if (const std::string wrong = check_dns_label(names.plural); !wrong.empty()) {
      errors_.push_back(invalid("spec.names.plural", names.plural, wrong));
    }
  }
  const std::vector<std::string> scopes = {"Cluster", "Namespaced"};
  const std::string scope = text_field(spec_, "scope");
  if (std::ranges::find(scopes, scope) == scopes.end())
    errors_.push_back(not_supported("spec.scope", scope, scopes));
  const std::string expected = names.plural + "." + names.group;
  if (!builtin_ && name_ != expected) {
    errors_.push_back(
        invalid("metadata.name", name_, "must be spec.names.plural+\".\"+spec.group"));
  }
}

ResourceDefinition CrdReader::read_version(const Json& version, const std::string& path,
                                           ResourceDefinition definition) {
  definition.version = text_field(version, "name");
  if (const std::string wrong = check_dns_label(definition.version); !wrong.empty()) {
    errors_.push_back(invalid(path + ".name", definition.version, wrong));
  }
  read_schema_of(version, path, definition);
  read_subresources(version, path, definition);
  definition.columns = read_columns(version, path);
  for (const Json& field_source : array_field(version, "selectableFields")) {
    definition.selectable_fields.push_back(text_field(field_source, "jsonPath"));
  }
  return definition;
}

void CrdReader::read_schema_of(const Json& version, const std::string& path,
                               ResourceDefinition& definition) {
  const std::string schema_path = path + ".schema.openAPIV3Schema";
  const Json* source = field(object_field(version, "schema"), "openAPIV3Schema");
  if (source == nullptr) {
    errors_.push_back(required(schema_path, "schemas are required"));
    return;
  }
  auto schema = read_schema(*source);
  if (!schema) {
    for (FieldError error : schema.error().fields) {
      error.path =
          schema_path + (error.path.empty() || error.path.starts_with('.') ? "" : ".") + error.path;
      errors_.push_back(std::move(error));
    }
    return;
  }
  definition.schema = *std::move(schema);
  definition.description = text_field(*source, "description");
  if (has_cel_rules(*definition.schema)) {
    definition.warnings.push_back(schema_path +
                                  ": x-kubernetes-validations are kept but not evaluated by this "
                                  "server: objects that they would "
                                  "refuse are taken");
  }
}

void CrdReader::read_subresources(const Json& version, const std::string& path,
                                  ResourceDefinition& definition) {
  for (const auto& [name, value] : object_field(version, "subresources").items()) {
    if (!builtin_ && name != "status" && name != "scale") {
      errors_.push_back(
          forbidden(fmt::format("{}.subresources.{}", path, name), "only status and scale exist"));
      continue;
    }
    definition.subresources.push_back(name);
    if (name == "scale") definition.scale = value;
  }
}

std::vector<PrinterColumn> CrdReader::read_columns(const Json& version, const std::string& path) {
  std::vector<PrinterColumn> columns;
  const Json& sources = array_field(version, "additionalPrinterColumns");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Json& source = sources[i];
    PrinterColumn column;
    column.name = text_field(source, "name");
    column.type = text_field(source, "type");
    column.format = text_field(source, "format");
    column.description = text_field(source, "description");
    column.json_path = text_field(source, "jsonPath");
    column.priority = static_cast<int>(integer_field(source, "priority").value_or(0));
    const std::string column_path = fmt::format("{}.additionalPrinterColumns[{}]", path, i);
    require(column.name, column_path + ".name");
    require(column.type, column_path + ".type");
    require(column.json_path, column_path + ".jsonPath");
    columns.push_back(std::move(column));
  }
  // What kube-apiserver shows where a CRD names none.
  if (sources.empty()) {
    columns.push_back({.name = "Age",
                       .type = "date",
                       .format = "",
                       .description = "",
                       .json_path = ".metadata.creationTimestamp"});
  }
  return columns;
}

}  // namespace

Result<std::vector<ResourceDefinition>> ResourceTable::from_crd(const Json& crd) {
  return CrdReader(crd).read();
}

Result<ResourceTable> ResourceTable::builtin() {
  ResourceTable table;
  for (const std::string& text : definition_files()) {
    TRY(ParsedJson crd, parse_json(text));
    TRY(auto definitions, from_crd(crd.value));
    for (ResourceDefinition& definition : definitions) table.add(std::move(definition));
  }
  return table;
}

}  // namespace mizan::resources
