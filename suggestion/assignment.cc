// See assignment.h; algorithms/number_text.h decides what numbers look like.
#include "suggestion/assignment.h"

#include <algorithm>

namespace mizan::suggestion {

std::vector<resources::Assignment> assignments_of(const algorithms::SearchSpace& space,
                                                  const algorithms::Point& point) {
  std::vector<resources::Assignment> assignments;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!point.is_active(i)) continue;
    assignments.push_back({space[i].name, algorithms::value_text(space[i], point.values[i])});
  }
  return assignments;
}

algorithms::Point point_of(const algorithms::SearchSpace& space,
                           const std::vector<resources::Assignment>& assignments) {
  algorithms::Point point{std::vector<double>(space.size(), algorithms::kInactive)};
  for (std::size_t i = 0; i < space.size(); ++i) {
    const auto at = std::find_if(assignments.begin(), assignments.end(),
                                 [&](const auto& a) { return a.name == space[i].name; });
    if (at == assignments.end()) continue;
    point.values[i] =
        algorithms::parse_value(space[i], at->value).value_or(algorithms::kUnknownValue);
  }
  return point;
}

std::vector<resources::Assignment> to_assignments(const std::map<std::string, std::string>& texts) {
  std::vector<resources::Assignment> assignments;
  for (const auto& [name, value] : texts) assignments.push_back({name, value});
  return assignments;
}

}  // namespace mizan::suggestion
