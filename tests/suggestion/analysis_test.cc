// Importance and surfaces of an Experiment in the store, as REST shows them.
#include "suggestion/analysis.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "algorithms/counter_rng.h"
#include "resources/known_resources.h"
#include "tests/support/experiment_json.h"
#include "tests/support/memory_store.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::ended_trial;
using mizan::testing::experiment_json;
using mizan::testing::list_parameter;

using resources::kExperiments;
using resources::kTrials;

class AnalysisTest : public ::testing::Test {
 protected:
  AnalysisTest()
      : experiments(memory.store, store::Selection(kExperiments), resources::read_experiment),
        trials(memory.store, store::Selection(kTrials), resources::read_trial,
               [](const resources::Trial& t) { return t.ns + "/" + t.experiment; }),
        analysis({experiments, trials, memory.io.get_executor()}) {
    Json object = experiment_json(
        "e", {double_parameter("lr", "0", "1"), list_parameter("w", "categorical", {"a", "b"})});
    object["spec"]["objective"]["type"] = "maximize";
    object["metadata"].erase("uid");
    EXPECT_TRUE(memory.run(memory.store.create(kExperiments, "default", std::move(object), {})));
    boost::asio::co_spawn(memory.io, experiments.run(), boost::asio::detached);
    boost::asio::co_spawn(memory.io, trials.run(), boost::asio::detached);
    memory.run_ready();
  }
  ~AnalysisTest() override {
    experiments.stop();
    trials.stop();
    memory.run_ready();
  }

  // loss = 10 lr, whatever w is.
  void add_results(int count) {
    algorithms::CounterRng rng(1, 0, algorithms::Purpose::kSample);
    for (int i = 0; i < count; ++i) {
      const double lr = rng.uniform();
      Json trial =
          mizan::testing::trial_json("e", "e-" + std::to_string(i), static_cast<std::uint64_t>(i),
                                     {{"lr", std::to_string(lr)}, {"w", i % 2 == 0 ? "a" : "b"}});
      trial = ended_trial(std::move(trial), resources::TrialState::kSucceeded, i,
                          std::to_string(10 * lr));
      const Json status = trial["status"];
      EXPECT_TRUE(memory.run(memory.store.create(kTrials, "default", std::move(trial), {})));
      EXPECT_TRUE(memory.run(
          memory.store.patch(store::Key(kTrials, "default", "e-" + std::to_string(i)), "status",
                             store::Patch(store::PatchType::kMerge, {{"status", status}}), {})));
    }
    memory.run_ready();
  }

  mizan::testing::MemoryStore memory;
  controller::Informer<resources::Experiment> experiments;
  controller::Informer<resources::Trial> trials;
  Analysis analysis;
};

TEST_F(AnalysisTest, RecommendsTheBestTrialOnTheObjectivesOwnScale) {
  EXPECT_EQ(memory.run(analysis.recommended("default", "e")).value(), nullptr);
  add_results(40);  // maximised, without noise: the largest lr
  const auto answer = memory.run(analysis.recommended("default", "e"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_GT(std::stod((*answer)["assignments"]["lr"].get<std::string>()), 0.9);
  EXPECT_NEAR((*answer)["mean"].get<double>(),
              10 * std::stod((*answer)["assignments"]["lr"].get<std::string>()), 0.5);
  EXPECT_FALSE(memory.run(analysis.recommended("default", "nonsense")).has_value());
}

TEST_F(AnalysisTest, NamesTheParameterThatMattersFirst) {
  add_results(80);
  for (const char* method : {"", "ped-anova", "fanova"}) {
    const auto answer = memory.run(analysis.importance("default", "e", method));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ((*answer)["results"], 80);
    EXPECT_EQ((*answer)["objective"], "loss");
    ASSERT_EQ((*answer)["parameters"].size(), 2U) << method;
    EXPECT_EQ((*answer)["parameters"][0]["name"], "lr") << method;
    EXPECT_GT((*answer)["parameters"][0]["importance"], 0.7) << method;
    EXPECT_TRUE((*answer)["parameters"][0].contains("sd"));
    EXPECT_EQ(answer->contains("interactions"), std::string(method) == "fanova");
  }
}

TEST_F(AnalysisTest, ShowsTheObjectiveAlongAndAcrossInItsOwnSign) {
  add_results(200);
  const auto line = memory.run(analysis.surface("default", "e", "lr", ""));
  ASSERT_TRUE(line.has_value());
  EXPECT_FALSE(line->contains("y"));
  ASSERT_EQ((*line)["mean"].size(), (*line)["x"]["values"].size());
  EXPECT_NEAR((*line)["mean"].back().get<double>(), 9.8, 0.8) << "not negated by maximising";

  const auto surface = memory.run(analysis.surface("default", "e", "lr", "w"));
  EXPECT_EQ((*surface)["y"]["values"], (Json{"a", "b"}));
  ASSERT_EQ((*surface)["mean"].size(), (*surface)["x"]["values"].size());
  EXPECT_EQ((*surface)["mean"][0].size(), 2U);
  EXPECT_LT((*surface)["mean"][0][1].get<double>(), 2);
}

TEST_F(AnalysisTest, SaysSoWhenThereIsTooLittleToSay) {
  add_results(9);
  for (const char* method : {"ped-anova", "fanova"}) {
    const auto answer = memory.run(analysis.importance("default", "e", method));
    EXPECT_EQ((*answer)["results"], 9);
    EXPECT_EQ((*answer)["parameters"], Json::array());
  }
  const auto surface = memory.run(analysis.surface("default", "e", "lr", "w"));
  EXPECT_EQ((*surface)["mean"], Json::array());
}

TEST_F(AnalysisTest, RefusesWhatItDoesntKnow) {
  EXPECT_EQ(memory.run(analysis.importance("default", "x", "")).error().code, Code::kNotFound);
  EXPECT_EQ(memory.run(analysis.importance("default", "e", "guess")).error().message,
            "method: \"guess\" is no method; there are ped-anova and fanova");
  EXPECT_EQ(memory.run(analysis.surface("default", "e", "x", "")).error().message,
            "x: \"x\" is no parameter of this experiment; there are lr, w");
  EXPECT_EQ(memory.run(analysis.surface("default", "e", "lr", "lr")).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace mizan::suggestion
