// Each entry holds the running sum and best: a question is one binary search.
#include "algorithms/stopping/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mizan::algorithms {

void Curve::add(double step, double value) {
  step_before_ = empty() ? -std::numeric_limits<double>::infinity() : last_step();
  ++reports_;
  const auto place =
      std::upper_bound(entries_.begin(), entries_.end(), step,
                       [](double wanted, const Entry& entry) { return wanted < entry.step; });
  const auto index = static_cast<std::size_t>(place - entries_.begin());
  entries_.insert(place, Entry{step, value, 0, 0, 0});
  recount(index);
}

void Curve::recount(std::size_t from) {
  for (std::size_t i = from; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    const bool is_finite = std::isfinite(entry.value);
    entry.sum = (i == 0 ? 0 : entries_[i - 1].sum) + (is_finite ? entry.value : 0);
    entry.count = (i == 0 ? 0 : entries_[i - 1].count) + (is_finite ? 1 : 0);
    const double before = i == 0 ? std::numeric_limits<double>::infinity() : entries_[i - 1].best;
    entry.best = is_finite ? std::min(before, entry.value) : before;
  }
}

const Curve::Entry* Curve::at(double step) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), step,
                       [](double wanted, const Entry& entry) { return wanted < entry.step; });
  return after == entries_.begin() || (after - 1)->count == 0 ? nullptr : &*(after - 1);
}

std::optional<double> Curve::average_until(double step) const {
  const Entry* entry = at(step);
  if (entry == nullptr) return std::nullopt;
  return entry->sum / static_cast<double>(entry->count);
}

std::optional<double> Curve::best_until(double step) const {
  const Entry* entry = at(step);
  return entry == nullptr ? std::nullopt : std::optional(entry->best);
}

void Curve::thin(std::size_t limit) {
  if (entries_.size() <= limit) return;
  std::vector<Entry> kept;
  kept.reserve(limit);
  for (std::size_t i = 0; i < limit; ++i)
    kept.push_back(entries_[i * (entries_.size() - 1) / (limit - 1)]);
  entries_ = std::move(kept);
}

}  // namespace mizan::algorithms
