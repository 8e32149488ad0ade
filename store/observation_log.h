// What trials reported while they ran: one row per metric value, in order of arrival.
//
// Kept beside the objects, not in them: curves are long and objects are bounded. Rows go with their
// Trial.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"
#include "core/time.h"

namespace mizan::store {

struct Measurement {
  std::string metric;
  std::string value;                 // text, verbatim
  std::optional<Time> time;          // when the trial said it; absent: unknown
  std::optional<std::int64_t> step;  // epoch, round, …
};

inline constexpr std::size_t kMostMeasurements = 1'000'000;  // of one trial
/// What append() answers past that.
Error too_many_measurements(const std::string& trial_uid, std::size_t limit);

/// Thread: io.
class ObservationLog {
 public:
  virtual ~ObservationLog() = default;
  /// Resumes when the rows are on disk. Limits: 1,000,000 rows a trial; more is kTooLarge and
  /// nothing is kept of this call.
  virtual Task<Result<>> append(std::string trial_uid, std::vector<Measurement> rows) = 0;
  /// In order of arrival; `metric` empty: all.
  virtual Task<Result<std::vector<Measurement>>> read(std::string trial_uid,
                                                      std::string metric) = 0;
  virtual Task<Result<>> remove(std::string trial_uid) = 0;
  /// `observe(trial_uid, rows)` after each append, on the io thread. Returns a handle; dropping it
  /// unsubscribes.
  virtual std::shared_ptr<void> subscribe(
      std::function<void(const std::string&, const std::vector<Measurement>&)> observe) = 0;
};

}  // namespace mizan::store
