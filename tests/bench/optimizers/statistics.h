// Relative regret: how much of random search's distance to the best value an optimizer leaves.
#pragma once

#include <cstdint>
#include <vector>

namespace mizan::bench {

/// regrets[problem][seed], not negative; may be infinite where nothing was found.
using Regrets = std::vector<std::vector<double>>;

struct Interval {
  double mean = 0, low = 0, high = 0;  // 95%
};

/// Of one problem: the mean over seeds divided by random search's. 1 when random search leaves
/// nothing. Infinite regrets count as ten times random search's mean.
double relative_regret(const std::vector<double>& own, const std::vector<double>& random);

/// The arithmetic mean over problems, with a bootstrap over problems and seeds.
Interval mean_relative_regret(const Regrets& own, const Regrets& random);

}  // namespace mizan::bench
