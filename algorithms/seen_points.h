// The points that are evaluated or pending, kept from call to call so that a draw doesn't read
// 10,000 of them.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "algorithms/history.h"
#include "algorithms/read_prefix.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {

/// Part of optimizers' caches. Answers depend on the arguments of `update` alone.
class SeenPoints {
 public:
  /// Brings the set up to this history and these pending ones. Of a history of the same space only
  /// what differs from the last one's is read. Points outside the space are left out.
  void update(const SearchSpace& space, const History& history,
              const std::vector<EvaluationPtr>& pending);

  bool contains(const Point& point) const {
    const std::uint64_t hash = hash_of(point);
    return finished_.contains(hash) || pending_.contains(hash);
  }
  /// How many different points of the space are in it.
  std::uint64_t size() const;
  std::size_t bytes() const {
    return (finished_.size() * 5 + pending_.size() * 4 + hashes_.capacity() * 2) *
               sizeof(std::uint64_t) +
           read_.bytes();
  }

 private:
  void forget_last();

  ReadPrefix read_;
  std::vector<std::optional<std::uint64_t>> hashes_;  // of each evaluation read; none: outside
  std::unordered_map<std::uint64_t, std::uint32_t> finished_;  // how often
  std::unordered_set<std::uint64_t> pending_;
};

/// Identifies a space within caches.
std::uint64_t hash_of(const SearchSpace& space);

}  // namespace mizan::algorithms
