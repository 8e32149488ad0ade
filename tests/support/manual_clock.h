// A clock that stands still until a test moves it.
#pragma once

#include <chrono>

#include "core/time.h"

namespace mizan::testing {

class ManualClock final : public Clock {
 public:
  /// Begins at 2026-11-23T20:00:00Z.
  ManualClock()
      : now_(std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours(20)) {}
  Time now() const override { return now_; }
  template <class Duration>
  void advance(Duration by) {
    now_ += std::chrono::duration_cast<Time::duration>(by);
  }
  void set(Time now) { now_ = now; }

 private:
  Time now_;
};

}  // namespace mizan::testing
