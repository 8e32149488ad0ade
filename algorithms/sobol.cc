// Direction numbers of Joe and Kuo, from Boost's table of primitive polynomials and initial values.
#include "algorithms/sobol.h"

#include <algorithm>
#include <bit>
#include <boost/random/sobol.hpp>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

using Table = boost::random::default_sobol_table;
constexpr unsigned kBits = 32;

// Bratley & Fox 1988, section 2: the first values are given, the others follow from the polynomial.
void add_directions(std::size_t dimension, std::vector<std::uint32_t>& directions) {
  std::uint64_t m[kBits];
  if (dimension == 0) {
    std::fill(std::begin(m), std::end(m), 1U);
  } else {
    const auto index = static_cast<unsigned>(dimension - 1);
    const std::uint64_t polynomial = Table::polynomial(index);
    const auto degree = static_cast<unsigned>(std::bit_width(polynomial)) - 1;
    for (unsigned k = 0; k < degree; ++k) m[k] = Table::minit(index, k);
    for (unsigned j = degree; j < kBits; ++j) {
      m[j] = m[j - degree];
      for (unsigned k = 0; k < degree; ++k) {
        const unsigned back = degree - k;
        if (((polynomial >> k) & 1U) != 0) m[j] ^= m[j - back] << back;
      }
    }
  }
  for (unsigned j = 0; j < kBits; ++j)
    directions.push_back(static_cast<std::uint32_t>(m[j] << (kBits - 1 - j)));
}

std::uint32_t reversed(std::uint32_t x) {
  x = ((x >> 1U) & 0x55555555U) | ((x & 0x55555555U) << 1U);
  x = ((x >> 2U) & 0x33333333U) | ((x & 0x33333333U) << 2U);
  x = ((x >> 4U) & 0x0F0F0F0FU) | ((x & 0x0F0F0F0FU) << 4U);
  x = ((x >> 8U) & 0x00FF00FFU) | ((x & 0x00FF00FFU) << 8U);
  return (x >> 16U) | (x << 16U);
}

}  // namespace

SobolSequence::SobolSequence(std::size_t dimensions)
    : dimensions_(std::min(dimensions, kMaxSobolDimensions)) {
  directions_.reserve(dimensions_ * kBits);
  for (std::size_t d = 0; d < dimensions_; ++d) add_directions(d, directions_);
}

std::uint32_t SobolSequence::raw(std::uint64_t index, std::size_t dimension) const {
  // Past 2^32 points the sequence begins again; scrambled points repeat then.
  auto gray = static_cast<std::uint32_t>(index ^ (index >> 1U));
  std::uint32_t x = 0;
  for (std::size_t k = dimension * kBits; gray != 0; gray >>= 1U, ++k) {
    if ((gray & 1U) != 0) x ^= directions_[k];
  }
  return x;
}

std::vector<double> SobolSequence::scrambled(std::uint64_t index, std::uint64_t seed) const {
  std::vector<double> u(dimensions_);
  for (std::size_t d = 0; d < dimensions_; ++d) {
    const auto key = static_cast<std::uint32_t>(mix64(seed ^ mix64(d)) >> 32U);
    u[d] = (owen_scramble(raw(index, d), key) + 0.5) * 0x1p-32;
  }
  return u;
}

std::uint32_t owen_scramble(std::uint32_t fraction, std::uint32_t seed) {
  std::uint32_t x = reversed(fraction);
  x += seed;
  x ^= x * 0x6C50B47CU;
  x ^= x * 0xB82F1E52U;
  x ^= x * 0xC7AFE638U;
  x ^= x * 0x8D22F6E6U;
  return reversed(x);
}

}  // namespace mizan::algorithms
