// Reads measurements out of a file of JSON lines: {"epoch": 1, "loss": "0.3", "timestamp": …}.
//
// Sans-I/O: any split of the same bytes gives the same measurements. Differs from Katib where Katib
// loses data: numbers count as well as texts, a line that is no object is passed over instead of
// ending the collection, and a timestamp's fraction is a fraction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "experiment/line_splitter.h"
#include "experiment/metrics_notes.h"
#include "store/observation_log.h"

namespace mizan::experiment {

class JsonMetricsParser {
 public:
  /// `metrics`: wanted, the objective first.
  explicit JsonMetricsParser(std::vector<std::string> metrics);

  void feed(std::string_view bytes, std::vector<store::Measurement>& out);
  void finish(std::vector<store::Measurement>& out);

  const MetricsNotes& notes() const { return notes_; }

 private:
  void line(std::string_view text, std::vector<store::Measurement>& out);
  bool is_wanted(const std::string& name) const;

  std::vector<std::string> metrics_;
  LineSplitter lines_;
  MetricsNotes notes_;
};

/// The time of a line: RFC 3339 text, or seconds since 1970; nullopt for anything else.
std::optional<Time> json_metrics_time(const Json& stamp);

}  // namespace mizan::experiment
