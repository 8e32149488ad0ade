// The reconciler on a store in memory: it draws, waits, ends and fails as the world around it
// changes.
#include "suggestion/suggestion_reconciler.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <set>

#include "resources/condition.h"
#include "resources/known_resources.h"
#include "tests/support/experiment_json.h"
#include "tests/support/heard_events.h"
#include "tests/support/memory_store.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::ended_trial;
using mizan::testing::experiment_json;
using mizan::testing::int_parameter;
using mizan::testing::trial_json;

using resources::kExperiments;
using resources::kSuggestions;
using resources::kTrials;

class SuggestionReconcilerTest : public ::testing::Test {
 protected:
  SuggestionReconcilerTest()
      : suggestions(memory.store, store::Selection(kSuggestions), resources::read_suggestion),
        experiments(memory.store, store::Selection(kExperiments), resources::read_experiment),
        trials(memory.store, store::Selection(kTrials), resources::read_trial,
               [](const resources::Trial& t) { return t.ns + "/" + t.experiment; }) {
    restart();
    boost::asio::co_spawn(memory.io, suggestions.run(), boost::asio::detached);
    boost::asio::co_spawn(memory.io, experiments.run(), boost::asio::detached);
    boost::asio::co_spawn(memory.io, trials.run(), boost::asio::detached);
    memory.run_ready();
  }
  ~SuggestionReconcilerTest() override {
    suggestions.stop();
    experiments.stop();
    trials.stop();
    memory.run_ready();
  }

  // Jobs of the pool run on the io thread, unless another is given: the order is fixed.
  void restart() { restart(memory.io.get_executor()); }
  void restart(boost::asio::any_io_executor numbers) {
    if (reconciler)
      retired_.push_back(std::move(reconciler));  // it listens still, as nobody unlearns
    reconciler = std::make_unique<SuggestionReconciler>(
        SuggestionReconciler::World{memory.store, suggestions, experiments, trials, ears,
                                    memory.clock, std::move(numbers), memory.io.get_executor()});
    reconciler->listen([this](const controller::Request& request) { wanted.insert(request.name); });
  }

  void create(const resources::ResourceId& id, Json object) {
    object["metadata"].erase("uid");
    auto made = memory.run(memory.store.create(id, "default", std::move(object), {}));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    memory.run_ready();
  }
  void ask_for(int requests) {
    create(kSuggestions, {{"apiVersion", "kubeflow.org/v1beta1"},
                          {"kind", "Suggestion"},
                          {"metadata", {{"name", "e"}, {"namespace", "default"}}},
                          {"spec", {{"requests", requests}}}});
  }
  void patch(const resources::ResourceId& id, const std::string& name,
             const std::string& subresource, Json body) {
    auto written =
        memory.run(memory.store.patch(store::Key(id, "default", name), subresource,
                                      store::Patch(store::PatchType::kMerge, std::move(body)), {}));
    ASSERT_TRUE(written.has_value()) << written.error().message;
    memory.run_ready();
  }
  void raise(int requests) { patch(kSuggestions, "e", "", {{"spec", {{"requests", requests}}}}); }

  Result<controller::RequeueAfter> reconcile() {
    wanted.clear();
    auto result = memory.run(reconciler->reconcile(controller::Request("default", "e")));
    memory.run_ready();
    return result;
  }
  Json status() {
    auto object = memory.run(memory.store.get(store::Key(kSuggestions, "default", "e")));
    return (**object).contains("status") ? (**object)["status"] : Json::object();
  }
  std::set<std::string> drawn_values() {
    std::set<std::string> values;
    for (const Json& s : status()["suggestions"])
      values.insert(s["parameterAssignments"][0]["value"].get<std::string>());
    return values;
  }
  // Makes Trials of all draws, as the Experiment controller does.
  void make_trials() {
    for (const Json& s : status()["suggestions"]) {
      const std::string name = s["name"];
      if (trials.get("default", name)) continue;
      const Json& first = s["parameterAssignments"][0];
      create(kTrials,
             trial_json("e", name, s["suggestedFrom"]["draw"], {{first["name"], first["value"]}}));
    }
  }
  void end_trial(const std::string& name, const std::string& loss) {
    auto object = memory.run(memory.store.get(store::Key(kTrials, "default", name)));
    Json ended = ended_trial(**object, resources::TrialState::kSucceeded, 1, loss);
    patch(kTrials, name, "status", {{"status", ended["status"]}});
  }

  mizan::testing::MemoryStore memory;
  controller::Informer<resources::Suggestion> suggestions;
  controller::Informer<resources::Experiment> experiments;
  controller::Informer<resources::Trial> trials;
  mizan::testing::HeardEvents ears;
  std::set<std::string> wanted;
  std::unique_ptr<SuggestionReconciler> reconciler;

 private:
  std::vector<std::unique_ptr<SuggestionReconciler>> retired_;
};

