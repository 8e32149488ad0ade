// A fixed shuffle of 0 .. size-1 that needs no memory: where each number goes is computed when it
// is asked for.
#pragma once

#include <cstdint>

namespace mizan::algorithms {

class Permutation {
 public:
  /// Requires 1 <= size <= 2^62.
  Permutation(std::uint64_t size, std::uint64_t seed);

  /// Requires i < size.
  std::uint64_t operator()(std::uint64_t i) const;

 private:
  std::uint64_t size_, seed_;
  unsigned half_bits_ = 1;
};

}  // namespace mizan::algorithms
