// Growth, giving back, waiting and the end of a boost, look by look.
#include "pods/tuner/pod_watch.h"

#include <gtest/gtest.h>

#include "tests/pods/mebibyte.h"

namespace mizan::pods {
namespace {

using Action = PodStep::Action;
using News = PodStep::News;
using Resize = PodLook::Resize;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PodWatchTest : public ::testing::Test {
 protected:
  PodWatchTest() {
    policy.mode = SizingMode::kInPlace;
    policy.least.memory = kMib;
    look.in_force = look.wished = {.memory = 100 * kMib, .cpu = 1000};
  }

  /// A quarter of a second later; `busy`: thousandths of a core, `throttled`: share of the periods.
  PodStep after(milliseconds time = milliseconds(250), double busy = 500, double throttled = 0) {
    look.at += time;
    look.age += time;
    const double passed = std::chrono::duration<double>(time).count();
    look.cpu.used_nanoseconds += static_cast<std::uint64_t>(passed * busy * 1e6);
    const auto periods = static_cast<std::uint64_t>(passed * 1000);
    look.cpu.periods += periods;
    look.cpu.throttled_periods +=
        static_cast<std::uint64_t>(static_cast<double>(periods) * throttled);
    return watch.look(look, policy);
  }
  void rest(seconds time) {
    for (auto left = milliseconds(time); left.count() > 0; left -= milliseconds(250)) {
      const PodStep step = after();
      ASSERT_EQ(step.action, Action::kNone) << step.why;
    }
  }
  void come_true() { look.in_force = look.wished; }
  static NeedPrediction prediction(double mib, std::size_t evidence) {
    return {
        .expected = mib * kMib, .upper = mib * kMib, .lower = 0, .basis = "", .evidence = evidence};
  }

  SizingPolicy policy;
  PodLook look;
  PodWatch watch;
};

TEST(GrownTest, GrowsBeforeTheLimitIsReached) {
  const SizingPolicy policy;
  const auto pace = [](double last, double steady) {
    return MemoryPace{last * kMib, steady * kMib};
  };
  EXPECT_FALSE(grown(50 * kMib, pace(0, 0), 100 * kMib, policy));
  EXPECT_EQ(grown(90 * kMib, pace(0, 0), 100 * kMib, policy), 120 * kMib);
  EXPECT_EQ(grown(60 * kMib, pace(30, 30), 100 * kMib, policy), 132 * kMib)
      << "at that pace it is full in two seconds";
  EXPECT_FALSE(grown(60 * kMib, pace(30, 0), 100 * kMib, policy)) << "a burst, and there is room";
  EXPECT_EQ(grown(70 * kMib, pace(80, 0), 100 * kMib, policy), 121 * kMib)
      << "but not for another one";
  EXPECT_EQ(grown(60 * kMib, pace(240, 240), 100 * kMib, policy), 150 * kMib)
      << "no more at once than half as much again";
}

TEST(GrownTest, DoesNotGrowBeyondWhatIsAllowed) {
  SizingPolicy policy;
  policy.most.memory = 100 * kMib;
  EXPECT_FALSE(grown(99 * kMib, MemoryPace{}, 100 * kMib, policy));
}

TEST_F(PodWatchTest, AsksOnceForMoreAndTellsWhenItIsThere) {
  look.used = 50 * kMib;
  EXPECT_EQ(after().action, Action::kNone);
  look.used = 90 * kMib;
  const PodStep more = after();
  EXPECT_EQ(more.action, Action::kResize);
  EXPECT_GE(more.size.memory, 120 * kMib);
  EXPECT_EQ(more.size.cpu, 0) << "CPU stays as it is";

  look.wished.memory = more.size.memory;
  look.resize = Resize::kInProgress;
  EXPECT_EQ(after().action, Action::kNone) << "it is on its way";
  look.resize = Resize::kSettled;
  come_true();
  const PodStep there = after();
  EXPECT_EQ(there.news, News::kResized);
  EXPECT_EQ(watch.resizes(), 1);
  EXPECT_EQ(after().news, News::kNone) << "said once";
}

TEST_F(PodWatchTest, OneThatIsAsPredictedMayBeNearlyFull) {
  look.memory_need = prediction(100, 20);
  look.memory_need->expected = 95 * kMib;
  look.used = 40 * kMib;
  after();
  look.used = 94 * kMib;
  EXPECT_EQ(after().action, Action::kNone) << "neither for its pace";
  look.used = 95 * kMib;
  after();
  look.used = 96 * kMib;
  EXPECT_EQ(after().action, Action::kNone) << "past the middle, and nearly at rest";
  look.used = 99 * kMib;
  const PodStep more = after();
  EXPECT_EQ(more.action, Action::kResize) << "past the middle, and it goes on";
  EXPECT_LE(more.size.memory, 150 * kMib);
}

TEST_F(PodWatchTest, AWarmPodHasRoomForWhatItsWorkerHoldsBesides) {
  look.memory_need = prediction(60, 20);
  look.memory_need->expected = 50 * kMib;
  look.in_force.memory = look.wished.memory = 100 * kMib;  // the worker held 40 MiB before
  look.used = 45 * kMib;
  after();
  look.used = 89 * kMib;
  EXPECT_EQ(after().action, Action::kNone) << "11 MiB are left, and the margin is 10";
  look.used = 97 * kMib;
  EXPECT_EQ(after().action, Action::kResize);
}

TEST_F(PodWatchTest, TwoLooksAtOnceTellNoPace) {
  look.used = 40 * kMib;
  after();
  look.used = 42 * kMib;
  after();
  look.used = 45 * kMib;
  EXPECT_EQ(after(milliseconds(5)).action, Action::kNone) << "600 MiB a second, for a moment";
}

TEST_F(PodWatchTest, ButNotByTheWordOfAFew) {
  look.memory_need = prediction(100, 4);
  look.used = 90 * kMib;
  EXPECT_EQ(after().action, Action::kResize);
}

TEST_F(PodWatchTest, ADeferredWishIsTakenBackAfterItsTime) {
  policy.deferred_seconds = 5;
  look.used = 90 * kMib;
  const PodStep more = after();
  look.wished.memory = more.size.memory;
  look.resize = Resize::kDeferred;
  EXPECT_EQ(after().news, News::kDeferred);
  EXPECT_EQ(after(seconds(4)).action, Action::kNone);
  EXPECT_EQ(after(seconds(2)).action, Action::kTakeBack);

  look.wished = look.in_force;
  look.resize = Resize::kSettled;
  EXPECT_EQ(after().action, Action::kNone) << "not at once again";
  EXPECT_EQ(after(seconds(11)).action, Action::kResize) << "but later";
}

TEST_F(PodWatchTest, OrThePodIsMadeAnewAtTheSizeItWishedFor) {
  policy.deferred_seconds = 5;
  policy.recreate = true;
  look.used = 90 * kMib;
  look.wished.memory = after().size.memory;
  look.resize = Resize::kDeferred;
  after();
  const PodStep anew = after(seconds(6));
  EXPECT_EQ(anew.action, Action::kRecreate);
  EXPECT_EQ(anew.size.memory, look.wished.memory);
}

TEST_F(PodWatchTest, WhatNoNodeHasIsNotWaitedForNorAskedForAgain) {
  look.used = 90 * kMib;
  look.wished.memory = after().size.memory;
  look.resize = Resize::kInfeasible;
  const PodStep step = after();
  EXPECT_EQ(step.news, News::kInfeasible);
  EXPECT_EQ(step.action, Action::kTakeBack);
  look.wished = look.in_force;
  look.resize = Resize::kSettled;
  EXPECT_EQ(after(seconds(60)).action, Action::kNone);
}

TEST_F(PodWatchTest, CpuAloneIsNoReasonToMakeAPodAnew) {
  policy.recreate = true;
  look.wished.cpu = 1500;
  look.resize = Resize::kInfeasible;
  EXPECT_EQ(after().action, Action::kTakeBack);
}

TEST_F(PodWatchTest, GivesMemoryBackWhenItKnowsThatThePeakIsBelow) {
  look.used = 20 * kMib;
  rest(seconds(30));
  look.memory_need = prediction(40, 3);
  rest(seconds(5));
  look.memory_need = prediction(90, 20);
  rest(seconds(5));
  look.memory_need = prediction(40, 20);
  const PodStep less = after();
  EXPECT_EQ(less.action, Action::kResize);
  EXPECT_EQ(less.size.memory, 40 * kMib);
  look.wished.memory = less.size.memory;
  come_true();
  EXPECT_EQ(after().news, News::kResized);
  look.memory_need = prediction(26, 30);
  rest(seconds(9));
  EXPECT_EQ(after(seconds(1)).action, Action::kResize) << "at its pace";
}

TEST_F(PodWatchTest, KeepsHeadRoomAboveWhatWasUsed) {
  look.used = 70 * kMib;
  after();
  look.used = 20 * kMib;
  look.memory_need = prediction(30, 20);
  rest(seconds(30));
}

TEST_F(PodWatchTest, DoesNotShrinkOneThatHadToGrow) {
  look.used = 90 * kMib;
  look.wished.memory = after().size.memory;
  come_true();
  after();
  look.used = 10 * kMib;
  look.memory_need = prediction(30, 20);
  look.in_force.memory = look.wished.memory = 400 * kMib;
  rest(seconds(30));
}

TEST_F(PodWatchTest, AShrinkThatIsRefusedIsTakenBackAndNotTriedAgain) {
  look.used = 20 * kMib;
  rest(seconds(15));
  look.memory_need = prediction(40, 20);
  look.wished.memory = after().size.memory;
  look.resize = Resize::kRefused;
  EXPECT_EQ(after().action, Action::kTakeBack);
  look.wished = look.in_force;
  look.resize = Resize::kSettled;
  rest(seconds(30));
}

TEST_F(PodWatchTest, CpuGrowsWhileItIsThrottledAndOnlyThen) {
  policy.cpu = true;
  look.used = 10 * kMib;
  after();
  EXPECT_EQ(after(milliseconds(500), 1000, 0.6).action, Action::kNone) << "one window says little";
  const PodStep more = after(milliseconds(500), 1000, 0.6);
  EXPECT_EQ(more.action, Action::kResize);
  EXPECT_EQ(more.size.cpu, 1500);
  EXPECT_EQ(more.size.memory, 0);
  look.wished.cpu = more.size.cpu;
  come_true();
  EXPECT_EQ(after(milliseconds(500), 1400, 0).news, News::kResized);
  EXPECT_EQ(after(milliseconds(500), 1400, 0).action, Action::kNone);
}

TEST_F(PodWatchTest, CpuStaysWhenItIsNotControlled) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(after(milliseconds(500), 1000, 0.9).action, Action::kNone);
}

TEST_F(PodWatchTest, CpuShrinksWithHeadRoomWhenItIsIdle) {
  policy.cpu = true;
  PodStep step;
  for (int i = 0; i < 60 && step.action == Action::kNone; ++i) step = after(milliseconds(250), 200);
  EXPECT_EQ(step.action, Action::kResize);
  EXPECT_EQ(step.size.cpu, 260);
}

TEST_F(PodWatchTest, TheBoostEndsAndIsNotLearned) {
  policy.cpu = true;
  policy.boost_factor = 2;
  policy.boost_seconds = 5;
  watch = PodWatch({.to = 2000, .from = 1000});
  look.in_force = look.wished = {.memory = 100 * kMib, .cpu = 2000};
  for (int i = 0; i < 18; ++i) EXPECT_EQ(after(milliseconds(250), 1900).action, Action::kNone);
  PodStep step;
  for (int i = 0; i < 4 && step.action == Action::kNone; ++i) step = after(milliseconds(250), 1900);
  EXPECT_EQ(step.action, Action::kResize);
  EXPECT_EQ(step.size.cpu, 1000);
  EXPECT_EQ(watch.cpu().peak_milli(), 0);
  look.wished.cpu = 1000;
  come_true();
  EXPECT_EQ(after().news, News::kResized);
  after(milliseconds(500), 400);
  after(milliseconds(500), 400);
  EXPECT_NEAR(static_cast<double>(watch.cpu().peak_milli()), 400, 110);
}

TEST_F(PodWatchTest, OnlyMeasuresInOtherModes) {
  policy.mode = SizingMode::kInitial;
  look.used = 99 * kMib;
  look.resize = Resize::kDeferred;
  for (int i = 0; i < 8; ++i) {
    const PodStep step = after(seconds(200));
    EXPECT_EQ(step.action, Action::kNone);
    EXPECT_EQ(step.news, News::kNone);
  }
  EXPECT_EQ(watch.cpu().peak_milli(), 500);
}

TEST(CpuTrackTest, NinetyFiveOfAHundredWindowsStayBelowThePeak) {
  CpuTrack track;
  CpuTrack::Time at;
  CpuCounters counters;
  track.add(at, counters, true);
  for (int i = 1; i <= 2000; ++i) {
    at += milliseconds(500);
    counters.used_nanoseconds += i % 10 == 0 ? 450'000'000 : 100'000'000;
    track.add(at, counters, true);
  }
  EXPECT_GE(track.peak_milli(), 260) << "the share of 900 in what was averaged";
  EXPECT_LE(track.peak_milli(), 900);
}

TEST(CpuTrackTest, ThrottlingIsCountedFromTheTrialsBegin) {
  CpuTrack track;
  CpuTrack::Time at;
  track.add(at, {.throttled_nanoseconds = 500'000'000}, true);
  EXPECT_DOUBLE_EQ(track.throttled_seconds(), 0.5) << "a cold pod has waited for this trial alone";
  track.begin_anew();
  track.add(at + seconds(1), {.throttled_nanoseconds = 700'000'000}, true);
  EXPECT_DOUBLE_EQ(track.throttled_seconds(), 0.2);
  EXPECT_EQ(track.peak_milli(), 0);
}

}  // namespace
}  // namespace mizan::pods
