// What a running pod does with its CPU limit: cores used in short windows, and how much of its time
// it had to wait. Pure: fed with counters that only grow.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mizan::pods {

/// As the kernel counts since the container's start.
struct CpuCounters {
  std::uint64_t used_nanoseconds = 0;
  std::uint64_t periods = 0, throttled_periods = 0, throttled_nanoseconds = 0;
};

/// Half a second, or longer when nobody looked.
struct CpuWindow {
  double milli = 0;      // thousandths of a core
  double throttled = 0;  // share of the periods with work in which the limit was used up
};

class CpuTrack {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `counts`: the windows so far belong to what is learned; not those of a startup boost.
  /// Answers with the window that this reading closed.
  std::optional<CpuWindow> add(Time at, const CpuCounters& counters, bool counts);
  /// Begins anew with the same container, for the next trial of a warm pod.
  void begin_anew();

  /// Thousandths of a core that 95 of 100 windows stay below; 0: there was none.
  std::int64_t peak_milli() const;
  double throttled_seconds() const;
  /// The largest of the last `windows` windows; nullopt: there are not so many, or one of them was
  /// throttled.
  std::optional<double> quiet_peak(std::size_t windows) const;
  /// Older windows say nothing any more: the limit has changed.
  void forget_recent() { recent_.clear(); }

 private:
  bool begun_ = false, window_counts_ = true;
  Time window_since_;
  CpuCounters window_start_, last_, first_;
  std::vector<float> used_;  // what is learned; halved in resolution when it is full
  std::size_t each_ = 1;     // windows in one entry of used_
  double pending_ = 0;       // of them that don't make one yet
  std::size_t pending_count_ = 0;
  std::deque<CpuWindow> recent_;
};

}  // namespace mizan::pods
