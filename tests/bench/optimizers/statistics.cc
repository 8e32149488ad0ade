// See statistics.h.
#include "tests/bench/optimizers/statistics.h"

#include <algorithm>
#include <cmath>

#include "algorithms/counter_rng.h"

namespace mizan::bench {
namespace {

constexpr std::size_t kResamples = 1000;

double mean_of(const std::vector<double>& values, double at_most) {
  double sum = 0;
  for (const double value : values) sum += std::min(value, at_most);
  return sum / static_cast<double>(values.size());
}

}  // namespace

double relative_regret(const std::vector<double>& own, const std::vector<double>& random) {
  double largest = 0;
  for (const double value : random) {
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  const double reference = mean_of(random, largest);
  if (!(reference > 0)) return 1;
  return mean_of(own, 10 * std::max(reference, largest)) / reference;
}

Interval mean_relative_regret(const Regrets& own, const Regrets& random) {
  std::vector<double> means;
  algorithms::CounterRng rng(1, 0, algorithms::Purpose::kSample);
  const auto pick = [&](const std::vector<double>& values, bool resample) {
    std::vector<double> picked = values;
    if (resample) {
      for (double& value : picked) value = values[rng.below(values.size())];
    }
    return picked;
  };
  for (std::size_t round = 0; round <= kResamples; ++round) {
    const bool resample = round > 0;
    double sum = 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::size_t p = resample ? rng.below(own.size()) : i;
      sum += relative_regret(pick(own[p], resample), pick(random[p], resample));
    }
    means.push_back(sum / static_cast<double>(own.size()));
  }
  Interval interval{means.front(), 0, 0};
  std::sort(means.begin() + 1, means.end());
  interval.low = means[1 + kResamples / 40];
  interval.high = means[kResamples - kResamples / 40];
  return interval;
}

}  // namespace mizan::bench
