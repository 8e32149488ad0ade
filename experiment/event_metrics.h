// Reads measurements out of TensorBoard's event files: scalars, as TensorFlow 1, TensorFlow 2 and
// PyTorch write them.
//
// Sans-I/O; one parser per file. A tag gives metric M when it is M; or when it is M's last part and
// the file lies in a directory that ends with the parts before (`train/accuracy`: tag `accuracy` in
// .../train). TensorFlow's numbering of a tag (accuracy_1) counts as the tag. Differs from Katib,
// which takes every tag that begins with the name: loss_scale is not loss.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "experiment/event_records.h"
#include "experiment/metrics_notes.h"
#include "store/observation_log.h"

namespace mizan::experiment {

/// One scalar of an event.
struct EventScalar {
  std::string_view tag;
  double value = 0;
  bool is_float = true;  // 32 bits: its shortest text is shorter
};

struct Event {
  double wall_time = 0;  // seconds since 1970
  std::int64_t step = 0;
  std::vector<EventScalar> scalars;
};

/// Reads what it knows of an Event message and passes over the rest. False: not a message.
bool read_event(std::string_view record, Event& event);

class EventMetricsParser {
 public:
  /// `directory`: where the file lies, with all parts of its path. `metrics`: wanted.
  EventMetricsParser(std::string directory, std::vector<std::string> metrics);

  void feed(std::string_view bytes, std::vector<store::Measurement>& out);

  const MetricsNotes& notes() const { return notes_; }

 private:
  void take(const Event& event, std::vector<store::Measurement>& out);
  bool gives(std::string_view tag, std::string_view metric) const;

  std::string directory_;
  std::vector<std::string> metrics_;
  EventRecords records_;
  MetricsNotes notes_;
};

}  // namespace mizan::experiment