TEST_F(SuggestionReconcilerTest, DrawsAsManyAsAreRequestedAndNoMore) {
  create(kExperiments, experiment_json("e", {double_parameter("x", "0", "1")}));
  ask_for(3);

  ASSERT_TRUE(reconcile().has_value());
  ASSERT_TRUE(reconcile().has_value());

  const Json s = status();
  EXPECT_EQ(s["suggestionCount"], 3);
  EXPECT_EQ(s["suggestions"].size(), 3U);
  EXPECT_EQ(drawn_values().size(), 3U);
  EXPECT_EQ(resources::last_condition_type({{"status", s}}), "Running");
  EXPECT_EQ(s["algorithmSettings"][0]["name"], "random_state");
  EXPECT_EQ(s["suggestions"][2]["suggestedFrom"]["pendingDraws"], "0-1");

  raise(5);
  ASSERT_TRUE(reconcile().has_value());
  EXPECT_EQ(status()["suggestionCount"], 5);
}

TEST_F(SuggestionReconcilerTest, DrawsTheSameAfterARestart) {
  create(kExperiments, experiment_json("e", {double_parameter("x", "0", "1")}, "random",
                                       Json{{{"name", "random_state"}, {"value", "7"}}}));
  ask_for(2);
  ASSERT_TRUE(reconcile().has_value());
  const Json first = status()["suggestions"];
  patch(kSuggestions, "e", "status",
        {{"status", {{"suggestions", nullptr}, {"suggestionCount", 0}}}});
  restart();

  ASSERT_TRUE(reconcile().has_value());

  EXPECT_EQ(status()["suggestions"], first);
}

