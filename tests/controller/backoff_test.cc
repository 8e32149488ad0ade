// The delays between tries.
#include "controller/backoff.h"

#include <gtest/gtest.h>

namespace mizan::controller {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, DoublesFromFiveMillisecondsToAMinute) {
  EXPECT_EQ(backoff_delay(1), milliseconds(5));
  EXPECT_EQ(backoff_delay(2), milliseconds(10));
  EXPECT_EQ(backoff_delay(5), milliseconds(80));
  EXPECT_EQ(backoff_delay(14), milliseconds(40'960));
  EXPECT_EQ(backoff_delay(15), milliseconds(60'000));
  EXPECT_EQ(backoff_delay(4'000'000'000U), milliseconds(60'000));
}

TEST(BackoffTest, CountsEachKeyForItselfUntilItSucceeds) {
  Backoff backoff;
  const Request a("ns", "a");
  const Request b("ns", "b");

  EXPECT_EQ(backoff.failed(a), milliseconds(5));
  EXPECT_EQ(backoff.failed(a), milliseconds(10));
  EXPECT_EQ(backoff.failed(b), milliseconds(5));
  backoff.succeeded(a);

  EXPECT_EQ(backoff.failed(a), milliseconds(5));
  EXPECT_EQ(backoff.failing(), 2U);
}

}  // namespace
}  // namespace mizan::controller
