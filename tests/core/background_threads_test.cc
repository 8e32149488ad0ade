// What is given to them is done, at their own priority and nobody else's.
#include "core/background_threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>

namespace mizan {
namespace {

int priority_here() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST(BackgroundThreadsTest, GiveWayToTheThreadThatMadeThem) {
  const int mine = priority_here();
  int theirs = mine;
  {
    BackgroundThreads threads(1);
    boost::asio::post(threads.get_executor(), [&theirs] { theirs = priority_here(); });
  }
  EXPECT_EQ(theirs, std::min(mine + 10, 19)) << "a higher number gives way";
  EXPECT_EQ(priority_here(), mine);
}

TEST(BackgroundThreadsTest, DoWhatTheyWereGivenBeforeTheyEnd) {
  std::atomic<int> done = 0;
  BackgroundThreads threads(3);
  for (int i = 0; i < 100; ++i)
    boost::asio::post(threads.get_executor(),
                      [&] { boost::asio::post(threads.get_executor(), [&done] { ++done; }); });

  threads.join();
  EXPECT_EQ(done, 100);
  threads.join();
}

}  // namespace
}  // namespace mizan
