// Positions of points in the lexicographic order of a finite space.
//
// A parameter's subtree is a sequence of blocks, one for each of its levels; a block holds every
// combination of the children that the level switches on. Blocks without children hold one point,
// so only levels with children are walked: a million levels cost as little as ten.
#include <algorithm>

#include "algorithms/search_space.h"

namespace mizan::algorithms {
namespace {

constexpr std::uint64_t kMany = SearchSpace::kManyPoints;

std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) { return std::min(a + b, kMany); }

std::uint64_t product_of(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return 0;
  return a >= kMany / b ? kMany : a * b;
}

}  // namespace

std::uint64_t SearchSpace::block_size(std::span<const std::size_t> siblings) const {
  std::uint64_t size = 1;
  for (const std::size_t i : siblings) size = product_of(size, counts_[i]);
  return size;
}

void SearchSpace::count_points() {
  counts_.assign(size(), 0);
  for (auto at = order_.rbegin(); at != order_.rend(); ++at) {  // children before parents
    const std::size_t i = *at;
    const std::uint64_t levels = level_count(parameters_[i]);
    std::uint64_t count = levels - branches_[i].size();  // a continuum has no branches
    for (const auto& [level, children] : branches_[i]) {
      const std::uint64_t block = block_size(children);
      if (block == 0) {
        count = 0;
        break;
      }
      count = sum_of(count, block);
    }
    counts_[i] = std::min(count, kMany);
  }
  const std::uint64_t all = block_size(roots_);
  cardinality_ = all == 0 ? std::nullopt : std::optional(all);
}

// Adds the offset of `point` within the subtree of `i`; false when it has none or it is too large.
bool SearchSpace::add_position(std::size_t i, const Point& point, std::uint64_t& position) const {
  const auto level = level_of(parameters_[i], point.values[i]);
  if (!level) return false;
  std::uint64_t offset = 0, next = 0;  // of level `next`
  for (const auto& [branch, children] : branches_[i]) {
    if (branch >= *level) break;
    offset = sum_of(sum_of(offset, branch - next), block_size(children));
    next = branch + 1;
  }
  offset = sum_of(offset, *level - next);
  if (const auto own = branches_[i].find(*level); own != branches_[i].end()) {
    std::uint64_t within = 0;
    if (!add_positions(own->second, point, within)) return false;
    offset = sum_of(offset, within);
  }
  position = sum_of(position, offset);
  return position < kMany;
}

bool SearchSpace::add_positions(std::span<const std::size_t> siblings, const Point& point,
                                std::uint64_t& position) const {
  for (const std::size_t i : siblings) {
    position = product_of(position, counts_[i]);
    if (position == kMany || !add_position(i, point, position)) return false;
  }
  return true;
}

std::optional<std::uint64_t> SearchSpace::position_of(const Point& point) const {
  if (!is_finite() || !contains(point)) return std::nullopt;
  std::uint64_t position = 0;
  return add_positions(roots_, point, position) ? std::optional(position) : std::nullopt;
}

void SearchSpace::place(std::size_t i, std::uint64_t position, Point& point) const {
  std::uint64_t next = 0;
  for (const auto& [branch, children] : branches_[i]) {
    if (position < branch - next) break;
    position -= branch - next;
    const std::uint64_t block = block_size(children);
    if (position < block) {
      point.values[i] = level_value(parameters_[i], branch);
      place_all(children, position, point);
      return;
    }
    position -= block;
    next = branch + 1;
  }
  point.values[i] = level_value(parameters_[i], next + position);
}

void SearchSpace::place_all(std::span<const std::size_t> siblings, std::uint64_t position,
                            Point& point) const {
  for (auto at = siblings.rbegin(); at != siblings.rend(); ++at) {
    place(*at, position % counts_[*at], point);
    position /= counts_[*at];
  }
}

Point SearchSpace::at_position(std::uint64_t position) const {
  Point point{std::vector<double>(size(), kInactive)};
  place_all(roots_, position, point);
  return point;
}

}  // namespace mizan::algorithms
