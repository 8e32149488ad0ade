// The budget is that of the static trials; the next one is taken to be as large as the largest.
#include "pods/tuner/elastic_slots.h"

#include <algorithm>
#include <numeric>

namespace mizan::pods {

std::int64_t trials_at_once(const Fleet& fleet) {
  const auto active = static_cast<std::int64_t>(fleet.held.size());
  const std::int64_t most = std::min(fleet.most, std::max(fleet.planned, fleet.completed / 2));
  if (most <= fleet.planned || active < fleet.planned || fleet.static_bytes <= 0)
    return fleet.planned;
  // What waits for room would not run the sooner for more that wait.
  if (fleet.waits) return std::clamp(active, fleet.planned, most);
  const std::int64_t budget = fleet.planned * fleet.static_bytes;
  const std::int64_t taken = std::accumulate(fleet.held.begin(), fleet.held.end(), std::int64_t{0});
  const std::int64_t next = std::max<std::int64_t>(std::ranges::max(fleet.held), 1);
  const std::int64_t more = std::max<std::int64_t>(0, (budget - taken) / next);
  return std::clamp(active + more, fleet.planned, most);
}

}  // namespace mizan::pods
