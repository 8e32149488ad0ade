// Orders as lines of text.
#include "pods/shim/orders.h"

#include <charconv>

namespace mizan::pods {
namespace {

/// The text up to the next space or line end, taken off `rest`.
std::string_view word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of(" \n"), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

}  // namespace

std::string encode(const Orders& orders) {
  std::string text;
  for (const auto& [name, run] : orders.hold)
    text += "hold " + name + " " + std::to_string(run) + "\n";
  for (const auto& [name, bytes] : orders.limits)
    text += "limit " + name + " " + std::to_string(bytes) + "\n";
  return text;
}

Orders read_orders(std::string_view text) {
  Orders orders;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view kind = word(line), name = word(line), amount = word(line);
    std::uint64_t number = 0;
    const auto [at, error] = std::from_chars(amount.data(), amount.data() + amount.size(), number);
    if (name.empty() || error != std::errc{} || at != amount.data() + amount.size()) continue;
    if (kind == "hold") orders.hold[std::string(name)] = static_cast<std::uint32_t>(number);
    if (kind == "limit") orders.limits[std::string(name)] = number;
  }
  return orders;
}

}  // namespace mizan::pods
