// A Feistel network over the next power of four, walked until it lands inside the range: both steps
// are one to one (Black & Rogaway 2002, "Ciphers with arbitrary finite domains", the cycle-walking
// cipher).
#include "algorithms/permutation.h"

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

constexpr unsigned kRounds = 6;

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {
  while (half_bits_ < 31 && (std::uint64_t{1} << (2 * half_bits_)) < size) ++half_bits_;
}

std::uint64_t Permutation::operator()(std::uint64_t i) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = i >> half_bits_, right = i & mask;
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::array<std::uint32_t, 4> mixed =
          philox4x32({static_cast<std::uint32_t>(right), round, 0,
                      static_cast<std::uint32_t>(Purpose::kPermutation) << 24U},
                     {static_cast<std::uint32_t>(seed_ & 0xFFFFFFFFU),
                      static_cast<std::uint32_t>(seed_ >> 32U)});
      const std::uint64_t next = (left ^ mixed[0]) & mask;
      left = right;
      right = next;
    }
    i = (left << half_bits_) | right;
  } while (i >= size_);
  return i;
}

}  // namespace mizan::algorithms
