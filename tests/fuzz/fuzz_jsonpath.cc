// Paths of printer columns, which users' own CRDs bring: the first line is the path, the rest the
// object.
#include "api/jsonpath.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mizan::fuzz::text_of(data, size);
  const auto line = text.find('\n');
  const auto path = mizan::api::JsonPath::parse(text.substr(0, line));
  if (!path || line == std::string_view::npos) return 0;
  const auto object =
      mizan::parse_json(text.substr(line + 1), {.max_bytes = 16 * 1024, .max_depth = 16});
  if (!object) return 0;
  for (const mizan::Json* found : path->find(object->value))
    mizan::fuzz::require(found != nullptr, "what is found is there");
  return 0;
}
