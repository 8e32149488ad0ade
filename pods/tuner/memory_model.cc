// Shapes, their honest errors, and the choice between them.
#include "pods/tuner/memory_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "algorithms/regression/ridge.h"

namespace mizan::pods {
namespace {

using algorithms::RidgeFit;

constexpr std::size_t kMostRows = 400;  // the newest; older ones say little more
constexpr std::size_t kMostLevels = 8;  // of one category
constexpr double kSure = 2.5;           // and be better by so many standard errors,
constexpr double kUnsure = 10;          // more while there are few trials to tell them from
constexpr double kWorthIt = 0.85;       // a shape that looks at more must cost so much less

enum class Shape { kPercentile, kLinear, kProducts, kPowers };
constexpr std::array kShapes = {Shape::kPercentile, Shape::kLinear, Shape::kPowers,
                                Shape::kProducts};

const char* name_of(Shape shape) {
  switch (shape) {
    case Shape::kPercentile:
      return "percentile of peaks";
    case Shape::kLinear:
      return "linear";
    case Shape::kProducts:
      return "products";
    case Shape::kPowers:
      return "powers";
  }
  return "";
}

/// Turns points into rows: a constant, numbers brought to [0, 1] (or their logarithms), a column
/// for each level of a category but the first, and for products every pair.
class Encoder {
 public:
  Encoder(Shape shape, const std::vector<TunerPoint>& points) : shape_(shape) {
    const TunerPoint& first = points.front();
    for (std::size_t i = 0; i < first.numbers.size(); ++i) {
      double low = first.numbers[i], high = low;
      for (const TunerPoint& point : points) {
        low = std::min(low, point.numbers[i]);
        high = std::max(high, point.numbers[i]);
      }
      if (shape == Shape::kPowers && low <= 0) usable_ = false;
      bounds_.emplace_back(low, high);
    }
    for (std::size_t i = 0; i < first.categories.size(); ++i) {
      std::set<std::string> levels;
      for (const TunerPoint& point : points) levels.insert(point.categories[i]);
      if (levels.size() > kMostLevels) levels.clear();
      if (!levels.empty()) levels.erase(levels.begin());
      levels_.emplace_back(levels.begin(), levels.end());
    }
  }

  bool usable() const { return usable_; }

  std::vector<double> row(const TunerPoint& point) const {
    std::vector<double> row{1};
    if (shape_ == Shape::kPercentile) return row;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      const auto [low, high] = bounds_[i];
      if (high <= low) continue;
      if (shape_ == Shape::kPowers) {
        row.push_back(std::log(std::max(point.numbers[i], low * 0.1) / low) / std::log(high / low));
      } else {
        row.push_back((point.numbers[i] - low) / (high - low));
      }
    }
    const std::size_t numbers = row.size();
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      for (const std::string& level : levels_[i])
        row.push_back(point.categories[i] == level ? 1 : 0);
    }
    if (shape_ != Shape::kProducts) return row;
    const std::size_t single = row.size();
    for (std::size_t i = 1; i < numbers; ++i) {
      for (std::size_t j = i; j < single; ++j) row.push_back(row[i] * row[j]);
    }
    return row;
  }

 private:
  Shape shape_;
  bool usable_ = true;
  std::vector<std::pair<double, double>> bounds_;
  std::vector<std::vector<std::string>> levels_;
};

/// By how much what was needed passed what would have been said: the margin is a high percentile of
/// these ratios, and wider while they are few.
double margin_of(std::vector<double> ratios, double percentile) {
  std::ranges::sort(ratios);
  const auto n = static_cast<double>(ratios.size());
  const double place = std::min(percentile * (n + 1), n) - 1;
  const auto below = static_cast<std::size_t>(std::max(place, 0.0));
  const std::size_t above = std::min(below + 1, ratios.size() - 1);
  const double high =
      ratios[below] + (ratios[above] - ratios[below]) * (place - static_cast<double>(below));
  const double middle = ratios[ratios.size() / 2];
  const double spread = std::max(high - middle, 0.02);
  return std::max(high, 1.0) + 0.02 + 1.5 * spread / std::sqrt(n);
}

struct Fitted {
  Shape shape = Shape::kPercentile;
  Encoder encoder;
  RidgeFit fit;
  double margin = 1, least_ratio = 1, cost = 0;
  std::vector<double> costs{};  // of each row; cost is their mean
  bool logarithmic() const { return shape == Shape::kPowers; }
};

