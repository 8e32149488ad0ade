// What caches keep of a history is what they would read anew, however the history changes.
#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/counter_rng.h"
#include "algorithms/evaluation_table.h"
#include "algorithms/read_prefix.h"
#include "algorithms/seen_points.h"
#include "tests/support/random_problems.h"
#include "tests/support/small_problems.h"

namespace mizan::algorithms {
namespace {

constexpr int kChanges = 400;
constexpr std::uint64_t kSpace = 1;

// One parameter with few values, so that points repeat; some lie outside.
EvaluationPtr some_evaluation(std::uint64_t draw, CounterRng& rng) {
  const double at = static_cast<double>(rng.below(12)) / 10;  // 1.1 is outside [0, 1]
  return testing::finished_evaluation(draw, Point{{at}}, rng.uniform());
}

// Mostly a few places before the end, as trials of one second come in; now and then anywhere.
History::Key some_key(const History& history, CounterRng& rng) {
  const std::uint64_t size = history.size();
  const std::uint64_t back = rng.below(20) == 0 ? rng.below(size + 1) : rng.below(5);
  const std::uint64_t at = size + 1 > back ? size + 1 - back : 0;
  return {static_cast<std::int64_t>(at / 3), at, "t"};
}

void change(History& history, std::uint64_t draw, CounterRng& rng) {
  const History::Key key = some_key(history, rng);
  if (rng.below(6) == 0) {
    history.erase(key);
  } else {
    history.insert(key, some_evaluation(draw, rng));
  }
}

TEST(KeptReadingTest, KeepsWhatTwoHistoriesBeginWith) {
  CounterRng rng(7, 0, Purpose::kSample);
  History history;
  for (std::uint64_t i = 0; i < 100; ++i)
    history.insert({static_cast<std::int64_t>(i), i, "t"}, some_evaluation(i, rng));
  ReadPrefix read;
  EXPECT_EQ(read.keep_common(kSpace, history), 0U);
  read.extend_to(history);

  History edited = history;
  edited.insert({97, 97, "t"}, testing::finished_evaluation(97, Point{{0.5}}, 17));
  EXPECT_EQ(ReadPrefix(read).keep_common(kSpace, edited), 97U);
  edited.insert({-1, 0, "t"}, some_evaluation(0, rng));
  EXPECT_EQ(ReadPrefix(read).keep_common(kSpace, edited), 0U);

  EXPECT_EQ(ReadPrefix(read).keep_common(kSpace, History()), 0U);
  EXPECT_EQ(ReadPrefix(read).keep_common(kSpace, history), 100U);
  history.insert({100, 100, "t"}, some_evaluation(100, rng));
  EXPECT_EQ(read.keep_common(kSpace, history), 100U);
  EXPECT_EQ(read.keep_common(kSpace + 1, history), 0U) << "another space's";
}

TEST(KeptReadingTest, TableIsWhatAFreshOneHolds) {
  const SearchSpace space = testing::problem_of({testing::unit("x")}).space;
  CounterRng rng(8, 0, Purpose::kSample);
  History history;
  EvaluationTable kept;
  for (int i = 0; i < kChanges; ++i) {
    change(history, static_cast<std::uint64_t>(i), rng);
    kept.update(space, history);
    EvaluationTable fresh;
    fresh.update(space, history);
    ASSERT_EQ(kept.size(), fresh.size());
    ASSERT_EQ(kept.measured(), fresh.measured());
    for (std::size_t row = 0; row < fresh.size(); ++row) {
      ASSERT_EQ(kept.standing(row), fresh.standing(row)) << row;
      if (fresh.standing(row) != Standing::kComplete) continue;
      ASSERT_EQ(kept.value(row), fresh.value(row)) << row;
      ASSERT_EQ(kept.unit(row).front(), fresh.unit(row).front()) << row;
    }
  }
  EXPECT_GT(history.size(), 50U);
}

TEST(KeptReadingTest, SeenPointsAreWhatAFreshSetHolds) {
  const SearchSpace space = testing::problem_of({testing::unit("x")}).space;
  CounterRng rng(9, 0, Purpose::kSample);
  History history;
  SeenPoints kept;
  for (int i = 0; i < kChanges; ++i) {
    change(history, static_cast<std::uint64_t>(i), rng);
    if (i % 50 == 49) history = History();  // and from the beginning again
    const std::vector<EvaluationPtr> pending = {some_evaluation(0, rng)};
    kept.update(space, history, pending);
    SeenPoints fresh;
    fresh.update(space, history, pending);
    ASSERT_EQ(kept.size(), fresh.size());
    for (int at = 0; at < 12; ++at) {
      const Point point{{at / 10.0}};
      ASSERT_EQ(kept.contains(point), fresh.contains(point)) << at;
    }
  }
}

}  // namespace
}  // namespace mizan::algorithms
