// Early stopping on a store in memory: bad trials get the annotation, others don't, and a restart
// forgets nothing.
#include "suggestion/early_stopping.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "resources/known_resources.h"
#include "store/memory_observation_log.h"
#include "tests/support/experiment_json.h"
#include "tests/support/heard_events.h"
#include "tests/support/memory_store.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::ended_trial;
using mizan::testing::experiment_json;
using mizan::testing::trial_json;

using resources::kExperiments;
using resources::kTrials;

class EarlyStoppingTest : public ::testing::Test {
 protected:
  EarlyStoppingTest()
      : experiments(memory.store, store::Selection(kExperiments), resources::read_experiment),
        trials(memory.store, store::Selection(kTrials), resources::read_trial,
               [](const resources::Trial& t) { return t.ns + "/" + t.experiment; }),
        service({memory.io.get_executor(), memory.store, log, experiments, trials, ears}),
        // A second one that is started late stands for the program after a restart.
        late({memory.io.get_executor(), memory.store, log, experiments, trials, ears}) {
    boost::asio::co_spawn(memory.io, experiments.run(), boost::asio::detached);
    boost::asio::co_spawn(memory.io, trials.run(), boost::asio::detached);
    run(service.start());
    memory.run_ready();
  }
  ~EarlyStoppingTest() override {
    run(service.stop());
    run(late.stop());
    experiments.stop();
    trials.stop();
    memory.run_ready();
  }

  static Task<int> finished(Task<> task) {
    co_await std::move(task);
    co_return 0;
  }
  void run(Task<> task) { memory.run(finished(std::move(task))); }

  void experiment(const std::string& rule, const Json& settings, bool maximise = false) {
    Json object = experiment_json("e", {double_parameter("lr", "0", "1")});
    object["spec"]["earlyStopping"] = {{"algorithmName", rule}, {"algorithmSettings", settings}};
    if (maximise) object["spec"]["objective"]["type"] = "maximize";
    object["metadata"].erase("uid");
    ASSERT_TRUE(memory.run(memory.store.create(kExperiments, "default", std::move(object), {})));
    memory.run_ready();
  }
  void create(const std::string& name) {
    Json object = trial_json("e", name, 0, {{"lr", "0.1"}});
    object["metadata"].erase("uid");
    ASSERT_TRUE(memory.run(memory.store.create(kTrials, "default", std::move(object), {})));
    memory.run_ready();
  }
  std::string uid(const std::string& name) { return trials.get("default", name)->uid; }

  void report(const std::string& name, const std::string& value,
              const std::string& metric = "loss") {
    ASSERT_TRUE(memory.run(log.append(uid(name), {{metric, value, {}, {}}})));
    memory.run_ready();
  }
  void end(const std::string& name) {
    const auto trial = trials.get("default", name);
    Json ended = resources::with_outcome(trial->raw, {}, memory.clock.now());
    auto written = memory.run(memory.store.patch(
        store::Key(kTrials, "default", name), "status",
        store::Patch(store::PatchType::kMerge, {{"status", ended.at("status")}}), {}));
    ASSERT_TRUE(written.has_value());
    memory.run_ready();
  }
  void run_whole(const std::string& name, const std::vector<std::string>& values) {
    create(name);
    for (const std::string& value : values) report(name, value);
    end(name);
  }
  std::string annotation(const std::string& name) {
    auto object = memory.run(memory.store.get(store::Key(kTrials, "default", name)));
    const auto trial = resources::read_trial(**object);
    const auto at = trial.annotations.find(std::string(resources::kStopEarlyAnnotation));
    return at == trial.annotations.end() ? "" : at->second;
  }
  std::string advice(const std::string& name) { return memory.run(service.advice(uid(name))); }

  mizan::testing::MemoryStore memory;
  store::MemoryObservationLog log;
  mizan::testing::HeardEvents ears;
  controller::Informer<resources::Experiment> experiments;
  controller::Informer<resources::Trial> trials;
  EarlyStopping service, late;
};

const Json kQuick = {{{"name", "min_trials_required"}, {"value", "1"}},
                     {{"name", "start_step"}, {"value", "2"}}};

