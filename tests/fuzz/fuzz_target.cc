// The target of an HTTP request: no dot segment or NUL comes through, and what is encoded decodes
// to itself.
#include "api/target.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mizan::fuzz::require;
  const std::string_view text = mizan::fuzz::text_of(data, size);
  const auto target = mizan::api::parse_target(text);
  if (target) {
    for (const std::string& segment : target->segments) {
      require(!segment.empty() && segment != "." && segment != "..", "segments are names");
      require(segment.find('\0') == std::string::npos, "no NUL comes through");
    }
  }
  const bool is_name =
      !text.empty() && text != "." && text != ".." && text.find('\0') == std::string_view::npos;
  if (!is_name) return 0;
  const auto encoded = mizan::api::parse_target("/" + mizan::api::encode_component(text));
  if (encoded)
    require(encoded->segments.size() == 1 && encoded->segments[0] == text,
            "what is encoded decodes to itself");
  return 0;
}
