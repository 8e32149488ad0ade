// How much of a history a cache has read, so that the next call reads only what is new.
//
// Trials that end in the same second are ordered by their draws, so at many trials a second a
// result often comes in a few places before the end: what lies before it need not be read again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "algorithms/history.h"

namespace mizan::algorithms {

class ReadPrefix {
 public:
  std::size_t size() const { return digests_.size(); }

  /// Forgets all from the first evaluation on that `history` has not at the same place, and
  /// everything when it was read of another space (`space` is its hash_of); gives how many are
  /// left. O(log n).
  std::size_t keep_common(std::uint64_t space, const History& history) {
    if (std::exchange(space_, space) != space) digests_.clear();
    // Equal digests, equal prefixes: from the first that differs on, all differ.
    std::size_t common = 0, differs = std::min(size(), history.size()) + 1;
    while (differs - common > 1) {
      const std::size_t n = common + (differs - common) / 2;
      (digests_[n - 1] == history.digest(n) ? common : differs) = n;
    }
    digests_.resize(common);
    return common;
  }
  /// `history` is read to its end; it begins with what this has.
  void extend_to(const History& history) {
    for (std::size_t n = size() + 1; n <= history.size(); ++n)
      digests_.push_back(history.digest(n));
  }
  std::size_t bytes() const { return digests_.capacity() * sizeof(std::uint64_t); }

 private:
  std::uint64_t space_ = 0;
  std::vector<std::uint64_t> digests_;  // of the first 1, 2, … evaluations
};

}  // namespace mizan::algorithms
