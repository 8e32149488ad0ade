// One-dimensional densities on a grid of cells, of the best results and of all.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/counter_rng.h"
#include "algorithms/importance/importance.h"
#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kCells = 64;
constexpr std::size_t kLeastTop = 5;
constexpr double kTopShare = 0.1;
constexpr int kBootstraps = 24;
constexpr double kFloor = 1e-3;  // of a uniform density, mixed in so that no cell is empty

// One parameter's cells and how results smear over them.
struct Axis {
  std::size_t cells = 0;  // the last one is for "inactive" when `conditional`
  bool smooth = false;    // neighbours are alike: numbers, not categories
  bool conditional = false;
  std::vector<std::uint32_t> cell_of;  // by result
};

Axis axis_of(const Parameter& parameter, std::size_t index, const EvaluationTable& table,
             const std::vector<std::size_t>& rows) {
  Axis axis;
  const std::uint64_t levels = level_count(parameter);
  const std::size_t cells =
      levels > 0 && (levels <= kCells || !parameter.is_numeric()) ? levels : kCells;
  axis.smooth = parameter.is_numeric() && cells > 2;
  for (const std::size_t row : rows) {
    const double u = table.unit(row)[index];
    axis.conditional = axis.conditional || std::isnan(u);
    axis.cell_of.push_back(static_cast<std::uint32_t>(
        std::isnan(u)
            ? cells
            : std::min(cells - 1, static_cast<std::size_t>(u * static_cast<double>(cells)))));
  }
  axis.cells = cells + (axis.conditional ? 1 : 0);
  return axis;
}

// Counts to a density by a normal kernel of Scott's bandwidth, reflected at the ends.
std::vector<double> density(const Axis& axis, const std::vector<double>& counts) {
  const double n = std::accumulate(counts.begin(), counts.end(), 0.0);
  const std::size_t numbered = axis.cells - (axis.conditional ? 1 : 0);
  std::vector<double> smooth = counts;
  if (axis.smooth && n > 0) {
    double mean = 0, square = 0;
    for (std::size_t c = 0; c < numbered; ++c) {
      mean += counts[c] * static_cast<double>(c);
      square += counts[c] * static_cast<double>(c * c);
    }
    const double variance = std::max(0.0, square / n - mean / n * mean / n);
    const double width = std::max(0.75, 1.06 * std::sqrt(variance) * std::pow(n, -0.2));
    const auto reach = static_cast<std::ptrdiff_t>(std::ceil(3 * width));
    const auto last = static_cast<std::ptrdiff_t>(numbered);
    std::fill(smooth.begin(), smooth.begin() + last, 0.0);
    std::vector<double> kernel;
    for (std::ptrdiff_t k = 0; k <= reach; ++k)
      kernel.push_back(normal_pdf(static_cast<double>(k) / width));
    for (std::ptrdiff_t c = 0; c < last; ++c) {
      if (counts[static_cast<std::size_t>(c)] == 0) continue;
      for (std::ptrdiff_t k = -reach; k <= reach; ++k) {
        std::ptrdiff_t to = c + k;
        if (to < 0) to = -to - 1;
        if (to >= last) to = 2 * last - to - 1;
        if (to < 0 || to >= last) continue;
        smooth[static_cast<std::size_t>(to)] +=
            counts[static_cast<std::size_t>(c)] * kernel[static_cast<std::size_t>(std::abs(k))];
      }
    }
  }
  const double total = std::accumulate(smooth.begin(), smooth.end(), 0.0);
  for (double& p : smooth)
    p = (1 - kFloor) * (total > 0 ? p / total : 0) + kFloor / static_cast<double>(axis.cells);
  return smooth;
}

// Divergence of the best from all, for one (re)sampling of the results given as weights.
double divergence(const Axis& axis, const std::vector<double>& weights,
                  const std::vector<bool>& is_top) {
  if (axis.cells < 2) return 0;
  std::vector<double> all(axis.cells, 0), top(axis.cells, 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    all[axis.cell_of[i]] += weights[i];
    if (is_top[i]) top[axis.cell_of[i]] += weights[i];
  }
  const std::vector<double> p_all = density(axis, all), p_top = density(axis, top);
  double sum = 0;
  for (std::size_t c = 0; c < axis.cells; ++c) {
    const double ratio = p_top[c] / p_all[c] - 1;
    sum += p_all[c] * ratio * ratio;
  }
  return sum;
}

// The best of the weighted results; `order` is by value.
std::vector<bool> top_of(const std::vector<std::size_t>& order,
                         const std::vector<double>& weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const double wanted = std::max(static_cast<double>(kLeastTop), std::ceil(kTopShare * total));
  std::vector<bool> is_top(order.size(), false);
  double got = 0;
  for (const std::size_t i : order) {
    if (got >= wanted) break;
    is_top[i] = true;
    got += weights[i];
  }
  return is_top;
}

std::vector<double> shares_of(std::vector<double> values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double& value : values) value = sum > 0 ? value / sum : 0;
  return values;
}

}  // namespace

Importance ped_anova(const SearchSpace& space, const EvaluationTable& table, std::uint64_t seed) {
  Importance found{std::vector<double>(space.size(), 0), std::vector<double>(space.size(), 0), 0};
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.standing(i) == Standing::kComplete) rows.push_back(i);
  }
  found.results = rows.size();
  if (rows.size() < kLeastForImportance) return found;
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = table.value(rows[a]), y = table.value(rows[b]);
    return x != y ? x < y : a < b;
  });
  if (table.value(rows[order.front()]) == table.value(rows[order.back()])) return found;
  std::vector<Axis> axes;
  for (std::size_t p = 0; p < space.size(); ++p) axes.push_back(axis_of(space[p], p, table, rows));

  std::vector<double> sums(space.size(), 0), squares(space.size(), 0);
  for (int round = 0; round <= kBootstraps; ++round) {
    std::vector<double> weights(rows.size(), round == 0 ? 1 : 0);
    CounterRng rng(seed, static_cast<std::uint64_t>(round), Purpose::kModel);
    for (std::size_t i = 0; round > 0 && i < rows.size(); ++i) weights[rng.below(rows.size())] += 1;
    const std::vector<bool> is_top = top_of(order, weights);
    std::vector<double> values;
    for (const Axis& axis : axes) values.push_back(divergence(axis, weights, is_top));
    const std::vector<double> shares = shares_of(std::move(values));
    if (round == 0) {
      found.share = shares;
      continue;
    }
    for (std::size_t p = 0; p < shares.size(); ++p) {
      sums[p] += shares[p];
      squares[p] += shares[p] * shares[p];
    }
  }
  for (std::size_t p = 0; p < sums.size(); ++p) {
    const double mean = sums[p] / kBootstraps;
    found.sd[p] = std::sqrt(std::max(0.0, squares[p] / kBootstraps - mean * mean));
  }
  return found;
}

}  // namespace mizan::algorithms
