// See level_margin.h.
#include "algorithms/cmaes/level_margin.h"

#include <algorithm>
#include <cmath>

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

// Near enough to the end of [0, 1] to be the outermost cell in spite of rounding.
constexpr double kEnd = 1e-9;

}  // namespace

Marginal with_margin(Marginal now, UnitCell cell, double alpha) {
  const bool is_lowest = cell.low <= kEnd, is_highest = cell.high >= 1 - kEnd;
  if (is_lowest && is_highest) return now;
  if (is_lowest || is_highest) {
    // One border: the mean stays near enough to it.
    const double border = is_lowest ? cell.high : cell.low;
    const double farthest = normal_quantile(1 - alpha) * now.deviation;
    const double distance = std::min(std::fabs(now.mean - border), farthest);
    return {is_lowest ? border - distance : border + distance, now.deviation};
  }
  const double low = normal_cdf((cell.low - now.mean) / now.deviation);
  const double high = normal_cdf((now.mean - cell.high) / now.deviation);
  const double least = alpha / 2;
  if (low >= least && high >= least) return now;
  const double mid = std::max(0.0, 1 - low - high);
  const double low_now = std::max(least, low), high_now = std::max(least, high);
  const double surplus = (1 - low_now - high_now - mid) / (low_now + high_now + mid - 3 * least);
  const double low_then = std::clamp(low_now + surplus * (low_now - least), least, 0.5 - least);
  const double high_then = std::clamp(high_now + surplus * (high_now - least), least, 0.5 - least);
  // Mean and deviation that give exactly these two masses.
  const double z_low = normal_quantile(1 - low_then), z_high = normal_quantile(1 - high_then);
  return {(cell.low * z_high + cell.high * z_low) / (z_low + z_high),
          (cell.high - cell.low) / (z_low + z_high)};
}

double within_cell(Marginal now, UnitCell cell, double uniform) {
  const double a = (cell.low - now.mean) / now.deviation;
  const double b = (cell.high - now.mean) / now.deviation;
  // In the lower tail, where the cumulative mass keeps its precision.
  const bool mirrored = a > 0;
  const double from = normal_cdf(mirrored ? -b : a), to = normal_cdf(mirrored ? -a : b);
  const double mass = from + uniform * (to - from);
  if (!(mass > 0 && mass < 1)) return std::clamp(now.mean, cell.low, cell.high);
  const double z = normal_quantile(mass);
  return std::clamp(now.mean + now.deviation * (mirrored ? -z : z), cell.low, cell.high);
}

}  // namespace mizan::algorithms