TEST_F(SuggestionReconcilerTest, GoesOnFromResultsAndStopsWhenTheGridIsUsedUp) {
  create(kExperiments, experiment_json("e", {int_parameter("n", "1", "6")}, "grid"));
  ask_for(3);
  ASSERT_TRUE(reconcile().has_value());
  make_trials();
  const std::string name = status()["suggestions"][0]["name"];
  end_trial(name, "0.5");
  raise(6);

  ASSERT_TRUE(reconcile().has_value());

  const Json s = status();
  EXPECT_EQ(drawn_values(), (std::set<std::string>{"1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(s["suggestions"][3]["suggestedFrom"]["completed"], 1);
  EXPECT_EQ(s["suggestions"][3]["suggestedFrom"]["pending"], 2);
  EXPECT_EQ(s["exhausted"], true);
  raise(9);
  ASSERT_TRUE(reconcile().has_value());
  EXPECT_EQ(status()["suggestionCount"], 6);
}

TEST_F(SuggestionReconcilerTest, PreparesTheNextAnswerWhileClientsWork) {
  boost::asio::thread_pool pool(1);
  Json experiment = experiment_json("e", {double_parameter("x", "0", "1")}, "tpe");
  experiment["spec"]["trialTemplate"] = {{"client", Json::object()}};
  create(kExperiments, experiment);
  restart(pool.get_executor());
  ask_for(1);
  ASSERT_TRUE(reconcile().has_value());
  make_trials();
  end_trial(status()["suggestions"][0]["name"], "0.5");

  const auto soon = reconcile();
  ASSERT_TRUE(soon.has_value() && soon->has_value()) << "more results may come at once";
  memory.clock.advance(**soon);
  ASSERT_FALSE(reconcile().value().has_value());
  ASSERT_FALSE(reconcile().value().has_value()) << "once for each history";
  EXPECT_EQ(status()["suggestionCount"], 1) << "nobody has asked";
  pool.stop();
  pool.join();
  raise(2);
  ASSERT_TRUE(reconcile().has_value()) << "no pool was needed";

  const Json prepared = status()["suggestions"][1];
  patch(kSuggestions, "e", "status",
        {{"status", {{"suggestions", {status()["suggestions"][0]}}, {"suggestionCount", 1}}}});
  restart();
  ASSERT_TRUE(reconcile().has_value());
  EXPECT_EQ(status()["suggestions"][1], prepared) << "as if it were worked out when asked for";
}

TEST_F(SuggestionReconcilerTest, ThrowsAPreparedAnswerAwayWhenAResultComes) {
  Json experiment = experiment_json("e", {double_parameter("x", "0", "1")}, "tpe");
  experiment["spec"]["trialTemplate"] = {{"client", Json::object()}};
  create(kExperiments, experiment);
  ask_for(2);
  ASSERT_TRUE(reconcile().has_value());
  make_trials();
  end_trial(status()["suggestions"][0]["name"], "0.5");
  memory.clock.advance(std::chrono::milliseconds(12));
  ASSERT_FALSE(reconcile().value().has_value());

  end_trial(status()["suggestions"][1]["name"], "0.4");
  raise(3);
  ASSERT_TRUE(reconcile().has_value());

  EXPECT_EQ(status()["suggestions"][2]["suggestedFrom"]["completed"], 2);
}

TEST_F(SuggestionReconcilerTest, AsksToBeCalledWhenSomethingChanges) {
  create(kExperiments, experiment_json("e", {double_parameter("x", "0", "1")}));
  EXPECT_TRUE(wanted.contains("e"));
  wanted.clear();
  ask_for(1);
  EXPECT_TRUE(wanted.contains("e"));
}

TEST_F(SuggestionReconcilerTest, EndsWithItsExperimentAndGoesOnWhenThatIsRestarted) {
  Json experiment = experiment_json("e", {double_parameter("x", "0", "1")});
  experiment["spec"]["resumePolicy"] = "FromVolume";
  create(kExperiments, experiment);
  ask_for(1);
  ASSERT_TRUE(reconcile().has_value());
  const auto condition = [](const char* value) {
    return Json{{"status",
                 {{"conditions",
                   {{{"type", "Succeeded"},
                     {"status", value},
                     {"reason", "ExperimentMaxTrialsReached"}}}}}}};
  };
  patch(kExperiments, "e", "status", condition("True"));
  ASSERT_TRUE(reconcile().has_value());
  EXPECT_EQ(resources::last_condition_type({{"status", status()}}), "Succeeded");

  patch(kExperiments, "e", "status", condition("False"));
  raise(2);
  ASSERT_TRUE(reconcile().has_value());

  EXPECT_EQ(resources::last_condition_type({{"status", status()}}), "Running");
  EXPECT_EQ(status()["suggestionCount"], 2);
}

TEST_F(SuggestionReconcilerTest, FailsOnAnExperimentThatNobodyChecked) {
  create(kExperiments, experiment_json("e", {double_parameter("x", "2", "1")}, "nonsense"));
  ask_for(1);

  ASSERT_TRUE(reconcile().has_value());

  const auto failed = resources::find_condition({{"status", status()}}, "Failed");
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->message,
            "Validation failed: spec.parameters[0].feasibleSpace.max: must not be less than min "
            "(2), got 1");
  EXPECT_EQ(ears.heard.size(), 1U);
  ASSERT_TRUE(reconcile().has_value());
  EXPECT_EQ(ears.heard.size(), 1U) << "said once";
}

TEST_F(SuggestionReconcilerTest, RunsInitialTrialsFirst) {
  Json experiment = experiment_json("e", {int_parameter("n", "1", "9")});
  experiment["spec"]["initialTrials"] = {
      {{"assignments", {{"n", "4"}}}, {"metrics", {{"loss", 0.3}}}},
      {{"assignments", {{"n", "8"}}}}};
  create(kExperiments, experiment);
  ask_for(2);

  ASSERT_TRUE(reconcile().has_value());

  const Json s = status();
  EXPECT_EQ(s["suggestions"][0]["parameterAssignments"][0]["value"], "8");
  EXPECT_EQ(s["suggestions"][0]["suggestedFrom"]["completed"], 1) << "the imported one";
  EXPECT_EQ(s["suggestions"][1]["suggestedFrom"]["mechanism"], "random");
}

TEST_F(SuggestionReconcilerTest, DrawsEachQueuedPointOnce) {
  create(kExperiments, experiment_json("e", {double_parameter("x", "0", "1")}));
  ask_for(1);
  reconcile();
  patch(kSuggestions, "e", "",
        {{"spec",
          {{"queued",
            {{{"number", 1}, {"assignments", {{"x", "0.125"}}}},
             {{"number", 2}, {"assignments", {{"x", "0.375"}}}}}}}}});
  raise(2);
  reconcile();
  EXPECT_EQ(drawn_values().count("0.125"), 1U);
  EXPECT_EQ(status()["queuedTaken"], 1);
  make_trials();
  raise(4);
  reconcile();

  EXPECT_EQ(drawn_values().count("0.375"), 1U);
  EXPECT_EQ(status()["queuedTaken"], 2);
  EXPECT_EQ(drawn_values().size(), 4U);
}

TEST_F(SuggestionReconcilerTest, LearnsFromTheExperimentsOfItsWarmStart) {
  Json other = experiment_json("other", {double_parameter("x", "0", "1")});
  create(kExperiments, other);
  Json known = trial_json("other", "other-a", 0, {{"x", "0.3"}});
  create(kTrials, known);
  auto object = memory.run(memory.store.get(store::Key(kTrials, "default", "other-a")));
  patch(
      kTrials, "other-a", "status",
      {{"status", ended_trial(**object, resources::TrialState::kSucceeded, -60, "0.5")["status"]}});
  Json experiment = experiment_json("e", {double_parameter("x", "0", "1")});
  experiment["spec"]["warmStart"] = {{"fromExperiments", {{{"name", "other"}}}}};
  create(kExperiments, experiment);
  ask_for(1);
  reconcile();

  EXPECT_EQ(drawn_values(), (std::set<std::string>{"0.3"}))
      << "the best point of it is tried first";
}

TEST_F(SuggestionReconcilerTest, WaitsForTheExperimentToExist) {
  ask_for(2);
  ASSERT_TRUE(reconcile().has_value());
  EXPECT_FALSE(status().contains("suggestionCount"));
}

}  // namespace
}  // namespace mizan::suggestion
