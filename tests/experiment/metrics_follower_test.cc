// Following what trials say, from wherever: each measurement once, whatever breaks.
#include "experiment/metrics_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_observation_log.h"
#include "tests/experiment/builders.h"
#include "tests/support/event_file.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run_task.h"
#include "tests/support/run_until.h"
#include "tests/support/scripted_files.h"
#include "tests/support/scripted_logs.h"

namespace mizan::experiment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::pod_view;
using testing::trial_object;

class MetricsFollowerTest : public ::testing::Test {
 protected:
  MetricsFollowerTest() {
    collector.on_result(
        [this](const std::string&, const std::string& name) { told.push_back(name); });
  }
  ~MetricsFollowerTest() override { mizan::testing::run_task(io, collector.stop()); }

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
  mizan::testing::ScriptedFiles files;
  mizan::testing::ManualClock clock;
  MetricsFeeds feeds{io.get_executor(), logs, &files, clock};
  MetricsFollower collector{io.get_executor(), feeds, observations};
  resources::Trial trial = resources::read_trial(trial_object("t"));
  PodView pod = pod_view("t", "Running");
  std::vector<std::string> told;
};

TEST_F(MetricsFollowerTest, CollectsWhileThePodRunsAndTellsWhenItIsRead) {
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

TEST_F(MetricsFollowerTest, StampsEachMeasurementWithTheTimeOfItsLine) {
  logs.print("t-pod", "loss=3\nloss=2\n");
  logs.end("t-pod");
  collector.follow(trial, pod, true);
  finish(pod);

  const auto rows = *mizan::testing::run_task(io, observations.read(trial.uid, ""));

  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].time && rows[1].time);
  EXPECT_LT(*rows[0].time, *rows[1].time);
}

TEST_F(MetricsFollowerTest, FollowingTwiceIsFollowingOnce) {
  logs.print("t-pod", "loss=3\n");
  collector.follow(trial, pod, true);
  collector.follow(trial, pod, true);
  settle();

  EXPECT_EQ(logs.opens, 1U);
}

