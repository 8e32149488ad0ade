// Philox and the streams made of it.
#include "algorithms/counter_rng.h"

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

constexpr std::uint32_t kMultiplierA = 0xD2511F53U, kMultiplierB = 0xCD9E8D57U;
constexpr std::uint32_t kWeylA = 0x9E3779B9U, kWeylB = 0xBB67AE85U;

std::uint32_t high_half(std::uint64_t product) {
  return static_cast<std::uint32_t>(product >> 32U);
}
std::uint32_t low_half(std::uint64_t product) {
  return static_cast<std::uint32_t>(product & 0xFFFFFFFFU);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{kMultiplierA} * counter[0];
    const std::uint64_t b = std::uint64_t{kMultiplierB} * counter[2];
    counter = {high_half(b) ^ counter[1] ^ key[0], low_half(b), high_half(a) ^ counter[3] ^ key[1],
               low_half(a)};
    key[0] += kWeylA;
    key[1] += kWeylB;
  }
  return counter;
}

std::uint64_t mix64(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

CounterRng::CounterRng(std::uint64_t seed, std::uint64_t draw, Purpose purpose, std::uint32_t lane)
    : key_{low_half(seed), high_half(seed)} {
  // Word 0 counts blocks. Purpose has 8 bits and lane 24, which leaves all 64 bits of the draw
  // index.
  counter_ = {0, low_half(draw), high_half(draw),
              (static_cast<std::uint32_t>(purpose) << 24U) | (lane & 0xFFFFFFU)};
}

std::uint64_t CounterRng::bits() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  const std::uint64_t value = (std::uint64_t{block_[used_ + 1]} << 32U) | block_[used_];
  used_ += 2;
  return value;
}

double CounterRng::uniform() { return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53; }

std::uint64_t CounterRng::below(std::uint64_t bound) {
  // Values under 2^64 mod bound are thrown away: what is left is a whole number of ranges.
  const std::uint64_t unfair = (0 - bound) % bound;
  std::uint64_t value = bits();
  while (value < unfair) value = bits();
  return value % bound;
}

double CounterRng::normal() { return normal_quantile(uniform()); }

}  // namespace mizan::algorithms
