// How long to wait before trying again: 5 ms, doubled with each failure of the same key, at most 60
// s.
#pragma once

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "controller/reconciler.h"

namespace mizan::controller {

/// The delay after `failures` failures in a row (1: the first).
inline std::chrono::milliseconds backoff_delay(unsigned failures) {
  using std::chrono::milliseconds;
  constexpr milliseconds kFirst{5};
  constexpr milliseconds kLongest{60'000};
  const unsigned doublings = std::min(failures == 0 ? 0U : failures - 1, 14U);
  return std::min(kFirst * (std::int64_t{1} << doublings), kLongest);
}

/// Remembers failures by key. Thread: io.
class Backoff {
 public:
  /// Counts one more failure of `request` and says how long to wait.
  std::chrono::milliseconds failed(const Request& request) {
    return backoff_delay(++failures_[key(request)]);
  }
  void succeeded(const Request& request) {
    if (!failures_.empty()) failures_.erase(key(request));
  }
  std::size_t failing() const { return failures_.size(); }

 private:
  static std::string key(const Request& request) { return request.ns + "/" + request.name; }
  std::unordered_map<std::string, unsigned> failures_;
};

}  // namespace mizan::controller
