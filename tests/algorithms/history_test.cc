// Order, digests and cheap copies of histories.
#include "algorithms/history.h"

#include <gtest/gtest.h>

#include "algorithms/counter_rng.h"
#include "tests/support/random_problems.h"

namespace mizan::algorithms {
namespace {

EvaluationPtr evaluation(std::uint64_t draw, double value) {
  return testing::finished_evaluation(draw, Point{{static_cast<double>(draw)}}, value);
}

TEST(HistoryTest, OrdersByCompletionTimeThenDraw) {
  History history;
  history.insert({20, 1, "b"}, evaluation(1, 0));
  history.insert({10, 5, "a"}, evaluation(5, 0));
  history.insert({20, 0, "c"}, evaluation(0, 0));
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0].draw, 5U);
  EXPECT_EQ(history[1].draw, 0U);
  EXPECT_EQ(history[2].draw, 1U);
}

TEST(HistoryTest, HasTheSameDigestHoweverItCameAbout) {
  CounterRng rng(1, 0, Purpose::kSample);
  constexpr std::uint64_t kCount = 700;  // several pieces
  History forward, shuffled;
  std::vector<std::uint64_t> draws;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    forward.insert({static_cast<std::int64_t>(i), i, "t"}, evaluation(i, 1));
    draws.insert(draws.begin() + static_cast<std::ptrdiff_t>(rng.below(draws.size() + 1)), i);
  }
  for (const std::uint64_t i : draws)
    shuffled.insert({static_cast<std::int64_t>(i), i, "t"}, evaluation(i, 1));

  for (std::size_t n = 0; n <= kCount; n += 50) EXPECT_EQ(forward.digest(n), shuffled.digest(n));
  EXPECT_EQ(forward[123].draw, shuffled[123].draw);
}

TEST(HistoryTest, ChangesEveryLaterDigestWhenAnEvaluationIsEdited) {
  History history;
  for (std::uint64_t i = 0; i < 10; ++i)
    history.insert({static_cast<std::int64_t>(i), i, "t"}, evaluation(i, 1));
  const History before = history;

  history.insert({4, 4, "t"}, evaluation(4, 2));

  EXPECT_EQ(history.size(), 10U);
  EXPECT_EQ(history.digest(4), before.digest(4));
  for (std::size_t n = 5; n <= 10; ++n) EXPECT_NE(history.digest(n), before.digest(n));
  EXPECT_EQ(before[4].objectives[0], 1) << "the copy keeps what it had";
}

TEST(HistoryTest, ForgetsWhatIsErased) {
  History history, without;
  for (std::uint64_t i = 0; i < 600; ++i) {
    history.insert({static_cast<std::int64_t>(i), i, "t"}, evaluation(i, 1));
    if (i != 300) without.insert({static_cast<std::int64_t>(i), i, "t"}, evaluation(i, 1));
  }
  EXPECT_TRUE(history.erase({300, 300, "t"}));
  EXPECT_FALSE(history.erase({300, 300, "t"}));
  EXPECT_EQ(history.size(), 599U);
  EXPECT_EQ(history.digest(), without.digest());
}

TEST(HistoryTest, TellsEvaluationsApartByEverythingThatMatters) {
  const Evaluation base = *evaluation(1, 0.5);
  const auto changed = [&](auto change) {
    Evaluation e = base;
    change(e);
    return hash_of(e) != hash_of(base);
  };
  EXPECT_TRUE(changed([](Evaluation& e) { e.point.values[0] = 2; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.state = EvaluationState::kStopped; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.objectives[0] = 0.25; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.excluded = true; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.origin = Origin::kImported; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.curve = {{1, 2}}; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.fidelity = 3; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.constraints = {1}; }));
  EXPECT_TRUE(changed([](Evaluation& e) { e.parent = "p"; }));
}

}  // namespace
}  // namespace mizan::algorithms
