// See median_stop.h.
#include "algorithms/stopping/median_stop.h"

#include <array>
#include <span>

namespace mizan::algorithms {
namespace {

constexpr std::array kMedianSettings = {
    int_setting("min_trials_required", 1, 1e9, "3", "must be greater than zero (>0)",
                "trials that must have succeeded before any is stopped"),
    int_setting("start_step", 1, 1e9, "4", "must be greater or equal than one (>=1)",
                "values of the objective that a trial may report before it can be stopped"),
};

// The middle value, the mean of the two middle ones of an even count. Requires one; ordered.
double median_of(std::span<const double> values) {
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

FinishedAverages averages_of(std::span<const Curve* const> peers) {
  FinishedAverages finished;
  for (const Curve* peer : peers) {
    if (peer->finished && !peer->empty()) finished.add(*peer);
  }
  return finished;
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
    FinishedAverages walked;
    if (query.finished == nullptr) walked = averages_of(query.peers);
    const auto known = (query.finished == nullptr ? walked : *query.finished).at(verdict.step);
    if (known.succeeded < required) return verdict;
    verdict.value = *best;
    verdict.bound = median_of(known.ordered);
    verdict.peers = known.ordered.size();
    verdict.bound_is = "the median of";
    verdict.stop = verdict.value > verdict.bound;
    return verdict;
  }
};

}  // namespace

std::span<const SettingSpec> median_stop_settings() { return kMedianSettings; }

const StoppingRule& median_stop() {
  static const MedianStop kRule;
  return kRule;
}

}  // namespace mizan::algorithms