TEST_F(EarlyStoppingTest, StopsATrialThatIsWorseThanTheMedianAndSaysWhy) {
  experiment("medianstop", kQuick);
  run_whole("good", {"0.5", "0.3", "0.1"});
  create("bad");
  report("bad", "0.9");
  EXPECT_EQ(annotation("bad"), "");
  report("bad", "0.8");

  EXPECT_EQ(annotation("bad"),
            "loss 0.8 at step 2 is worse than 0.4, the median of 1 other (medianstop)");
  EXPECT_EQ(advice("bad"), annotation("bad"));
  EXPECT_EQ(ears.heard.size(), 1U);
}

TEST_F(EarlyStoppingTest, LeavesGoodTrialsAloneAndOtherMetricsOut) {
  experiment("medianstop", kQuick);
  run_whole("first", {"0.5", "0.3", "0.1"});
  create("good");
  for (const char* value : {"0.4", "0.2", "0.1"}) report("good", value);
  for (const char* value : {"9", "9", "9"}) report("good", value, "time");

  EXPECT_EQ(annotation("good"), "");
  EXPECT_EQ(advice("good"), "");
}

TEST_F(EarlyStoppingTest, ComparesTheOtherWayRoundWhenMaximising) {
  experiment("medianstop", kQuick, true);
  run_whole("first", {"0.5", "0.7"});
  create("good");
  create("bad");
  for (const char* value : {"0.6", "0.9"}) report("good", value);
  for (const char* value : {"0.1", "0.2"}) report("bad", value);

  EXPECT_EQ(annotation("good"), "");
  EXPECT_EQ(annotation("bad"),
            "loss 0.2 at step 2 is worse than 0.6, the median of 1 other (medianstop)");
}

TEST_F(EarlyStoppingTest, RunsAshaAgainstTrialsThatAreStillRunning) {
  experiment("asha", {{{"name", "min_resource"}, {"value", "2"}}});
  for (const char* name : {"a", "b", "c"}) create(name);
  for (const char* name : {"a", "b"}) {
    report(name, "0.5");
    report(name, "0.5");
  }
  report("c", "0.9");
  report("c", "0.9");

  EXPECT_EQ(annotation("a"), "");
  EXPECT_NE(annotation("c"), "");
}

TEST_F(EarlyStoppingTest, ReadsCurvesAgainAfterARestart) {
  experiment("medianstop", kQuick);
  run_whole("good", {"0.5", "0.3", "0.1"});
  create("bad");
  report("bad", "0.9");
  run(service.stop());
  run(late.start());
  report("bad", "0.8");

  EXPECT_EQ(annotation("bad"),
            "loss 0.8 at step 2 is worse than 0.4, the median of 1 other (medianstop)");
}

TEST_F(EarlyStoppingTest, UsesTheStepsThatTrialsGive) {
  experiment("asha",
             {{{"name", "min_resource"}, {"value", "10"}}, {{"name", "eta"}, {"value", "2"}}});
  create("a");
  create("b");
  ASSERT_TRUE(memory.run(log.append(uid("a"), {{"loss", "0.1", {}, 10}})));
  ASSERT_TRUE(memory.run(log.append(uid("b"), {{"loss", "0.2", {}, 9}})));
  memory.run_ready();
  EXPECT_EQ(annotation("b"), "");
  ASSERT_TRUE(memory.run(log.append(uid("b"), {{"loss", "0.2", {}, 10}})));
  memory.run_ready();
  EXPECT_NE(annotation("b"), "");
}

TEST_F(EarlyStoppingTest, DoesNothingWithoutEarlyStoppingOrAfterTheEnd) {
  experiment("nonsense", Json::array());
  run_whole("good", {"0.1", "0.1"});
  create("bad");
  for (int i = 0; i < 9; ++i) report("bad", "9");
  EXPECT_EQ(annotation("bad"), "");
  EXPECT_EQ(advice("bad"), "");
  EXPECT_EQ(memory.run(service.advice("no such trial")), "");
}

TEST_F(EarlyStoppingTest, NeverJudgesATrialThatHasEnded) {
  experiment("medianstop", kQuick);
  run_whole("good", {"0.1", "0.1"});
  run_whole("also", {"0.1"});
  report("also", "9");
  EXPECT_EQ(annotation("also"), "");
}

}  // namespace
}  // namespace mizan::suggestion
