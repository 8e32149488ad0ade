// See median_stop.h.
#include "algorithms/stopping/median_stop.h"

#include <algorithm>
#include <array>
#include <vector>

namespace mizan::algorithms {
namespace {

constexpr std::array kSettings = {
    int_setting("min_trials_required", 1, 1e9, "3", "must be greater than zero (>0)",
                "trials that must have succeeded before any is stopped"),
    int_setting("start_step", 1, 1e9, "4", "must be greater or equal than one (>=1)",
                "values of the objective that a trial may report before it can be stopped"),
};

// The middle value, the mean of the two middle ones of an even count. Requires one.
double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*std::max_element(values.begin(), middle) + *middle);
}

class MedianStop final : public StoppingRule {
 public:
  StoppingVerdict judge(const StoppingQuery& query) const override {
    const Curve& candidate = query.candidate;
    const auto required = static_cast<std::size_t>(query.settings.integer("min_trials_required"));
    StoppingVerdict verdict;
    if (candidate.reports() < static_cast<std::size_t>(query.settings.integer("start_step")))
      return verdict;
    verdict.step = candidate.last_step();
    const auto best = candidate.best_until(verdict.step);
    if (!best) return verdict;  // only NaN so far: nothing to compare
    std::vector<double> averages;
    std::size_t succeeded = 0;
    for (const Curve* peer : query.peers) {
      if (!peer->finished || peer->empty()) continue;
      // A trial that was stopped before this step says nothing about it.
      if (!peer->succeeded && peer->last_step() < verdict.step) continue;
      const auto average = peer->average_until(verdict.step);
      if (!average) continue;
      averages.push_back(*average);
      succeeded += peer->succeeded ? 1 : 0;
    }
    if (succeeded < required) return verdict;
    verdict.value = *best;
    verdict.bound = median_of(averages);
    verdict.peers = averages.size();
    verdict.bound_is = "the median of";
    verdict.stop = verdict.value > verdict.bound;
    return verdict;
  }
};

}  // namespace

std::span<const SettingSpec> median_stop_settings() { return kSettings; }

const StoppingRule& median_stop() {
  static const MedianStop kRule;
  return kRule;
}

}  // namespace mizan::algorithms