std::optional<Fitted> fit(Shape shape, const std::vector<TunerPoint>& points,
                          const std::vector<double>& peaks, const ModelCosts& costs) {
  Encoder encoder(shape, points);
  if (!encoder.usable()) return std::nullopt;
  const bool logarithmic = shape == Shape::kPowers;
  std::vector<std::vector<double>> rows;
  std::vector<double> targets, scales;
  for (std::size_t i = 0; i < points.size(); ++i) {
    rows.push_back(encoder.row(points[i]));
    targets.push_back(logarithmic ? std::log(peaks[i]) : peaks[i]);
    scales.push_back(logarithmic ? 1.0 : peaks[i]);
  }
  if (rows.size() < rows.front().size() + 2) return std::nullopt;
  auto found = algorithms::fit_ridge(rows, targets, scales);
  if (!found) return std::nullopt;
  Fitted fitted{shape, std::move(encoder), *std::move(found)};
  std::vector<double> ratios;
  const double least = std::ranges::min(peaks) * 0.5;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    double said = fitted.fit.left_out[i];
    said = std::max(logarithmic ? std::exp(std::min(said, 80.0)) : said, least);
    ratios.push_back(peaks[i] / said);
  }
  fitted.margin = margin_of(ratios, costs.percentile);
  fitted.least_ratio = std::min(std::ranges::min(ratios), 1.0);
  // A shape with many columns has to earn them.
  const double earned =
      1 - static_cast<double>(rows.front().size()) / static_cast<double>(2 * rows.size());
  for (const double ratio : ratios) {
    const double lost = ratio > fitted.margin ? costs.short_by : fitted.margin / ratio - 1;
    fitted.costs.push_back(lost / earned);
    fitted.cost += fitted.costs.back() / static_cast<double>(ratios.size());
  }
  return fitted;
}

/// Whether `other` is better by more than luck: luck makes one of many shapes look good on few
/// trials that hyperparameters don't explain.
bool is_better(const Fitted& other, const Fitted& best) {
  if (other.cost >= kWorthIt * best.cost) return false;
  const auto n = static_cast<double>(best.costs.size());
  const double gain = best.cost - other.cost;
  double variance = 0;
  for (std::size_t i = 0; i < best.costs.size(); ++i) {
    const double off = best.costs[i] - other.costs[i] - gain;
    variance += off * off / (n - 1);
  }
  return gain > kSure * (1 + kUnsure / n) * std::sqrt(variance / n);
}

}  // namespace

struct MemoryModel::Choice {
  std::optional<Fitted> best;
  double least = 0;  // of the peaks
};

void MemoryModel::add(TunerPoint point, double peak) {
  if (!(peak > 0) || !std::isfinite(peak)) return;
  if (peaks_.size() == kMostRows) {
    points_.erase(points_.begin());
    peaks_.erase(peaks_.begin());
  }
  points_.push_back(std::move(point));
  peaks_.push_back(peak);
  choice_.reset();
}

std::optional<NeedPrediction> MemoryModel::predict(const TunerPoint& point) const {
  if (peaks_.size() < kLeastEvidence) return std::nullopt;
  if (!choice_) {
    auto choice = std::make_shared<Choice>();
    for (const Shape shape : kShapes) {
      if (percentile_only_ && shape != Shape::kPercentile) continue;
      std::optional<Fitted> candidate = fit(shape, points_, peaks_, costs_);
      if (candidate && (!choice->best || is_better(*candidate, *choice->best)))
        choice->best = std::move(candidate);
    }
    choice->least = std::ranges::min(peaks_);
    choice_ = std::move(choice);
  }
  const std::optional<Fitted>& best = choice_->best;
  if (!best) return std::nullopt;
  const std::vector<double> row = best->encoder.row(point);
  double expected = best->fit.predict(row);
  if (best->logarithmic()) expected = std::exp(std::min(expected, 80.0));
  expected = std::max(expected, choice_->least * 0.5);
  // Far from all that was seen the errors of the past say less.
  const double leverage = best->fit.leverage(row);
  const double far = best->logarithmic() ? leverage : leverage / (expected * expected);
  const double stretch =
      best->shape == Shape::kPercentile ? 1 : std::sqrt(1 + std::clamp(far, 0.0, 4.0));
  const double margin = 1 + (best->margin - 1) * stretch;
  return NeedPrediction{.expected = expected,
                        .upper = expected * margin,
                        .lower = expected * best->least_ratio / stretch,
                        .basis = name_of(best->shape),
                        .evidence = peaks_.size()};
}

double after_oom(double used, const std::optional<NeedPrediction>& prediction) {
  constexpr double kStep = 100.0 * 1024 * 1024;
  return std::max({prediction ? prediction->upper : 0.0, used * 1.2, used + kStep});
}

}  // namespace mizan::pods
