// The queue's promises: nothing twice, nothing lost, nothing in two hands.
#include "controller/work_queue.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <map>
#include <random>

#include "tests/support/run_task.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

using namespace std::chrono_literals;

class WorkQueueTest : public ::testing::Test {
 protected:
  Request take() {
    auto taken = testing::run_task(io, queue.next());
    if (!taken) throw std::logic_error("the queue is shut down");
    return *taken;
  }

  boost::asio::io_context io;
  WorkQueue queue{io.get_executor()};
  const Request a{"ns", "a"}, b{"ns", "b"};
};

TEST_F(WorkQueueTest, HoldsAKeyOnceHoweverOftenItIsAdded) {
  queue.add(a);
  queue.add(b);
  queue.add(a);

  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(take(), a);
  EXPECT_EQ(take(), b);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(WorkQueueTest, GivesAKeyThatChangedInHandOutAgainOnlyWhenItIsDone) {
  queue.add(a);
  ASSERT_EQ(take(), a);

  queue.add(a);
  queue.add(a);
  EXPECT_EQ(queue.size(), 0U);
  queue.done(a);

  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(take(), a);
  queue.done(a);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(WorkQueueTest, WakesAWaiterWhenAKeyComes) {
  std::optional<Request> got;
  boost::asio::co_spawn(
      io, queue.next(),
      [&](const std::exception_ptr&, std::optional<Request> next) { got = next; });
  testing::run_ready(io);
  ASSERT_FALSE(got);

  queue.add(a);
  testing::run_ready(io);

  ASSERT_TRUE(got);
  EXPECT_EQ(*got, a);
}

TEST_F(WorkQueueTest, OfSeveralDelaysTheEarliestCounts) {
  queue.add_after(a, 1h);
  queue.add_after(a, 1ms);
  queue.add_after(a, 2h);
  EXPECT_EQ(queue.delayed(), 1U);
  EXPECT_EQ(queue.size(), 0U);

  testing::run_until(io, [&] { return queue.size() == 1; });

  EXPECT_EQ(queue.delayed(), 0U);
  EXPECT_EQ(take(), a);
}

TEST_F(WorkQueueTest, AnEarlierDelayOfAnotherKeyIsNotHeldUp) {
  queue.add_after(a, 1h);
  queue.add_after(b, 1ms);

  testing::run_until(io, [&] { return queue.size() == 1; });

  EXPECT_EQ(take(), b);
  EXPECT_EQ(queue.delayed(), 1U);
}

TEST_F(WorkQueueTest, ShuttingDownEndsEveryWaiterAndTakesNothingMore) {
  int ended = 0;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(io, queue.next(),
                          [&](const std::exception_ptr&, const std::optional<Request>& next) {
                            if (!next) ++ended;
                          });
  }
  testing::run_ready(io);

  queue.shut_down();
  queue.add(a);
  queue.add_after(b, 1ms);
  testing::run_ready(io);

  EXPECT_EQ(ended, 3);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.delayed(), 0U);
}

/// A worker that dwells on each key for some turns of the loop.
struct Workers {
  WorkQueue& queue;
  std::map<Request, int> in_hand;
  std::map<Request, int> wanted, seen;  // versions of each key
  bool twice = false;

  Task<> work(unsigned dwell) {
    while (auto request = co_await queue.next()) {
      twice |= ++in_hand[*request] > 1;
      const int version = wanted[*request];
      for (unsigned i = 0; i < dwell; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
      seen[*request] = version;
      --in_hand[*request];
      queue.done(*request);
    }
  }
};

TEST_F(WorkQueueTest, UnderRandomLoadNoKeyIsInTwoHandsAndEveryChangeIsSeen) {
  Workers workers{queue, {}, {}, {}, false};
  for (unsigned i = 0; i < 4; ++i)
    boost::asio::co_spawn(io, workers.work(i * 3), boost::asio::detached);
  std::mt19937 random(7);

  for (int step = 0; step < 5000; ++step) {
    const Request key("ns", std::to_string(random() % 9));
    ++workers.wanted[key];
    queue.add(key);
    io.restart();
    for (unsigned i = random() % 6; i > 0; --i) io.poll_one();
  }
  testing::run_ready(io);

  EXPECT_FALSE(workers.twice);
  EXPECT_EQ(workers.seen, workers.wanted);
  queue.shut_down();
  testing::run_ready(io);
}

}  // namespace
}  // namespace mizan::controller
