// From measurements to an observation: min, max and latest of each metric, as text, verbatim.
//
// Differs from Katib where Katib is wrong: a value that is no finite number is never min or max (a
// first `nan` used to stay both for good), and is latest only when it was really said.
#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "resources/experiment.h"
#include "resources/trial.h"
#include "store/observation_log.h"

namespace mizan::experiment {

/// Fed with measurements in order of arrival. Pure.
class ObservationBuilder {
 public:
  /// One entry for the objective and each additional metric, in that order.
  explicit ObservationBuilder(const resources::Objective& objective);

  void add(const store::Measurement& row);
  void add(const std::vector<store::Measurement>& rows) {
    for (const store::Measurement& row : rows) add(row);
  }

  std::vector<resources::ObservedMetric> observation() const;
  /// The objective has a finite value by its strategy.
  bool has_objective() const;
  bool empty() const { return rows_ == 0; }
  std::size_t rows() const { return rows_; }

 private:
  struct Entry {
    resources::ObservedMetric metric;
    double min = 0, max = 0;
    bool has_number = false;
    std::optional<Time> latest;
  };

  std::vector<Entry> entries_;
  resources::MetricStrategy strategy_ = resources::MetricStrategy::kLatest;
  std::size_t rows_ = 0;
};

/// What Go's ParseFloat takes, without hexadecimal and underscores; nullopt for all else.
std::optional<double> parse_metric_value(std::string_view text);

inline constexpr std::string_view kUnavailable = "unavailable";

}  // namespace mizan::experiment
