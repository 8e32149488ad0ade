// The curves of an experiment's trials, side by side for a stopping rule: what a report is compared
// with is at hand without a walk over all trials.
#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "algorithms/stopping/curve.h"

namespace mizan::suggestion {

/// Refers to curves that stay where they are until they are removed. Thread: io.
class PeerCurves {
 public:
  void put(const algorithms::Curve& curve);  // again: nothing changes. O(1)
  void remove(const algorithms::Curve& curve);
  /// All but `curve`, in no order; until the next call of anything here. O(1).
  std::span<const algorithms::Curve* const> others(const algorithms::Curve& curve);

  std::size_t size() const { return curves_.size(); }

 private:
  void swap(std::size_t a, std::size_t b);

  std::vector<const algorithms::Curve*> curves_;
  std::unordered_map<const algorithms::Curve*, std::size_t> places_;
};

}  // namespace mizan::suggestion
