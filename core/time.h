// Points in time as Kubernetes writes them, and the clock as a seam so that tests need not wait.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mizan {

using Time = std::chrono::system_clock::time_point;

/// Thread: any. The program has one SystemClock; tests pass a ManualClock
/// (tests/support/manual_clock.h).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::system_clock::now(); }
};

std::string format_rfc3339(Time time);        // 2026-11-23T20:19:10Z
std::string format_rfc3339_micro(Time time);  // 2026-11-23T20:19:10.123456Z
std::string format_rfc3339_nano(Time time);   // 2026-11-23T20:19:10.123456789Z

/// Takes any RFC 3339 offset and up to nine fractional digits; nothing else.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace mizan
