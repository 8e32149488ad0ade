// Cells and cumulative masses on the scale that the distribution is declared on.
#include "algorithms/unit_interval.h"

#include <algorithm>
#include <cmath>

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

constexpr double kSigmasPerRange = 6;

// The scale t: x itself or its logarithm; a cumulative mass on it, up to a linear change.
class Scale {
 public:
  explicit Scale(const Parameter& parameter)
      : log_(parameter.is_log()),
        bell_(parameter.distribution == Distribution::kNormal ||
              parameter.distribution == Distribution::kLogNormal),
        low_(to_scale(parameter.min)),
        high_(to_scale(parameter.max)) {
    mean_ = low_ + 0.5 * (high_ - low_);
    deviation_ = (high_ - low_) / kSigmasPerRange;
  }

  double low() const { return low_; }
  double high() const { return high_; }
  double to_scale(double x) const { return log_ ? std::log(x) : x; }
  double from_scale(double t) const { return log_ ? std::exp(t) : t; }
  double mass(double t) const { return bell_ ? normal_cdf((t - mean_) / deviation_) : t; }
  double at_mass(double mass) const {
    return bell_ ? mean_ + deviation_ * normal_quantile(mass) : mass;
  }

 private:
  bool log_, bell_;
  double low_, high_, mean_ = 0, deviation_ = 1;
};

// The cumulative masses of a grid's cells; edge(k) is the lower edge of level k, edge(size) the
// upper of the last.
class Cells {
 public:
  Cells(const Scale& scale, const DecimalGrid& grid) : scale_(scale), grid_(grid) {
    first_ = raw_edge(0);
    width_ = raw_edge(grid.size()) - first_;
  }

  double edge(std::uint64_t k) const { return (raw_edge(k) - first_) / width_; }
  double raw(double u) const { return first_ + u * width_; }

 private:
  double at(std::uint64_t k) const { return scale_.to_scale(grid_.value(k)); }
  double raw_edge(std::uint64_t k) const {
    const std::uint64_t n = grid_.size();
    if (k == 0) return scale_.mass(at(0) - 0.5 * (at(1) - at(0)));
    if (k == n) return scale_.mass(at(n - 1) + 0.5 * (at(n - 1) - at(n - 2)));
    return scale_.mass(0.5 * (at(k - 1) + at(k)));
  }

  const Scale& scale_;
  const DecimalGrid& grid_;
  double first_ = 0, width_ = 1;
};

double grid_from_unit(const Parameter& parameter, double u) {
  const DecimalGrid& grid = *parameter.grid;
  const Scale scale(parameter);
  const Cells cells(scale, grid);
  std::uint64_t k = grid.nearest(scale.from_scale(scale.at_mass(cells.raw(u))));
  // Nearest on x may differ from nearest on t: walk to the cell that u is in. It is next door,
  // except in grids so long that u can't tell neighbours apart; there any of them will do.
  for (int i = 0; i < 64 && k > 0 && u < cells.edge(k); ++i) --k;
  for (int i = 0; i < 64 && k + 1 < grid.size() && u >= cells.edge(k + 1); ++i) ++k;
  return grid.value(k);
}

}  // namespace

double to_unit(const Parameter& parameter, double value) {
  const std::uint64_t levels = level_count(parameter);
  if (levels == 1) return 0.5;
  const double inside = snap(parameter, value);
  if (parameter.grid) {
    const Scale scale(parameter);
    const Cells cells(scale, *parameter.grid);
    const std::uint64_t k = parameter.grid->nearest(inside);
    return std::clamp(0.5 * (cells.edge(k) + cells.edge(k + 1)), 0.0, 1.0);
  }
  if (levels > 0) {
    const auto k = static_cast<double>(level_of(parameter, inside).value_or(0));
    return (k + 0.5) / static_cast<double>(levels);
  }
  const Scale scale(parameter);
  const double low = scale.mass(scale.low()), high = scale.mass(scale.high());
  return std::clamp((scale.mass(scale.to_scale(inside)) - low) / (high - low), 0.0, 1.0);
}

double from_unit(const Parameter& parameter, double u) {
  u = std::isnan(u) ? 0.5 : std::clamp(u, 0.0, 1.0);
  const std::uint64_t levels = level_count(parameter);
  if (levels == 1) return level_value(parameter, 0);
  if (parameter.grid) return grid_from_unit(parameter, u);
  if (levels > 0) {
    const auto k = static_cast<std::uint64_t>(u * static_cast<double>(levels));
    return level_value(parameter, std::min(k, levels - 1));
  }
  if (u == 0) return parameter.min;
  if (u == 1) return parameter.max;
  const Scale scale(parameter);
  const double low = scale.mass(scale.low()), high = scale.mass(scale.high());
  return std::clamp(scale.from_scale(scale.at_mass(low + u * (high - low))), parameter.min,
                    parameter.max);
}

UnitCell unit_cell(const Parameter& parameter, double value) {
  const std::uint64_t levels = level_count(parameter);
  if (levels == 1) return {};
  const double inside = snap(parameter, value);
  if (parameter.grid) {
    const Scale scale(parameter);
    const Cells cells(scale, *parameter.grid);
    const std::uint64_t k = parameter.grid->nearest(inside);
    return {cells.edge(k), cells.edge(k + 1)};
  }
  const auto k = static_cast<double>(level_of(parameter, inside).value_or(0));
  const auto count = static_cast<double>(levels);
  return {k / count, (k + 1) / count};
}

}  // namespace mizan::algorithms
