// Windows, and a percentile over them in bounded memory.
#include "pods/tuner/cpu_track.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mizan::pods {
namespace {

constexpr std::chrono::milliseconds kWindow{500};
constexpr std::size_t kMostWindows = 512, kMostRecent = 64;
constexpr double kPercentile = 0.95;
constexpr double kHeldBack =
    0.05;  // a window with a larger share of throttled periods is not quiet

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<CpuWindow> CpuTrack::add(Time at, const CpuCounters& counters, bool counts) {
  // Counters that fell are those of a container that was started again.
  const bool restarted = begun_ && counters.used_nanoseconds < last_.used_nanoseconds;
  if (!begun_ || restarted) {
    begun_ = true;
    if (restarted) first_ = {};
    window_since_ = at;
    window_start_ = last_ = counters;
    window_counts_ = counts;
    return std::nullopt;
  }
  last_ = counters;
  window_counts_ = window_counts_ && counts;
  if (at - window_since_ < kWindow) return std::nullopt;
  const double seconds = std::chrono::duration<double>(at - window_since_).count();
  const CpuWindow window{
      .milli = static_cast<double>(counters.used_nanoseconds - window_start_.used_nanoseconds) /
               seconds / 1e6,
      .throttled = share(counters.throttled_periods - window_start_.throttled_periods,
                         counters.periods - window_start_.periods)};
  window_since_ = at;
  window_start_ = counters;
  recent_.push_back(window);
  if (recent_.size() > kMostRecent) recent_.pop_front();
  if (!std::exchange(window_counts_, counts)) return window;

  pending_ += window.milli;
  if (++pending_count_ < each_) return window;
  used_.push_back(static_cast<float>(pending_ / static_cast<double>(pending_count_)));
  pending_ = 0;
  pending_count_ = 0;
  if (used_.size() < kMostWindows) return window;
  for (std::size_t i = 0; i < used_.size() / 2; ++i)
    used_[i] = (used_[2 * i] + used_[2 * i + 1]) / 2;
  used_.resize(used_.size() / 2);
  each_ *= 2;
  return window;
}

void CpuTrack::begin_anew() {
  const CpuCounters now = last_;
  const Time at = window_since_;
  const bool begun = begun_;
  *this = CpuTrack();
  begun_ = begun;
  window_since_ = at;
  window_start_ = last_ = first_ = now;
}

std::int64_t CpuTrack::peak_milli() const {
  if (used_.empty()) return 0;
  std::vector<float> sorted = used_;
  std::ranges::sort(sorted);
  const auto place =
      static_cast<std::size_t>(std::ceil(kPercentile * static_cast<double>(sorted.size())) - 1);
  return static_cast<std::int64_t>(std::ceil(sorted[place]));
}

double CpuTrack::throttled_seconds() const {
  return static_cast<double>(last_.throttled_nanoseconds - first_.throttled_nanoseconds) / 1e9;
}

std::optional<double> CpuTrack::quiet_peak(std::size_t windows) const {
  if (windows == 0 || recent_.size() < windows) return std::nullopt;
  double most = 0;
  for (std::size_t i = recent_.size() - windows; i < recent_.size(); ++i) {
    if (recent_[i].throttled > kHeldBack) return std::nullopt;
    most = std::max(most, recent_[i].milli);
  }
  return most;
}

}  // namespace mizan::pods
