// The table printer over whatever object a user may have stored: one cell for each column, and text
// that is JSON.
#include "api/table.h"
#include "resources/definition.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mizan;
  static const auto table = *resources::ResourceTable::builtin();
  static const auto definitions = table.all();
  if (size == 0) return 0;
  const auto& definition = *definitions[data[0] % definitions.size()];
  auto parsed = parse_json(fuzz::text_of(data + 1, size - 1));
  if (!parsed || !parsed->value.is_object()) return 0;
  const api::Tabulator tabulator(definition, api::IncludeObject::kMetadata, "v1");
  const Json row = tabulator.row(parsed->value, Time(std::chrono::seconds(1'800'000'000)));
  const Json empty = tabulator.empty_table(Json::object());
  fuzz::require(row["cells"].size() == empty["columnDefinitions"].size(),
                "each column has its cell");
  return 0;
}
