// Conditions, membership and encoding; search_space_positions.cc has the arithmetic of positions.
#include "algorithms/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "algorithms/counter_rng.h"
#include "algorithms/unit_interval.h"

namespace mizan::algorithms {
namespace {

void require_different_names(const std::vector<Parameter>& parameters,
                             std::vector<FieldError>& errors) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (seen.insert(parameters[i].name).second) continue;
    errors.push_back(
        {FieldReason::kDuplicate, fmt::format("parameters[{}].name", i),
         fmt::format("\"{}\" is the name of an earlier parameter", parameters[i].name)});
  }
}

// What is wrong with one condition, or "".
std::string fault_of(const std::vector<Parameter>& parameters, std::size_t i) {
  const Condition& condition = *parameters[i].condition;
  if (condition.parent >= parameters.size()) return "names no parameter of the space";
  const Parameter& parent = parameters[condition.parent];
  if (level_count(parent) == 0)
    return fmt::format(
        "\"{}\" has no step: only a parameter with countable values can switch others on",
        parent.name);
  if (condition.values.empty()) return "must list at least one value of its parent";
  for (const double value : condition.values) {
    if (!level_of(parent, value))
      return fmt::format("lists a value that \"{}\" can't have", parent.name);
  }
  std::size_t steps = 0;
  for (std::size_t at = i;
       parameters[at].condition && parameters[at].condition->parent < parameters.size();) {
    at = parameters[at].condition->parent;
    if (at == i || ++steps > parameters.size())
      return "forms a cycle: a parameter can't depend on itself";
  }
  return "";
}

}  // namespace

Result<SearchSpace> SearchSpace::make(std::vector<Parameter> parameters) {
  SearchSpace space;
  space.parameters_ = std::move(parameters);
  if (const auto added = space.add_conditions(); !added) return std::unexpected(added.error());
  space.order_parameters();
  space.count_points();
  return space;
}

Result<> SearchSpace::add_conditions() {
  std::vector<FieldError> errors;
  require_different_names(parameters_, errors);
  for (std::size_t i = 0; i < size(); ++i) {
    if (!parameters_[i].condition) continue;
    if (std::string fault = fault_of(parameters_, i); !fault.empty())
      errors.push_back(
          {FieldReason::kInvalid, fmt::format("parameters[{}].activeWhen", i), std::move(fault)});
  }
  if (!errors.empty())
    return fail(Code::kInvalid, "the parameters don't form a search space", std::move(errors));
  branches_.resize(size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (!parameters_[i].condition) {
      roots_.push_back(i);
      continue;
    }
    const Condition& condition = *parameters_[i].condition;
    for (const double value : condition.values) {
      auto& children = branches_[condition.parent][*level_of(parameters_[condition.parent], value)];
      if (children.empty() || children.back() != i) children.push_back(i);
    }
  }
  return {};
}

void SearchSpace::order_parameters() {
  std::vector<bool> placed(size(), false);
  while (order_.size() < size()) {
    for (std::size_t i = 0; i < size(); ++i) {
      const bool ready = !parameters_[i].condition || placed[parameters_[i].condition->parent];
      if (placed[i] || !ready) continue;
      placed[i] = true;
      order_.push_back(i);
    }
  }
}

std::optional<std::size_t> SearchSpace::find(std::string_view name) const {
  const auto at = std::find_if(parameters_.begin(), parameters_.end(),
                               [&](const Parameter& p) { return p.name == name; });
  return at == parameters_.end()
             ? std::nullopt
             : std::optional(static_cast<std::size_t>(at - parameters_.begin()));
}

bool SearchSpace::is_switched_on(std::size_t i, const Point& point) const {
  while (parameters_[i].condition) {
    const Condition& condition = *parameters_[i].condition;
    const double value = point.values[condition.parent];
    if (std::find(condition.values.begin(), condition.values.end(), value) ==
        condition.values.end())
      return false;
    i = condition.parent;
  }
  return true;
}

bool SearchSpace::contains(const Point& point) const {
  if (point.values.size() != size()) return false;
  for (std::size_t i = 0; i < size(); ++i) {
    const bool right = is_switched_on(i, point) ? is_value_of(parameters_[i], point.values[i])
                                                : !point.is_active(i);
    if (!right) return false;
  }
  return true;
}

Point SearchSpace::snapped(Point point) const {
  for (const std::size_t i : order_) {
    double& value = point.values[i];
    if (!is_switched_on(i, point)) {
      value = kInactive;
    } else {
      value = std::isnan(value) ? algorithms::from_unit(parameters_[i], 0.5)
                                : snap(parameters_[i], value);
    }
  }
  return point;
}

std::vector<double> SearchSpace::to_unit(const Point& point) const {
  std::vector<double> u(size(), kInactive);
  for (std::size_t i = 0; i < size(); ++i) {
    if (point.is_active(i)) u[i] = algorithms::to_unit(parameters_[i], point.values[i]);
  }
  return u;
}

Point SearchSpace::from_unit(std::span<const double> u) const {
  Point point{std::vector<double>(size(), kInactive)};
  for (const std::size_t i : order_) {
    if (is_switched_on(i, point)) point.values[i] = algorithms::from_unit(parameters_[i], u[i]);
  }
  return point;
}

std::uint64_t hash_of(const Point& point) {
  std::uint64_t hash = mix64(point.values.size());
  for (const double value : point.values) {
    const std::uint64_t bits =
        std::isnan(value) ? 0x7FF8000000000000ULL : std::bit_cast<std::uint64_t>(value + 0.0);
    hash = mix64(hash ^ bits);
  }
  return hash;
}

}  // namespace mizan::algorithms
