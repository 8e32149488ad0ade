// The points that are evaluated or pending, kept from call to call so that a draw doesn't read
// 10,000 of them.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "algorithms/history.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {

/// Part of optimizers' caches. Answers depend on the arguments of `update` alone.
class SeenPoints {
 public:
  /// Brings the set up to this history and these pending ones: only what is new is read when the
  /// history extends the last one, everything otherwise. Points outside the space are left out.
  void update(const SearchSpace& space, const History& history,
              const std::vector<EvaluationPtr>& pending);

  bool contains(const Point& point) const {
    const std::uint64_t hash = hash_of(point);
    return finished_.contains(hash) || pending_.contains(hash);
  }
  /// How many different points of the space are in it.
  std::uint64_t size() const;
  std::size_t bytes() const {
    return (finished_.size() + pending_.size()) * 4 * sizeof(std::uint64_t);
  }

 private:
  std::unordered_set<std::uint64_t> finished_, pending_;
  std::uint64_t digest_ = 0, space_ = 0;
  std::size_t size_ = 0;
};

/// Identifies a space within caches.
std::uint64_t hash_of(const SearchSpace& space);

}  // namespace mizan::algorithms
