// Reads the text form in which programs give their metrics to Prometheus.
//
// Pure, one scrape at a time. A wanted name is a metric's (`loss`: the series without labels, else
// the first) or picks a series by labels (`loss{phase="valid"}`: the first that has them all).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "experiment/metrics_notes.h"

namespace mizan::experiment {

struct PrometheusSample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;         // text, verbatim
  std::optional<Time> time;  // absent: when it was scraped
  bool operator==(const PrometheusSample&) const = default;
};

/// nullopt for a comment, an empty line and what is no sample.
std::optional<PrometheusSample> read_prometheus_line(std::string_view line);

/// The sample of each wanted metric in `text`, in the order of `metrics`; what is not there is left
/// out. Other names and lines that are no samples go into `notes`.
std::vector<std::pair<std::string, PrometheusSample>> read_prometheus(
    std::string_view text, const std::vector<std::string>& metrics, MetricsNotes& notes);

}  // namespace mizan::experiment
