// Reads measurements out of a trial's output, line by line.
//
// Sans-I/O: bytes go in, measurements come out, and any split of the same bytes gives the same
// measurements. The default filter finds `name=value` (Katib's ([\w|-]+)\s*=\s*(number), by hand
// for speed, and nan and inf too); filters of the user's are RE2, so no pattern and no text takes
// more than linear time. Of a line, the first 64 KiB count.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "experiment/line_splitter.h"
#include "experiment/metrics_notes.h"
#include "store/observation_log.h"

namespace re2 {
class RE2;
}

namespace mizan::experiment {

struct TextMetricsOptions {
  std::vector<std::string> metrics;  // wanted: the objective first
  std::vector<std::string>
      filters;  // regular expressions with two groups, name and value; empty: the default
  bool stamped_lines =
      false;  // every line begins with an RFC 3339 time and a space, as pod logs give them
};

class TextMetricsParser {
 public:
  /// Errors: kInvalid; a field error for each filter that doesn't compile or lacks groups
  /// (path spec.metricsCollectorSpec.source.filter.metricsFormat[i]).
  static Result<TextMetricsParser> create(TextMetricsOptions options);
  TextMetricsParser(TextMetricsParser&&) noexcept;
  TextMetricsParser& operator=(TextMetricsParser&&) noexcept;
  ~TextMetricsParser();

  void feed(std::string_view bytes, std::vector<store::Measurement>& out);
  /// The last line may have no newline.
  void finish(std::vector<store::Measurement>& out);

  const MetricsNotes& notes() const { return notes_; }

 private:
  TextMetricsParser();
  void line(std::string_view line, std::vector<store::Measurement>& out);
  void default_filter(std::string_view text, std::optional<Time> time,
                      std::vector<store::Measurement>& out);
  void custom_filters(std::string_view text, std::optional<Time> time,
                      std::vector<store::Measurement>& out);
  bool is_wanted(std::string_view name) const;
  void note_last_line(std::string_view text);

  TextMetricsOptions options_;
  LineSplitter lines_;
  std::vector<std::unique_ptr<re2::RE2>> filters_;
  MetricsNotes notes_;
};

/// The filters of a collector, checked as TextMetricsParser::create does. Empty: all right.
std::vector<FieldError> check_filters(const std::vector<std::string>& filters);

}  // namespace mizan::experiment
