// See output_transform.h.
#include "algorithms/bayes/output_transform.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

// How much worse than the worst result a failure counts, in spreads.
constexpr double kFailureGap = 0.5;

// Half-rank warping in place; requires at least one value.
void warp_worse_half(std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[(n - 1) / 2];
  double squares = 0;
  std::size_t count = 0;
  for (const double value : sorted) {
    if (value > median) break;
    // Halves first: the difference of two huge losses may overflow.
    const double gap = value / 2 - median / 2;
    squares += 4 * gap * gap;
    ++count;
  }
  double spread = std::sqrt(squares / static_cast<double>(count));
  if (!(spread > 0) || !std::isfinite(spread)) spread = std::max(1e-12, std::fabs(median) * 1e-3);
  for (double& value : values) {
    if (value <= median) continue;
    const auto low = std::lower_bound(sorted.begin(), sorted.end(), value);
    const auto high = std::upper_bound(sorted.begin(), sorted.end(), value);
    // Ties share the middle of their ranks.
    const double rank = 0.5 * static_cast<double>((low - sorted.begin()) + (high - sorted.begin()));
    value =
        median + spread * normal_quantile(std::clamp(rank / static_cast<double>(n), 0.5, 1 - 1e-6));
  }
}

}  // namespace

TransformedValues transform_values(const EvaluationTable& table,
                                   const std::vector<std::size_t>& rows) {
  TransformedValues result;
  result.values = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(rows.size()));
  std::vector<double> measured, complete;
  for (const std::size_t row : rows) {
    if (table.standing(row) == Standing::kComplete) complete.push_back(table.value(row));
  }
  std::sort(complete.begin(), complete.end());
  for (const std::size_t row : rows) {
    if (table.standing(row) == Standing::kBad) continue;
    double value = std::clamp(table.value(row), -1e150, 1e150);
    if (table.standing(row) == Standing::kStopped && !complete.empty())
      value = std::max(value, complete[complete.size() / 2]);
    measured.push_back(value);
  }
  if (measured.empty()) return result;
  warp_worse_half(measured);

  const auto n = static_cast<double>(measured.size());
  const double worst = *std::max_element(measured.begin(), measured.end());
  const double mean = std::accumulate(measured.begin(), measured.end(), 0.0) / n;
  double squares = 0;
  for (const double value : measured) squares += (value - mean) * (value - mean);
  const double spread = std::sqrt(squares / n);
  const bool flat = !(spread > 1e-300) || !std::isfinite(spread) || !std::isfinite(mean);
  result.centre = flat ? measured.front() : mean;
  result.scale = flat ? 1 : spread;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool bad = table.standing(rows[i]) == Standing::kBad;
    const double value = bad ? worst : measured[next++];
    result.values[static_cast<Eigen::Index>(i)] =
        (flat ? 0 : (value - result.centre) / result.scale) + (bad ? kFailureGap : 0);
  }
  return result;
}

}  // namespace mizan::algorithms
