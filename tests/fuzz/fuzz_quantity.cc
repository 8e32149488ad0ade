// Kubernetes quantities: the canonical form can be read again and is the same amount.
#include "resources/quantity.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mizan::fuzz::require;
  using mizan::resources::Quantity;
  const auto quantity = Quantity::parse(mizan::fuzz::text_of(data, size));
  if (!quantity) return 0;
  const auto again = Quantity::parse(quantity->text());
  require(again.has_value(), "the canonical form can be read");
  require(*again == *quantity, "and is the same amount");
  return 0;
}
