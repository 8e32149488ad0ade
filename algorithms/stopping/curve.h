// What a trial reported of its objective while it ran, ready to be asked for averages and bests up
// to a step: stopping rules ask that of thousands of curves at each report.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace mizan::algorithms {

/// By step. Values are minimised and may be NaN or infinite: such reports count, and have no part
/// in averages and bests.
class Curve {
 public:
  /// A report in order of arrival. `step` is the trial's own (epoch, round), or the report's
  /// number. O(1) when steps ascend.
  void add(double step, double value);

  std::size_t reports() const { return reports_; }
  bool empty() const { return entries_.empty(); }
  /// The largest step so far, and the largest before the newest report (-infinity at first).
  /// Requires a report.
  double last_step() const { return entries_.back().step; }
  double step_before() const { return step_before_; }

  /// Mean and smallest of the finite values up to and including `step`; nothing when there is none.
  std::optional<double> average_until(double step) const;
  std::optional<double> best_until(double step) const;

  /// Drops points evenly until at most `limit` (at least 2) are left; what is left still tells of
  /// those that went. For curves that are complete.
  void thin(std::size_t limit);
  std::size_t bytes() const { return entries_.capacity() * sizeof(Entry); }

  bool finished = false;  // nothing more will come: succeeded, or stopped early
  bool succeeded = false;

 private:
  struct Entry {
    double step, value, sum, best;
    std::size_t count;  // of finite values up to here; sum and best are theirs
  };
  const Entry* at(double step) const;
  void recount(std::size_t from);

  std::vector<Entry> entries_;
  std::size_t reports_ = 0;
  double step_before_ = 0;
};

}  // namespace mizan::algorithms
