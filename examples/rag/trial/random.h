// Random numbers keyed by (seed, stream): a question draws the same whichever thread asks, and in
// whatever order.
#pragma once

#include <cstdint>

namespace mizan::rag {

/// splitmix64 from a mixed key. Cheap to make; not shared between threads.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : state_(mix(seed + kStep) ^ mix(~stream)) {}

  std::uint64_t bits() { return mix(state_ += kStep); }
  /// In the open interval (0, 1).
  double uniform() { return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1.0p-53; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EB;
    return value ^ (value >> 31U);
  }
  std::uint64_t state_;
};

}  // namespace mizan::rag