TEST_F(MetricsFollowerTest, AfterARestartWhatIsKeptIsNotKeptTwice) {
  logs.print("t-pod", "loss=3\nloss=3\nloss=2\n");
  {
    MetricsFollower before(io.get_executor(), feeds, observations);
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

TEST_F(MetricsFollowerTest, ABrokenConnectionLosesAndDoublesNothing) {
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

TEST_F(MetricsFollowerTest, AnotherAttemptMakesTheMeasurementsOfTheFirstVoid) {
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

TEST_F(MetricsFollowerTest, TriesAgainWhenTheContainerIsNotQuiteThere) {
  logs.print("t-pod", "loss=1\n");
  logs.end("t-pod");
  logs.refuse({Code::kBadRequest, "container \"main\" is waiting to start", {}}, 3);

  collector.follow(trial, pod, true);

  EXPECT_EQ(finish(pod).observation.observation()[0].min, "1");
  EXPECT_EQ(logs.opens, 4U);
}

TEST_F(MetricsFollowerTest, SaysWhyALogCouldNotBeRead) {
  collector.follow(trial, pod, true);  // no such pod

  EXPECT_THAT(finish(pod).problem,
              HasSubstr("its log could not be read: pods \"t-pod\" not found"));
}

TEST_F(MetricsFollowerTest, GivingUpKeepsWhatThereIs) {
  logs.print("t-pod", "loss=1\n");
  collector.follow(trial, pod, true);
  settle();

  collector.give_up(trial.uid, "its log did not end");

  EXPECT_EQ(finish(pod).observation.observation()[0].min, "1");
  EXPECT_EQ(finish(pod).problem, "its log did not end");
  EXPECT_THAT(kept(), ElementsAre("loss=1"));
}

TEST_F(MetricsFollowerTest, ForgettingEndsTheFollowing) {
  logs.print("t-pod", "loss=1\n");
  collector.follow(trial, pod, true);
  settle();

  collector.forget(trial.uid);
  mizan::testing::run_until(io, [&] { return collector.following() == 0; });

  EXPECT_EQ(collector.result(trial.uid, pod), nullptr);
}

TEST_F(MetricsFollowerTest, AFilterThatDoesNotCompileIsSaid) {
  trial.collector.filters = {"("};
  logs.print("t-pod", "loss=1\n");
  collector.follow(trial, pod, true);

  EXPECT_THAT(finish(pod).problem, HasSubstr("metricsFormat[0]"));
}

TEST_F(MetricsFollowerTest, AFileOfTextIsReadThroughTheFilters) {
  trial.collector = {.kind = "File",
                     .path = "/var/log/katib/metrics.log",
                     .path_kind = "File",
                     .format = "TEXT",
                     .filters = {R"(\{metricName: (\w+), metricValue: ([0-9.]+)\})"},
                     .http_get = {},
                     .custom = {}};
  files.write("t-pod", "", "{metricName: loss, metricValue: 0.5}\n{metricName: acc, met");
  collector.follow(trial, pod, true);
  mizan::testing::run_until(io, [&] { return kept().size() == 1; });  // while it runs
  files.write("t-pod", "", "ricValue: 1}\n{metricName: loss, metricValue: 0.25}");
  files.end("t-pod");

  EXPECT_EQ(finish(pod).observation.observation()[0].min, "0.25");
  EXPECT_THAT(kept(), ElementsAre("loss=0.5", "loss=0.25"));
  EXPECT_EQ(files.asked.container, "main");
  EXPECT_EQ(files.asked.path, "/var/log/katib/metrics.log");
  EXPECT_FALSE(files.asked.directory);
}

TEST_F(MetricsFollowerTest, AFileThatIsReplacedGoesOnWithTheNextOne) {
  trial.collector.kind = "File";
  trial.collector.format = "TEXT";
  files.write("t-pod", "", "loss=3\nloss=2");
  files.write("t-pod", "", "loss=1\n", true);
  files.end("t-pod");
  collector.follow(trial, pod, true);

  finish(pod);

  EXPECT_THAT(kept(), ElementsAre("loss=3", "loss=2", "loss=1"));
}

TEST_F(MetricsFollowerTest, AFileOfJsonLines) {
  trial.collector.kind = "File";
  trial.collector.format = "JSON";
  files.write("t-pod", "", "{\"loss\": \"0.5\"}\n{\"loss\": 0.25}\n");
  files.end("t-pod");
  collector.follow(trial, pod, true);

  EXPECT_EQ(finish(pod).observation.observation()[0],
            (resources::ObservedMetric{"loss", "0.25", "0.5", "0.25"}));
}

TEST_F(MetricsFollowerTest, AFileThatNeverCameIsNamed) {
  trial.collector.kind = "File";
  trial.collector.path = "/var/log/katib/metrics.log";
  files.end("t-pod");
  collector.follow(trial, pod, true);

  EXPECT_EQ(finish(pod).notes.damage, "there was nothing in /var/log/katib/metrics.log");
}

TEST_F(MetricsFollowerTest, EventFilesOfADirectoryAreReadTogether) {
  trial.collector.kind = "TensorFlowEvent";
  trial.collector.path = "/logs";
  trial.objective.metric = "test/loss";
  mizan::testing::EventFile train, test;
  train.scalar("loss", 9, 1);
  test.scalar("loss", 2, 1).scalar("loss", 1, 2);
  files.write("t-pod", "train/events.out.tfevents.1", train.text);
  files.write("t-pod", "test/events.out.tfevents.2", test.text);
  files.write("t-pod", "test/notes.txt", "not an event file");
  files.end("t-pod");
  collector.follow(trial, pod, true);

  EXPECT_TRUE(finish(pod).problem.empty());
  EXPECT_THAT(kept(), ElementsAre("test/loss=2", "test/loss=1"));
  EXPECT_TRUE(files.asked.directory);

  // After a restart the files may come in another order: what is kept is replaced.
  MetricsFollower again(io.get_executor(), feeds, observations);
  again.follow(trial, pod, false);
  mizan::testing::run_until(io, [&] { return again.result(trial.uid, pod) != nullptr; });
  EXPECT_THAT(kept(), ElementsAre("test/loss=2", "test/loss=1"));
  mizan::testing::run_task(io, again.stop());
}

TEST_F(MetricsFollowerTest, AFileThatLeadsOutIsSaidAndNotReadAgain) {
  trial.collector.kind = "File";
  files.refuse({Code::kInvalid, "metrics.log is a link that leads out of its volume", {}});
  collector.follow(trial, pod, true);

  EXPECT_EQ(finish(pod).problem,
            "its metrics could not be read: metrics.log is a link that leads out of its volume");
  EXPECT_EQ(files.opens, 1U);
}

TEST_F(MetricsFollowerTest, WithoutFilesOfPodsItSaysWhatElseWouldDo) {
  MetricsFeeds none(io.get_executor(), logs, nullptr, clock);
  MetricsFollower follower(io.get_executor(), none, observations);
  trial.collector.kind = "File";
  follower.follow(trial, pod, true);
  mizan::testing::run_until(io, [&] { return follower.result(trial.uid, pod) != nullptr; });

  EXPECT_THAT(follower.result(trial.uid, pod)->problem, HasSubstr("print the metrics (StdOut)"));
  mizan::testing::run_task(io, follower.stop());
}

TEST_F(MetricsFollowerTest, ACustomCollectorsOutputIsReadAndItsReportsStay) {
  trial.collector.kind = "Custom";
  trial.collector.custom = {{"name", "mine"}};
  mizan::testing::run_task(
      io, observations.append(trial.uid, {{"loss", "7", std::nullopt, std::nullopt}}));
  logs.print("t-pod", "loss=3\n");
  logs.end("t-pod");
  collector.follow(trial, pod, false);

  finish(pod);

  EXPECT_THAT(kept(), ElementsAre("loss=7", "loss=3"));
}

TEST_F(MetricsFollowerTest, ARuleOfTheTrialsOwnAsksForItsEnd) {
  trial.stopping_rules = {{"loss", "2", "greater", 2}};
  logs.print("t-pod", "loss=5\n");
  collector.follow(trial, pod, true);
  mizan::testing::run_until(io, [&] { return kept().size() == 1; });
  EXPECT_EQ(collector.stop_early(trial.uid), "");

  logs.print("t-pod", "loss=4\n");
  mizan::testing::run_until(io, [&] { return !told.empty(); });

  EXPECT_THAT(collector.stop_early(trial.uid), HasSubstr("loss is 4 at report 2"));
  EXPECT_EQ(collector.result(trial.uid, pod), nullptr);  // it runs on until it is stopped
}

}  // namespace
}  // namespace mizan::experiment
