// Optimal string alignment distance over three rows.
#include "algorithms/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace mizan::algorithms {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view text,
                                             std::span<const std::string_view> names) {
  std::optional<std::string_view> nearest;
  std::size_t least = text.size() > 100 ? 0 : text.size() + 1;
  for (const std::string_view name : names) {
    const std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
    const std::size_t here = least == 0 ? allowed + 1 : distance(text, name);
    if (here > allowed || here >= least) continue;
    least = here;
    nearest = name;
  }
  return nearest;
}

std::string nearest_name_hint(std::string_view text, std::span<const std::string_view> names) {
  const auto near = nearest_name(text, names);
  return near ? fmt::format(" (did you mean \"{}\"?)", *near) : std::string();
}

}  // namespace mizan::algorithms
