// A column for each step that was asked for.
#include "algorithms/stopping/finished_averages.h"

#include <algorithm>

namespace mizan::algorithms {
namespace {

constexpr std::size_t kMostAverages = 2'000'000;
constexpr std::size_t kFewNew = 32;  // are put in one by one; more are sorted together

}  // namespace

void FinishedAverages::clear() {
  curves_.clear();
  columns_.clear();
}

void FinishedAverages::catch_up(double step, Column& column) const {
  const bool few = curves_.size() - column.seen <= kFewNew;
  for (; column.seen < curves_.size(); ++column.seen) {
    const Curve& curve = *curves_[column.seen];
    // A trial that was stopped before this step says nothing about it.
    if (!curve.succeeded && curve.last_step() < step) continue;
    const auto average = curve.average_until(step);
    if (!average) continue;
    column.succeeded += curve.succeeded ? 1 : 0;
    const auto place =
        few ? std::ranges::upper_bound(column.ordered, *average) : column.ordered.end();
    column.ordered.insert(place, *average);
  }
  if (!few) std::ranges::sort(column.ordered);
}

FinishedAverages::Averages FinishedAverages::at(double step) {
  const auto known = columns_.find(step);
  const bool room = (columns_.size() + 1) * curves_.size() <= kMostAverages;
  Column* column = &passing_;
  if (known != columns_.end()) {
    column = &known->second;
  } else if (room) {
    column = &columns_[step];
  } else {
    passing_ = {};
  }
  catch_up(step, *column);
  return {column->ordered, column->succeeded};
}

}  // namespace mizan::algorithms
