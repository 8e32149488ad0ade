// Following output: each measurement once, whatever breaks.
#include "experiment/log_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_observation_log.h"
#include "tests/experiment/builders.h"
#include "tests/support/run_task.h"
#include "tests/support/run_until.h"
#include "tests/support/scripted_logs.h"

namespace mizan::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::pod_view;
using testing::trial_object;

class LogCollectorTest : public ::testing::Test {
 protected:
  LogCollectorTest() {
    collector.on_result(
        [this](const std::string&, const std::string& name) { told.push_back(name); });
  }
  ~LogCollectorTest() override { mizan::testing::run_task(io, collector.stop()); }

  const Collected& finish(const PodView& of) {
    mizan::testing::run_until(io, [&] { return collector.result(trial.uid, of) != nullptr; });
    return *collector.result(trial.uid, of);
  }
  std::vector<std::string> kept() {
    std::vector<std::string> values;
    for (const auto& row : *mizan::testing::run_task(io, observations.read(trial.uid, "")))
      values.push_back(row.metric + "=" + row.value);
    return values;
  }
  void settle() {
    for (int i = 0; i < 10; ++i) mizan::testing::run_ready(io);
  }

  boost::asio::io_context io;
  mizan::testing::ScriptedLogs logs;
  store::MemoryObservationLog observations;
  LogCollector collector{io.get_executor(), logs, observations};
  resources::Trial trial = resources::read_trial(trial_object("t"));
  PodView pod = pod_view("t", "Running");
  std::vector<std::string> told;
};

TEST_F(LogCollectorTest, CollectsWhileThePodRunsAndTellsWhenItIsRead) {
  logs.print("t-pod", "loss=3\n");
  collector.follow(trial, pod, true);
  mizan::testing::run_until(io, [&] { return !kept().empty(); });  // long before the end
  EXPECT_TRUE(told.empty());

  logs.print("t-pod", "loss=2\nbye\n");
  logs.end("t-pod");
  const Collected& all = finish(pod);

  EXPECT_EQ(all.observation.observation()[0], (resources::ObservedMetric{"loss", "2", "3", "2"}));
  EXPECT_EQ(all.notes.last_line, "bye");
  EXPECT_TRUE(all.problem.empty());
  EXPECT_THAT(kept(), ElementsAre("loss=3", "loss=2"));
  EXPECT_THAT(told, ElementsAre("t"));
}

TEST_F(LogCollectorTest, StampsEachMeasurementWithTheTimeOfItsLine) {
  logs.print("t-pod", "loss=3\nloss=2\n");
  logs.end("t-pod");
  collector.follow(trial, pod, true);
  finish(pod);

  const auto rows = *mizan::testing::run_task(io, observations.read(trial.uid, ""));

  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].time && rows[1].time);
  EXPECT_LT(*rows[0].time, *rows[1].time);
}

TEST_F(LogCollectorTest, FollowingTwiceIsFollowingOnce) {
  logs.print("t-pod", "loss=3\n");
  collector.follow(trial, pod, true);
  collector.follow(trial, pod, true);
  settle();

  EXPECT_EQ(logs.opens, 1U);
}

TEST_F(LogCollectorTest, AfterARestartWhatIsKeptIsNotKeptTwice) {
  logs.print("t-pod", "loss=3\nloss=3\nloss=2\n");
  {
    LogCollector before(io.get_executor(), logs, observations);
    before.follow(trial, pod, true);
    mizan::testing::run_until(io, [&] { return kept().size() == 3; });
    mizan::testing::run_task(io, before.stop());
  }

  logs.print("t-pod", "loss=1\n");
  logs.end("t-pod");
  collector.follow(trial, pod, false);
  const Collected& all = finish(pod);

  EXPECT_THAT(kept(), ElementsAre("loss=3", "loss=3", "loss=2", "loss=1"));
  EXPECT_EQ(all.observation.observation()[0], (resources::ObservedMetric{"loss", "1", "3", "1"}));
}

TEST_F(LogCollectorTest, ABrokenConnectionLosesAndDoublesNothing) {
  logs.chunk = 7;
  collector.follow(trial, pod, true);
  for (int i = 0; i < 5; ++i) {
    logs.print("t-pod", "loss=" + std::to_string(i) + "\n");
    settle();
    logs.break_streams();
  }
  logs.end("t-pod");
  finish(pod);

  EXPECT_THAT(kept(), ElementsAre("loss=0", "loss=1", "loss=2", "loss=3", "loss=4"));
}

TEST_F(LogCollectorTest, AnotherAttemptMakesTheMeasurementsOfTheFirstVoid) {
  logs.print("t-pod", "loss=1\n");
  logs.end("t-pod");
  collector.follow(trial, pod, true);
  finish(pod);
  PodView second = pod_view("t", "Running");
  second.name = "second";
  second.uid = "uid-second";
  logs.print("second", "x\ny\nloss=5\n");
  logs.end("second");

  collector.follow(trial, second, false);
  const Collected& all = finish(second);

  EXPECT_EQ(collector.result(trial.uid, pod), nullptr);
  EXPECT_EQ(all.observation.observation()[0].min, "5");
  EXPECT_THAT(kept(), ElementsAre("loss=5"));
}

TEST_F(LogCollectorTest, TriesAgainWhenTheContainerIsNotQuiteThere) {
  logs.print("t-pod", "loss=1\n");
  logs.end("t-pod");
  logs.refuse({Code::kBadRequest, "container \"main\" is waiting to start", {}}, 3);

  collector.follow(trial, pod, true);

  EXPECT_EQ(finish(pod).observation.observation()[0].min, "1");
  EXPECT_EQ(logs.opens, 4U);
}

TEST_F(LogCollectorTest, SaysWhyALogCouldNotBeRead) {
  collector.follow(trial, pod, true);  // no such pod

  EXPECT_THAT(finish(pod).problem,
              HasSubstr("its log could not be read: pods \"t-pod\" not found"));
}

TEST_F(LogCollectorTest, GivingUpKeepsWhatThereIs) {
  logs.print("t-pod", "loss=1\n");
  collector.follow(trial, pod, true);
  settle();

  collector.give_up(trial.uid, "its log did not end");

  EXPECT_EQ(finish(pod).observation.observation()[0].min, "1");
  EXPECT_EQ(finish(pod).problem, "its log did not end");
  EXPECT_THAT(kept(), ElementsAre("loss=1"));
}

TEST_F(LogCollectorTest, ForgettingEndsTheFollowing) {
  logs.print("t-pod", "loss=1\n");
  collector.follow(trial, pod, true);
  settle();

  collector.forget(trial.uid);
  mizan::testing::run_until(io, [&] { return collector.following() == 0; });

  EXPECT_EQ(collector.result(trial.uid, pod), nullptr);
}

TEST_F(LogCollectorTest, AFilterThatDoesNotCompileIsSaid) {
  trial.collector.filters = {"("};
  logs.print("t-pod", "loss=1\n");
  collector.follow(trial, pod, true);

  EXPECT_THAT(finish(pod).problem, HasSubstr("metricsFormat[0]"));
}

}  // namespace
}  // namespace mizan::experiment
