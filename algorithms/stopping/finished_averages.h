// The averages of finished curves up to a step, in order: with it a report is compared with ten
// thousand trials without a look at each.
//
// Says what a walk over the curves would say; may be dropped at any time.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "algorithms/stopping/curve.h"

namespace mizan::algorithms {

class FinishedAverages {
 public:
  /// A finished curve with a report; it stays where and as it is until clear().
  void add(const Curve& curve) { curves_.push_back(&curve); }
  void clear();
  std::size_t size() const { return curves_.size(); }

  /// Of those that got to the step, or succeeded before it.
  struct Averages {
    std::span<const double> ordered;  // until the next call
    std::size_t succeeded = 0;        // how many of them
  };
  /// The first time for a step O(n log n), later O(n) for each curve that came since (a move of
  /// memory). At most 2 M averages are kept: further steps are counted anew each time.
  Averages at(double step);

 private:
  struct Column {
    std::vector<double> ordered;
    std::size_t succeeded = 0, seen = 0;  // of curves_
  };
  void catch_up(double step, Column& column) const;

  std::vector<const Curve*> curves_;
  std::map<double, Column> columns_;
  Column passing_;  // of a step that isn't kept
};

}  // namespace mizan::algorithms
