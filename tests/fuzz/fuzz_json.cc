// JSON from outside: limits hold, and what was read is written and read again as the same.
#include <algorithm>

#include "core/json.h"
#include "tests/fuzz/input.h"

namespace {

std::size_t depth_of(const mizan::Json& value) {
  std::size_t deepest = 0;
  if (value.is_structured()) {
    for (const auto& child : value) deepest = std::max(deepest, depth_of(child));
    return deepest + 1;
  }
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mizan::fuzz::require;
  const mizan::JsonLimits limits{.max_bytes = 64 * 1024, .max_depth = 16};
  const auto parsed = mizan::parse_json(mizan::fuzz::text_of(data, size), limits);
  if (!parsed) {
    require(!parsed.error().message.empty(), "a refusal says why");
    require(parsed.error().code == mizan::Code::kBadRequest ||
                parsed.error().code == mizan::Code::kTooLarge,
            "a refusal is the caller's fault");
    return 0;
  }
  require(size <= limits.max_bytes, "the size limit holds");
  require(depth_of(parsed->value) <= limits.max_depth, "the depth limit holds");
  const auto again = mizan::parse_json(parsed->value.dump());
  require(again.has_value(), "what is written can be read");
  require(again->value == parsed->value, "and is the same");
  mizan::find(parsed->value, "spec.parameters");
  return 0;
}
