// Sobol points against the authors' example output, and the evenness that scrambling must keep.
#include "algorithms/sobol.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "algorithms/counter_rng.h"
#include "algorithms/sobol_search.h"

namespace mizan::algorithms {
namespace {

// Source: Joe & Kuo, web.maths.unsw.edu.au/~fkuo/sobol, example output of `sobol 10 3
// new-joe-kuo-6.21201`.
TEST(SobolTest, GivesTheAuthorsFirstTenPointsInThreeDimensions) {
  const double want[10][3] = {{0, 0, 0},
                              {0.5, 0.5, 0.5},
                              {0.75, 0.25, 0.25},
                              {0.25, 0.75, 0.75},
                              {0.375, 0.375, 0.625},
                              {0.875, 0.875, 0.125},
                              {0.625, 0.125, 0.875},
                              {0.125, 0.625, 0.375},
                              {0.1875, 0.3125, 0.9375},
                              {0.6875, 0.8125, 0.4375}};
  const SobolSequence sequence(3);
  for (std::uint64_t i = 0; i < 10; ++i) {
    for (std::size_t d = 0; d < 3; ++d)
      EXPECT_EQ(sequence.raw(i, d) * 0x1p-32, want[i][d]) << i << " " << d;
  }
}

TEST(SobolTest, PutsOneOfEachPowerOfTwoPointsIntoEachStratumScrambledOrNot) {
  const SobolSequence sequence(60);
  for (const std::uint64_t size : {4U, 64U, 256U}) {
    for (std::size_t d = 0; d < 60; d += 7) {
      std::set<std::uint64_t> plain, scrambled;
      for (std::uint64_t i = 0; i < size; ++i) {
        plain.insert(sequence.raw(i, d) / (0x100000000ULL / size));
        scrambled.insert(
            static_cast<std::uint64_t>(sequence.scrambled(i, 77)[d] * static_cast<double>(size)));
      }
      EXPECT_EQ(plain.size(), size) << d;
      EXPECT_EQ(scrambled.size(), size) << d;
    }
  }
}

TEST(SobolTest, KeepsTheTwoDimensionalNetUnderScrambling) {
  // The first two dimensions form a (0, 2)-sequence: every elementary box of 1/16 holds exactly one
  // of 16 points.
  const SobolSequence sequence(2);
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (unsigned bits = 0; bits <= 4; ++bits) {
      std::set<std::pair<int, int>> boxes;
      for (std::uint64_t i = 0; i < 16; ++i) {
        const auto u = sequence.scrambled(i, seed);
        boxes.emplace(static_cast<int>(std::ldexp(u[0], static_cast<int>(bits))),
                      static_cast<int>(std::ldexp(u[1], 4 - static_cast<int>(bits))));
      }
      EXPECT_EQ(boxes.size(), 16U) << seed << " " << bits;
    }
  }
}

TEST(SobolTest, ScramblesEachBitByTheBitsAboveItAlone) {
  CounterRng rng(1, 0, Purpose::kSample);
  for (int i = 0; i < 2000; ++i) {
    const auto seed = static_cast<std::uint32_t>(rng.bits());
    const auto x = static_cast<std::uint32_t>(rng.bits());
    const unsigned shared = static_cast<unsigned>(rng.below(31)) + 1;
    const std::uint32_t low = 0xFFFFFFFFU >> shared;
    const std::uint32_t y = (x & ~low) | (static_cast<std::uint32_t>(rng.bits()) & low);
    ASSERT_EQ(owen_scramble(x, seed) & ~low, owen_scramble(y, seed) & ~low);
    ASSERT_NE(owen_scramble(x, seed), owen_scramble(x ^ 1U, seed));
  }
}

TEST(SobolTest, IntegratesASmoothFunctionFarBetterThanRandomPoints) {
  // Product of 2u over 5 dimensions has mean 1; random points err by about 1.8 / sqrt(1024) =
  // 0.056.
  const SobolSequence sequence(5);
  double sum = 0;
  for (std::uint64_t i = 0; i < 1024; ++i) {
    double product = 1;
    for (const double u : sequence.scrambled(i, 5)) product *= 2 * u;
    sum += product;
  }
  EXPECT_NEAR(sum / 1024, 1, 0.006);
}

TEST(SobolSearchTest, GoesBeyondTheTablesDimensions) {
  EXPECT_EQ(SobolSequence(5000).dimensions(), kMaxSobolDimensions);
  std::vector<Parameter> parameters;
  for (int i = 0; i < 3700; ++i)
    parameters.push_back(
        *make_double("x" + std::to_string(i), {"0", "1", ""}, Distribution::kUniform));
  const SearchSpace space = *SearchSpace::make(std::move(parameters));
  const Point point = sobol_point(space, SobolSequence(space.size()), 1, 5);
  EXPECT_TRUE(space.contains(point));
  EXPECT_NE(point.values[3690], point.values[3691]);
}

}  // namespace
}  // namespace mizan::algorithms
