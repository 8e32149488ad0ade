// ObservationBuilder: keeps the running extremes and the latest value of each metric.
#include "experiment/observation.h"

#include <charconv>
#include <cmath>

namespace mizan::experiment {

std::optional<double> parse_metric_value(std::string_view text) {
  if (text.starts_with('+')) {  // from_chars doesn't take it
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [parsed, error] = std::from_chars(begin, end, value);
  if (parsed != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // from_chars doesn't say which way: huge numbers have a positive exponent.
    const bool tiny = text.find("e-") != std::string_view::npos ||
                      text.find("E-") != std::string_view::npos ||
                      text.find_first_of("eE") == std::string_view::npos;
    if (tiny) return 0.0;
    return text.front() == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  return value;
}

ObservationBuilder::ObservationBuilder(const resources::Objective& objective) {
  const std::string nothing(kUnavailable);
  const auto add_metric = [&](const std::string& name) {
    Entry entry;
    entry.metric = {name, nothing, nothing, nothing};
    entries_.push_back(std::move(entry));
  };
  add_metric(objective.metric);
  for (const std::string& name : objective.additional_metrics) {
    if (name != objective.metric) add_metric(name);
  }
  const auto strategy = objective.strategies.find(objective.metric);
  if (strategy != objective.strategies.end()) {
    strategy_ = strategy->second;
  } else {
    strategy_ = objective.type == resources::ObjectiveType::kMinimize
                    ? resources::MetricStrategy::kMin
                    : resources::MetricStrategy::kMax;
  }
}

void ObservationBuilder::add(const store::Measurement& row) {
  ++rows_;
  for (Entry& entry : entries_) {
    if (entry.metric.name != row.metric) continue;
    const std::optional<double> value = parse_metric_value(row.value);
    if (value && std::isfinite(*value)) {
      if (!entry.has_number || *value < entry.min) {
        entry.min = *value;
        entry.metric.min = row.value;
      }
      if (!entry.has_number || *value > entry.max) {
        entry.max = *value;
        entry.metric.max = row.value;
      }
      entry.has_number = true;
    }
    // Of equal times the later row wins; a row without a time comes when it comes.
    if (!row.time || !entry.latest || *row.time >= *entry.latest) {
      entry.metric.latest = row.value;
      if (row.time) entry.latest = row.time;
    }
  }
}

std::vector<resources::ObservedMetric> ObservationBuilder::observation() const {
  std::vector<resources::ObservedMetric> metrics;
  for (const Entry& entry : entries_) metrics.push_back(entry.metric);
  return metrics;
}

bool ObservationBuilder::has_objective() const {
  const std::optional<double> value = resources::metric_value(entries_.front().metric, strategy_);
  return value && std::isfinite(*value);
}

}  // namespace mizan::experiment
