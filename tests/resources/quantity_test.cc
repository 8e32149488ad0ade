// Kubernetes quantities: exact amounts, canonical text.
#include "resources/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace mizan::resources {
namespace {

Quantity amount(std::string_view text) {
  const auto quantity = Quantity::parse(text);
  EXPECT_TRUE(quantity) << text;
  return quantity.value_or(Quantity());
}

TEST(Quantity, ReadsEverySuffix) {
  const struct {
    const char* text;
    std::int64_t units, milli;
    const char* canonical;
  } cases[] = {
      {"0", 0, 0, "0"},
      {"1", 1, 1000, "1"},
      {"500m", 1, 500, "500m"},
      {"1500m", 2, 1500, "1500m"},
      {"1000m", 1, 1000, "1"},
      {"0.5", 1, 500, "500m"},
      {".5", 1, 500, "500m"},
      {"5.", 5, 5000, "5"},
      {"+2", 2, 2000, "2"},
      {"-1", -1, -1000, "-1"},
      {"1n", 1, 1, "1n"},
      {"100u", 1, 1, "100u"},
      {"2k", 2000, 2'000'000, "2k"},
      {"1500k", 1'500'000, 1'500'000'000, "1500k"},
      {"3M", 3'000'000, 3'000'000'000, "3M"},
      {"1G", 1'000'000'000, 1'000'000'000'000, "1G"},
      {"64Mi", 67'108'864, 67'108'864'000, "64Mi"},
      {"1024Mi", 1'073'741'824, 1'073'741'824'000, "1Gi"},
      {"1.5Gi", 1'610'612'736, 1'610'612'736'000, "1536Mi"},
      {"1Ki", 1024, 1'024'000, "1Ki"},
      {"0.5Ki", 512, 512'000, "512"},
      {"100Ki", 102'400, 102'400'000, "100Ki"},
      {"1e3", 1000, 1'000'000, "1e3"},
      {"1E3", 1000, 1'000'000, "1e3"},
      {"12e6", 12'000'000, 12'000'000'000, "12e6"},
      {"1.5e3", 1500, 1'500'000, "1500"},
      {"1E", 1'000'000'000'000'000'000, std::numeric_limits<std::int64_t>::max(), "1E"},
      {"1Pi", 1'125'899'906'842'624, 1'125'899'906'842'624'000, "1Pi"},
      {"0.1", 1, 100, "100m"},
      {"007", 7, 7000, "7"},
  };
  for (const auto& [text, units, milli, canonical] : cases) {
    const Quantity quantity = amount(text);
    EXPECT_EQ(quantity.units(), units) << text;
    EXPECT_EQ(quantity.milli(), milli) << text;
    EXPECT_EQ(quantity.text(), canonical) << text;
    EXPECT_EQ(amount(quantity.text()), quantity) << text;
  }
}

TEST(Quantity, RefusesEverythingElse) {
  for (const char* text :
       {"",  " ", "a",  "1 ",   " 1",    "1x",   "1KI", "1K",   "1mi", "m",
        ".", "-", "1e", "1ee3", "1.2.3", "1e3k", "Mi",  "0x10", "1,5", "1e99999999999"}) {
    const auto quantity = Quantity::parse(text);
    ASSERT_FALSE(quantity) << text;
    EXPECT_TRUE(
        quantity.error().message.starts_with("quantities must match the regular expression"))
        << text;
  }
}

TEST(Quantity, RefusesWhatIsBeyondItsRange) {
  EXPECT_TRUE(Quantity::parse("9223372036854775807"));
  for (const char* text : {"9223372036854775808", "8Ei", "10E", "1e30", "1e300"}) {
    const auto quantity = Quantity::parse(text);
    ASSERT_FALSE(quantity) << text;
    EXPECT_EQ(quantity.error().message, "the quantity is too large: at most 2^63 - 1 units")
        << text;
  }
}

TEST(Quantity, RoundsUpWhatIsFinerThanABillionth) {
  EXPECT_EQ(amount("0.1n").text(), "1n");
  EXPECT_EQ(amount("1.0000000001").text(), "1000000001n");
  EXPECT_EQ(amount("1e-300").text(), "1e-9");
}

TEST(Quantity, AddsExactly) {
  EXPECT_EQ(amount("0.1") + amount("0.2"), amount("0.3"));
  EXPECT_EQ((amount("1Gi") + amount("512Mi")).text(), "1536Mi");
  EXPECT_EQ((amount("1Gi") - amount("1Gi")).text(), "0");
  EXPECT_LT(amount("999m"), amount("1"));
  EXPECT_GT(amount("1Ki"), amount("1k"));
}

TEST(Quantity, ReadsJsonNumbersAndTexts) {
  EXPECT_EQ(Quantity::from_json(2), amount("2"));
  EXPECT_EQ(Quantity::from_json(0.25), amount("250m"));
  EXPECT_EQ(Quantity::from_json("64Mi"), amount("64Mi"));
  for (const Json& value : {Json(), Json(true), Json::array(), Json("lots")})
    EXPECT_FALSE(Quantity::from_json(value));
}

TEST(Quantity, IsWrittenByWhatItMeasures) {
  EXPECT_EQ(Quantity::of_bytes(67'108'864).text(), "64Mi");
  EXPECT_EQ(Quantity::of_bytes(1000).text(), "1k") << "no binary form: below 1024";
  EXPECT_EQ(Quantity::of_bytes(1025).text(), "1025");
  EXPECT_EQ(Quantity::of_milli(250).text(), "250m");
  EXPECT_EQ(Quantity::of_milli(2000).text(), "2");
}

}  // namespace
}  // namespace mizan::resources
