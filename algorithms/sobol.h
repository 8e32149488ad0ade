// Sobol points, scrambled: they fill the unit cube evenly, and any of them can be computed alone.
#pragma once

#include <cstdint>
#include <vector>

namespace mizan::algorithms {

/// Beyond it, coordinates are plain random numbers.
inline constexpr std::size_t kMaxSobolDimensions = 3667;

/// Directions for as many dimensions, so that a run of points shares the work of making them.
class SobolSequence {
 public:
  explicit SobolSequence(std::size_t dimensions);

  std::size_t dimensions() const { return dimensions_; }
  /// Coordinate `dimension` of point `index`, as a fraction of 2^32; in Gray-code order, point 0 is
  /// 0. The first 2^k points are the first 2^k of the sequence in any order.
  std::uint32_t raw(std::uint64_t index, std::size_t dimension) const;
  /// Point `index` with a nested uniform (Owen) scramble of each coordinate, keyed by `seed`; in
  /// (0, 1). Scrambled, the net property holds from point 0 on: nothing is skipped.
  std::vector<double> scrambled(std::uint64_t index, std::uint64_t seed) const;

 private:
  std::size_t dimensions_;
  std::vector<std::uint32_t> directions_;  // 32 per dimension
};

/// Owen scrambling of a 32-bit fraction by a hash: each bit is flipped or not by what the bits
/// above it are. Source: Burley, "Practical hash-based Owen scrambling", JCGT 9(4), 2020
/// (Laine-Karras permutation).
std::uint32_t owen_scramble(std::uint32_t fraction, std::uint32_t seed);

}  // namespace mizan::algorithms
