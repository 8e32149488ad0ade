// Curves come and go; each sees all the others.
#include "suggestion/peer_curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <random>
#include <set>

namespace mizan::suggestion {
namespace {

using algorithms::Curve;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(PeerCurvesTest, EachSeesAllTheOthers) {
  Curve a, b, c;
  PeerCurves peers;
  EXPECT_THAT(peers.others(a), IsEmpty());
  for (const Curve* curve : {&a, &b, &c, &b}) peers.put(*curve);

  EXPECT_THAT(peers.others(a), UnorderedElementsAre(&b, &c));
  EXPECT_THAT(peers.others(b), UnorderedElementsAre(&a, &c));
  peers.remove(a);
  EXPECT_THAT(peers.others(b), UnorderedElementsAre(&c));
  EXPECT_THAT(peers.others(a), UnorderedElementsAre(&b, &c)) << "one that is not there sees all";
}

TEST(PeerCurvesTest, AgreesWithASetAfterAnyHistory) {
  std::mt19937 random(11);
  std::list<Curve> curves(20);
  std::vector<const Curve*> all;
  for (const Curve& curve : curves) all.push_back(&curve);
  PeerCurves peers;
  std::set<const Curve*> expected;
  for (int i = 0; i < 2'000; ++i) {
    const Curve* curve = all[random() % all.size()];
    switch (random() % 3) {
      case 0:
        peers.put(*curve);
        expected.insert(curve);
        break;
      case 1:
        peers.remove(*curve);
        expected.erase(curve);
        break;
      default: {
        const auto others = peers.others(*curve);
        std::set<const Curve*> seen(others.begin(), others.end());
        std::set<const Curve*> without = expected;
        without.erase(curve);
        ASSERT_EQ(seen, without);
        ASSERT_EQ(others.size(), without.size());
      }
    }
    ASSERT_EQ(peers.size(), expected.size());
  }
}

}  // namespace
}  // namespace mizan::suggestion
