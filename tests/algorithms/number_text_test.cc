// Numbers to text and back: nothing lost, no exponents, exact decimals on grids.
#include "algorithms/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

TEST(NumberTextTest, ReadsPlainDecimalsAndNothingElse) {
  EXPECT_EQ(parse_number("0.01"), 0.01);
  EXPECT_EQ(parse_number("-3"), -3);
  EXPECT_EQ(parse_number("+2"), 2);
  EXPECT_EQ(parse_number("1e-5"), 1e-5);
  EXPECT_EQ(parse_number(".5"), 0.5);
  for (const char* text : {"", "-", "+", "nan", "inf", "-inf", "0x10", "1,5", "1 ", " 1", "1e",
                           "1e400", "++1", "+-1", "--1", ".", "1.2.3", "infinity"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(NumberTextTest, WritesPlainDecimalsWithoutExponents) {
  EXPECT_EQ(format_number(0.00001), "0.00001");
  EXPECT_EQ(format_number(1e20), "100000000000000000000");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(-0.0), "0");
  EXPECT_EQ(format_number(64), "64");
  EXPECT_EQ(format_number(1e-21), "1e-21");
  EXPECT_EQ(format_number(1e22), "1e+22");
}

TEST(NumberTextTest, ReadsBackExactlyWhatItWrote) {
  CounterRng rng(1, 0, Purpose::kSample);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(rng.bits());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(parse_number(format_number(value)), value + 0.0) << format_number(value);
  }
}

TEST(DecimalGridTest, PrintsSumsWithoutBinaryNoise) {
  const DecimalGrid grid = *DecimalGrid::make("0.1", "0.5", "0.1").grid;
  ASSERT_EQ(grid.size(), 5U);
  EXPECT_EQ(grid.text(2), "0.3");
  EXPECT_EQ(grid.value(2), 0.3);
  EXPECT_EQ(grid.find(0.3), 2U);
  EXPECT_EQ(grid.find(0.30000000000000004), std::nullopt);
  EXPECT_EQ(grid.text(4), "0.5");
}

TEST(DecimalGridTest, StopsBeforeAMaximumThatIsNotOnIt) {
  const DecimalGrid grid = *DecimalGrid::make("0", "1", "0.3").grid;
  ASSERT_EQ(grid.size(), 4U);
  EXPECT_EQ(grid.text(3), "0.9");
  EXPECT_EQ(DecimalGrid::make("0", "1", "5").grid->size(), 1U);
}

TEST(DecimalGridTest, CountsAcrossZeroAndInExponents) {
  const DecimalGrid grid = *DecimalGrid::make("-1e-3", "1e-3", "5e-4").grid;
  ASSERT_EQ(grid.size(), 5U);
  EXPECT_EQ(grid.text(0), "-0.001");
  EXPECT_EQ(grid.text(1), "-0.0005");
  EXPECT_EQ(grid.text(2), "0");
  EXPECT_EQ(grid.value(2), 0.0);
  const DecimalGrid large = *DecimalGrid::make("1000", "3000", "1e3").grid;
  EXPECT_EQ(large.text(2), "3000");
}

TEST(DecimalGridTest, FindsEveryValueOfALongGrid) {
  const DecimalGrid grid = *DecimalGrid::make("-7.77", "1e6", "0.0003").grid;
  CounterRng rng(1, 0, Purpose::kSample);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t k = rng.below(grid.size());
    ASSERT_EQ(grid.find(grid.value(k)), k);
    ASSERT_EQ(grid.nearest(grid.value(k)), k);
    ASSERT_EQ(parse_number(grid.text(k)), grid.value(k));
  }
}

TEST(DecimalGridTest, ClampsAndRoundsToTheNearest) {
  const DecimalGrid grid = *DecimalGrid::make("0", "10", "2").grid;
  EXPECT_EQ(grid.nearest(-5), 0U);
  EXPECT_EQ(grid.nearest(99), 5U);
  EXPECT_EQ(grid.nearest(4.9), 2U);
  EXPECT_EQ(grid.nearest(5.0), 3U);
  EXPECT_EQ(grid.nearest(std::nan("")), 0U);
}

TEST(DecimalGridTest, NamesWhatIsAtFault) {
  using Fault = DecimalGrid::Fault;
  EXPECT_EQ(DecimalGrid::make("x", "1", "1").fault, Fault::kMin);
  EXPECT_EQ(DecimalGrid::make("0", "x", "1").fault, Fault::kMax);
  EXPECT_EQ(DecimalGrid::make("0", "1", "x").fault, Fault::kStep);
  EXPECT_EQ(DecimalGrid::make("0", "1", "0").fault, Fault::kStep);
  EXPECT_EQ(DecimalGrid::make("0", "1", "-1").fault, Fault::kStep);
  EXPECT_EQ(DecimalGrid::make("2", "1", "1").fault, Fault::kMax);
  EXPECT_EQ(DecimalGrid::make("0", "1", "1e-30").fault, Fault::kTooFine);
  EXPECT_EQ(DecimalGrid::make("0", "1e300", "1").fault, Fault::kTooFine);
  EXPECT_EQ(DecimalGrid::make("1e30", "1.0000001e30", "1e3").fault, Fault::kTooFine);
  EXPECT_FALSE(DecimalGrid::make("0", "1", "1e-30").grid);
}

}  // namespace
}  // namespace mizan::algorithms
