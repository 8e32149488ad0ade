// YAML from outside: it ends, within its limits, and gives JSON.
#include "resources/yaml.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mizan::fuzz::require;
  const mizan::resources::YamlLimits limits{
      .max_bytes = 64 * 1024, .max_depth = 16, .max_documents = 10, .max_values = 5000};
  const auto documents = mizan::resources::parse_yaml(mizan::fuzz::text_of(data, size), limits);
  if (!documents) {
    require(!documents.error().message.empty(), "a refusal says why");
    return 0;
  }
  require(documents->size() <= limits.max_documents, "the limit of documents holds");
  for (const auto& document : *documents) {
    require(mizan::parse_json(document.value.dump()).has_value(), "a document is JSON");
    for (const auto& [path, line] : document.lines) {
      require(line >= 1, "lines count from 1");
      require(document.line_of(path) == line, "a field is found at its own line");
    }
  }
  return 0;
}
