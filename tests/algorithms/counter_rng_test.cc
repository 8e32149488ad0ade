// Philox against the known answers of its authors, and the properties that draws rely on.
#include "algorithms/counter_rng.h"

#include <gtest/gtest.h>

#include <set>

#include "algorithms/permutation.h"

namespace mizan::algorithms {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Source: Random123 1.14, kat_vectors, lines "philox4x32 10".
TEST(PhiloxTest, GivesTheKnownAnswersOfItsAuthors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Source: the reference splitmix64.c (Vigna), first output for seed 0.
TEST(Mix64Test, IsSplitmixsStep) { EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFULL); }

TEST(CounterRngTest, GivesDifferentStreamsForEachSeedDrawPurposeAndLane) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed : {0ULL, 1ULL, 1ULL << 40U}) {
    for (std::uint64_t draw : {0ULL, 1ULL, 1ULL << 33U}) {
      for (Purpose purpose : {Purpose::kSample, Purpose::kModel}) {
        for (std::uint32_t lane : {0U, 1U})
          first.insert(CounterRng(seed, draw, purpose, lane).bits());
      }
    }
  }
  EXPECT_EQ(first.size(), 36U);
}

TEST(CounterRngTest, StaysInsideTheOpenUnitIntervalWithTheRightMeanAndVariance) {
  CounterRng rng(1, 2, Purpose::kSample);
  double sum = 0, squares = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    ASSERT_GT(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    squares += u * u;
  }
  // Six standard errors: a false alarm is one in 5e8.
  EXPECT_NEAR(sum / kDraws, 0.5, 6 * 0.2887 / 141.4);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 6 * 0.2981 / 141.4);
}

TEST(CounterRngTest, DrawsEveryNumberBelowABoundAboutAsOften) {
  CounterRng rng(3, 0, Purpose::kChoice);
  std::array<int, 7> counts{};
  for (int i = 0; i < 14000; ++i) ++counts[rng.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 2000, 6 * 41.4);
}

class PermutationTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(PermutationTest, PutsEachNumberInAPlaceOfItsOwn) {
  const Permutation shuffle(GetParam(), 5);
  std::set<std::uint64_t> places;
  for (std::uint64_t i = 0; i < GetParam(); ++i) {
    const std::uint64_t place = shuffle(i);
    EXPECT_LT(place, GetParam());
    places.insert(place);
  }
  EXPECT_EQ(places.size(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Sizes, PermutationTest,
                         ::testing::Values(1U, 2U, 3U, 16U, 17U, 1000U, 4097U));

TEST(LongPermutationTest, ShufflesRangesOfAnyLength) {
  const Permutation shuffle(std::uint64_t{1} << 62U, 9);
  EXPECT_LT(shuffle(0), std::uint64_t{1} << 62U);
  EXPECT_NE(shuffle(0), shuffle(1));
}

}  // namespace
}  // namespace mizan::algorithms
