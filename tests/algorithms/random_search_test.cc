// Random search beyond the conformance suite: the declared distributions, and the last points of a
// space.
#include "algorithms/random_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "algorithms/unit_interval.h"
#include "tests/support/random_problems.h"
#include "tests/support/small_problems.h"

namespace mizan::algorithms {
namespace {

using testing::problem_of;

TEST(RandomSearchTest, DrawsFromTheDeclaredDistributions) {
  std::vector<Parameter> parameters;
  for (const Distribution d : {Distribution::kUniform, Distribution::kLogUniform,
                               Distribution::kNormal, Distribution::kLogNormal})
    parameters.push_back(*make_double(std::string("x") + std::to_string(static_cast<int>(d)),
                                      {"0.01", "10", ""}, d));
  const Problem problem = problem_of(std::move(parameters));
  constexpr std::size_t kDraws = 2000;
  const Settings settings;
  const History none;
  Cache cache;
  const Query query{problem, settings, 11, none, {}, {}, 0};

  const Batch batch = make_random_search()->suggest(query, kDraws, cache);

  for (std::size_t p = 0; p < problem.space.size(); ++p) {
    std::vector<double> u;
    for (const Proposal& proposal : batch.proposals)
      u.push_back(to_unit(problem.space[p], proposal.point.values[p]));
    std::sort(u.begin(), u.end());
    double distance = 0;  // Kolmogorov-Smirnov
    for (std::size_t i = 0; i < u.size(); ++i)
      distance = std::max(distance, std::fabs(u[i] - (static_cast<double>(i) + 0.5) / kDraws));
    EXPECT_LT(distance, 2.3 / std::sqrt(double{kDraws})) << "a false alarm is one in 20,000";
  }
}

TEST(RandomSearchTest, FindsTheLastUnusedPointOfALargeSpace) {
  const Problem problem = problem_of({*make_int("a", {"0", "99", ""}, Distribution::kNormal),
                                      *make_int("b", {"0", "9", ""}, Distribution::kUniform)});
  History history;
  constexpr std::uint64_t kLast =
      7;  // far out in the tail of the normal: rejection would take for ever
  for (std::uint64_t i = 0; i < 1000; ++i) {
    if (i != kLast)
      testing::add(history, testing::finished_evaluation(i, problem.space.at_position(i), 1));
  }
  const Settings settings;
  Cache cache;
  const Query query{problem, settings, 1, history, {}, {}, 999};

  const Batch batch = make_random_search()->suggest(query, 2, cache);

  ASSERT_EQ(batch.proposals.size(), 2U);
  EXPECT_EQ(batch.proposals[0].point, problem.space.at_position(kLast));
  EXPECT_EQ(batch.proposals[1].reason,
            "drawn at random; a repeat, since every point of the space is in use");
  EXPECT_EQ(batch.next, Next::kMore);
}

TEST(RandomSearchTest, RepeatsARunFromItsSeedAlone) {
  const Problem problem = problem_of({*make_double("x", {"0", "1", ""}, Distribution::kUniform)});
  const Settings settings;
  const History none;
  Cache cache;
  const auto first_of = [&](std::uint64_t seed, std::uint64_t draw) {
    const Query query{problem, settings, seed, none, {}, {}, draw};
    return make_random_search()->suggest(query, 1, cache).proposals[0].point.values[0];
  };
  // Golden: pins the meaning of random_state (Philox block {0, draw, 0, purpose << 24}, key =
  // seed).
  const auto block = philox4x32({0, 5, 0, 1U << 24U}, {3, 0});
  const std::uint64_t bits = (std::uint64_t{block[1]} << 32U) | block[0];
  EXPECT_EQ(first_of(3, 5), (static_cast<double>(bits >> 11U) + 0.5) * 0x1p-53);
  EXPECT_NE(first_of(3, 5), first_of(3, 6));
  EXPECT_NE(first_of(3, 5), first_of(4, 5));
}

}  // namespace
}  // namespace mizan::algorithms
