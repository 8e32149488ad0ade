// A history as rows of numbers: unit coordinates, value, and what the row may be used for. Kept
// from call to call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/history.h"
#include "algorithms/read_prefix.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {

enum class Standing : std::uint8_t {
  kComplete,  // finished with a finite value
  kStopped,   // stopped early with a finite value: informative, never the best
  kBad,       // failed, infeasible, or a value that isn't finite: to be avoided
  kUnusable,  // excluded, outside the space, or without a value for no fault of the point
};

inline bool is_measured(Standing standing) {
  return standing == Standing::kComplete || standing == Standing::kStopped;
}

/// Part of optimizers' caches: what it holds depends on the arguments of `update` alone.
class EvaluationTable {
 public:
  /// Of a history of the same space only what differs from the last one's is read.
  void update(const SearchSpace& space, const History& history);

  std::size_t size() const { return standings_.size(); }
  Standing standing(std::size_t i) const { return standings_[i]; }
  /// First objective; finite where is_measured(standing(i)).
  double value(std::size_t i) const { return values_[i]; }
  /// NaN where inactive. Empty rows never occur; unusable rows hold NaNs.
  std::span<const double> unit(std::size_t i) const { return {units_.data() + i * width_, width_}; }
  /// How many rows are measured.
  std::size_t measured() const { return measured_; }
  std::size_t bytes() const {
    return units_.capacity() * sizeof(double) + standings_.capacity() * 9 + read_.bytes();
  }

 private:
  void append(const SearchSpace& space, const Evaluation& evaluation);
  void cut_to(std::size_t rows);

  ReadPrefix read_;
  std::vector<Standing> standings_;
  std::vector<double> values_, units_;
  std::size_t width_ = 0, measured_ = 0;
};

}  // namespace mizan::algorithms
