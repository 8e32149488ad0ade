// Random numbers that depend on nothing but (seed, draw index, purpose).
//
// A draw must come out the same after a restart, in a batch or alone, with a cache or without. So
// there is no generator that lives on between draws: each draw opens its own streams of a
// counter-based generator.
#pragma once

#include <array>
#include <cstdint>

namespace mizan::algorithms {

/// What a stream is for. Streams of different purposes are independent; values are part of what a
/// seed means, so they are never renumbered.
enum class Purpose : std::uint32_t {
  kSample = 1,       // the point itself
  kAttempt = 2,      // + attempt number in the high bits: points that replace a duplicate
  kFallback = 3,     // a new point of a nearly used-up finite space
  kPermutation = 4,  // a fixed shuffle of a grid
  kScramble = 5,     // a fixed scramble of a low-discrepancy sequence
  kCandidates = 6,   // candidates of a model-based search
  kModel = 7,        // starts of a model fit
  kChoice = 8,       // which mechanism makes the draw
  kPopulation = 9,   // members of a population or generation
};

/// Philox4x32-10: 128 random bits for a 128-bit counter and a 64-bit key.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// A bijective mixer of 64 bits (splitmix64's finaliser): for hashes, never for draws.
std::uint64_t mix64(std::uint64_t value);

/// One stream. Cheap to make; not shared between threads.
class CounterRng {
 public:
  /// `draw` is the draw's index within its experiment; `lane` tells apart streams of one purpose
  /// within a draw.
  CounterRng(std::uint64_t seed, std::uint64_t draw, Purpose purpose, std::uint32_t lane = 0);

  std::uint64_t bits();  // 64 random bits
  double uniform();      // in the open interval (0, 1), a multiple of 2^-53 plus 2^-54
  std::uint64_t below(std::uint64_t bound);  // in [0, bound), without bias; bound > 0
  double normal();                           // standard normal by inversion

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

}  // namespace mizan::algorithms
