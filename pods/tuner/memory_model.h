// What will a trial need at most, of memory or of CPU? Learned from the peaks of finished trials
// and their hyperparameters, with a margin from the model's own past errors. Pure.
//
// Several shapes are tried (one number for all, linear, with products, powers); each is judged by
// what it would have said of every trial had it not known it, and the one that would have reserved
// least, kills counted dearly, is used. Where hyperparameters explain nothing, that is the one
// number for all: a percentile of the peaks.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mizan::pods {

/// A trial's point. All points of a model have as many numbers and categories, in one order.
struct TunerPoint {
  std::vector<double> numbers;
  std::vector<std::string> categories;
};

/// In the unit of what was learned: bytes, or thousandths of a core.
struct NeedPrediction {
  double expected = 0;       // the model's middle
  double upper = 0;          // with the margin
  double lower = 0;          // it never was so far below what it said
  std::string basis;         // "percentile of peaks", "linear", "products", "powers"
  std::size_t evidence = 0;  // finished trials that it rests on
};

/// How dear too little is.
struct ModelCosts {
  double short_by = 4;        // as many times the need as too little is counted
  double percentile = 0.985;  // of the past errors: the margin
};
/// Too little memory kills; too little CPU only slows down.
inline constexpr ModelCosts kMemoryCosts{};
inline constexpr ModelCosts kCpuCosts{.short_by = 1, .percentile = 0.9};

class MemoryModel {
 public:
  /// `percentile_only`: never looks at hyperparameters.
  explicit MemoryModel(bool percentile_only = false, ModelCosts costs = kMemoryCosts)
      : percentile_only_(percentile_only), costs_(costs) {}

  /// A finished trial took at most `peak` (above 0).
  void add(TunerPoint point, double peak);
  std::size_t size() const { return peaks_.size(); }

  /// nullopt: there are too few finished trials to say anything.
  std::optional<NeedPrediction> predict(const TunerPoint& point) const;

  static constexpr std::size_t kLeastEvidence = 3;

 private:
  bool percentile_only_;
  ModelCosts costs_;
  std::vector<TunerPoint> points_;
  std::vector<double> peaks_;
  struct Choice;
  mutable std::shared_ptr<const Choice> choice_;  // the shape that was chosen; null: to be chosen
};

/// What the next attempt gets after one was killed for want of memory: the largest of the
/// prediction, 1.2 x used and used + 100 MiB.
double after_oom(double used_bytes, const std::optional<NeedPrediction>& prediction);

}  // namespace mizan::pods
