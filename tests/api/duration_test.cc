// Ages as kubectl prints them.
#include "api/duration.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

TEST(DurationTest, GrowsCoarserWithLength) {
  constexpr long minute = 60, hour = 3600, day = 24 * hour, year = 365 * day;
  const std::pair<long, const char*> rows[] = {
      {-5, "<invalid>"}, {-1, "0s"},
      {0, "0s"},         {6, "6s"},
      {119, "119s"},     {120, "2m"},
      {200, "3m20s"},    {599, "9m59s"},
      {600, "10m"},      {179 * minute, "179m"},
      {3 * hour, "3h"},  {3 * hour + 5 * minute, "3h5m"},
      {8 * hour, "8h"},  {47 * hour, "47h"},
      {48 * hour, "2d"}, {51 * hour, "2d3h"},
      {8 * day, "8d"},   {729 * day, "729d"},
      {2 * year, "2y"},  {2 * year + day, "2y1d"},
      {9 * year, "9y"},
  };
  for (const auto& [seconds, text] : rows)
    EXPECT_EQ(human_duration(std::chrono::seconds(seconds)), text) << seconds;
}

TEST(DurationTest, ReadsTimesOrSaysThatItCannot) {
  const Time now = *parse_rfc3339("2026-11-23T20:00:06Z");

  EXPECT_EQ(human_age("2026-11-23T20:00:00Z", now), "6s");
  EXPECT_EQ(human_age("2026-11-23T21:00:00+01:00", now), "6s");
  EXPECT_EQ(human_age("yesterday", now), "<unknown>");
}

}  // namespace
}  // namespace mizan::api
