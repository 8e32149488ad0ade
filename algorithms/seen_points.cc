// Hashes of points, 64 bits each: two different points among 10,000 meet with a chance of one in
// 10^11, and then a fresh point is passed over, which changes nothing that matters.
#include "algorithms/seen_points.h"

#include <bit>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {

std::uint64_t hash_of(const SearchSpace& space) {
  std::uint64_t hash = mix64(space.size());
  const auto add = [&](std::uint64_t value) { hash = mix64(hash ^ value); };
  const auto add_text = [&](std::string_view text) {
    add(text.size());
    for (const char c : text) add(static_cast<unsigned char>(c));
  };
  for (const Parameter& p : space.parameters()) {
    add_text(p.name);
    add(static_cast<std::uint64_t>(p.kind) * 16 + static_cast<std::uint64_t>(p.distribution));
    add(std::bit_cast<std::uint64_t>(p.min));
    add(std::bit_cast<std::uint64_t>(p.max));
    add(level_count(p));
    for (const std::string& text : p.texts) add_text(text);
    add(p.condition ? p.condition->parent + 1 : 0);
    if (!p.condition) continue;
    for (const double value : p.condition->values) add(std::bit_cast<std::uint64_t>(value));
  }
  return hash;
}

void SeenPoints::update(const SearchSpace& space, const History& history,
                        const std::vector<EvaluationPtr>& pending) {
  const std::size_t common = read_.keep_common(hash_of(space), history);
  while (hashes_.size() > common) forget_last();
  for (std::size_t i = common; i < history.size(); ++i) {
    const Point& point = history[i].point;
    hashes_.push_back(space.contains(point) ? std::optional(hash_of(point)) : std::nullopt);
    if (hashes_.back()) ++finished_[*hashes_.back()];
  }
  read_.extend_to(history);
  pending_.clear();
  for (const EvaluationPtr& evaluation : pending) {
    if (space.contains(evaluation->point)) pending_.insert(hash_of(evaluation->point));
  }
}

void SeenPoints::forget_last() {
  if (hashes_.back()) {
    const auto found = finished_.find(*hashes_.back());
    if (--found->second == 0) finished_.erase(found);
  }
  hashes_.pop_back();
}

std::uint64_t SeenPoints::size() const {
  std::uint64_t both = 0;
  for (const std::uint64_t hash : pending_) both += finished_.contains(hash) ? 1 : 0;
  return finished_.size() + pending_.size() - both;
}

}  // namespace mizan::algorithms
