// RFC 3339, both ways.
#include "core/time.h"

#include <gtest/gtest.h>

namespace mizan {
namespace {

Time at(std::int64_t seconds, std::int64_t nanos = 0) {
  return Time{std::chrono::duration_cast<Time::duration>(std::chrono::seconds(seconds) +
                                                         std::chrono::nanoseconds(nanos))};
}

TEST(FormatRfc3339, WritesUtcWithTheDigitsAskedFor) {
  const Time time = at(1795465150, 123456789);
  EXPECT_EQ(format_rfc3339(time), "2026-11-23T20:19:10Z");
  EXPECT_EQ(format_rfc3339_micro(time), "2026-11-23T20:19:10.123456Z");
  EXPECT_EQ(format_rfc3339_nano(time), "2026-11-23T20:19:10.123456789Z");
}

TEST(FormatRfc3339, CutsTheFractionDownAlsoBeforeTheEpoch) {
  EXPECT_EQ(format_rfc3339(at(-1, 999'999'999)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(format_rfc3339_micro(at(-1, 1)), "1969-12-31T23:59:59.000000Z");
}

TEST(ParseRfc3339, ReadsOffsetsAndFractions) {
  const struct {
    const char* text;
    Time time;
  } cases[] = {
      {"1970-01-01T00:00:00Z", at(0)},
      {"1970-01-01t00:00:01z", at(1)},
      {"1970-01-01 00:00:01Z", at(1)},
      {"1970-01-01T01:00:00+01:00", at(0)},
      {"1969-12-31T19:30:00-04:30", at(0)},
      {"2026-11-23T20:19:10.5Z", at(1795465150, 500'000'000)},
      {"2026-11-23T20:19:10,5Z", at(1795465150, 500'000'000)},
      {"2026-11-23T20:19:10.123456789Z", at(1795465150, 123'456'789)},
      {"2026-11-23T20:19:10.1234567891234Z", at(1795465150, 123'456'789)},
      {"2024-02-29T00:00:00Z", at(1709164800)},
  };
  for (const auto& [text, time] : cases) {
    const auto parsed = parse_rfc3339(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, time) << text;
  }
}

TEST(ParseRfc3339, TakesNothingElse) {
  for (const char* text :
       {"", "2026", "2026-11-23", "2026-11-23T20:19:10", "2026-11-23T20:19Z",
        "2026-11-23T20:19:10.Z", "2026-11-23T20:19:10+1:00", "2026-11-23T20:19:10+0100",
        "2026-11-23T20:19:10+24:00", "2026-11-23T24:00:00Z", "2026-11-23T20:60:00Z",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-23T20:19:10Z ",
        " 2026-11-23T20:19:10Z", "-026-11-23T20:19:10Z", "2026-1-23T20:19:10Z", "yesterday"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(ParseRfc3339, ReadsBackWhatWasWritten) {
  for (const std::int64_t seconds :
       {-2'000'000'000LL, -1LL, 0LL, 951'782'400LL, 1'795'465'150LL, 4'000'000'000LL}) {
    const Time time = at(seconds, 987'654'321);
    EXPECT_EQ(parse_rfc3339(format_rfc3339_nano(time)), time) << seconds;
  }
}

}  // namespace
}  // namespace mizan
