// Reads the files.
#include "cmd/mizan/definition_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "cmd/mizan/data_dir.h"
#include "resources/yaml.h"

namespace mizan::cmd {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& dir) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) {
    const auto extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json")
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

Result<> add_file(const fs::path& file, resources::ResourceTable& table,
                  resources::AdmissionTable& admission) {
  TRY(const auto documents, resources::parse_yaml(read_file(file)));
  for (const auto& document : documents) {
    if (string_at(document.value, "kind") != "CustomResourceDefinition") continue;
    TRY(auto definitions, resources::ResourceTable::from_crd(document.value));
    if (!definitions.empty()) table.remove(definitions.front().id());
    for (auto& definition : definitions) {
      admission.erase({definition.api_version(), definition.kind});
      table.add(std::move(definition));
    }
  }
  return {};
}

}  // namespace

Result<> add_definition_files(const std::vector<fs::path>& dirs, resources::ResourceTable& table,
                              resources::AdmissionTable& admission) {
  for (const fs::path& dir : dirs) {
    for (const fs::path& file : files_in(dir)) {
      if (auto added = add_file(file, table, admission); !added) {
        Error error = added.error();
        error.message = fmt::format("{}: {}", file.string(), error.message);
        return fail(std::move(error));
      }
    }
  }
  return {};
}

}  // namespace mizan::cmd
