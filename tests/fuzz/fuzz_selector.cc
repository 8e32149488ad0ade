// Label and field selectors of list and watch requests.
#include "store/object_store.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mizan::fuzz::text_of(data, size);
  const auto labels = mizan::store::parse_label_selector(text);
  if (!labels) mizan::fuzz::require(!labels.error().message.empty(), "a refusal says why");
  const auto fields = mizan::store::parse_field_selector(text);
  if (!fields) mizan::fuzz::require(!fields.error().message.empty(), "a refusal says why");
  return 0;
}
