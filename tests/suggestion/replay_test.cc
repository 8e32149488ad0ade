// A run is drawn, recorded as Trials, and drawn again: the same points must come out, and a change
// of the past must be noticed.
#include "suggestion/replay.h"

#include <gtest/gtest.h>

#include "suggestion/draw.h"
#include "suggestion/trial_history.h"
#include "tests/support/experiment_json.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::ended_trial;
using mizan::testing::experiment_json;
using mizan::testing::int_parameter;
using mizan::testing::list_parameter;
using Trials = std::vector<std::shared_ptr<const resources::Trial>>;

Trials none(const std::string&) { return {}; }
const resources::Objective* nobody(const std::string&) { return nullptr; }

Json experiment_of(const std::string& algorithm) {
  Json object = experiment_json("e",
                                {double_parameter("lr", "0", "1"), int_parameter("n", "1", "20"),
                                 list_parameter("w", "categorical", {"a", "b", "c"})},
                                algorithm);
  object["spec"]["initialTrials"] = {
      {{"assignments", {{"lr", "0.5"}, {"n", "3"}, {"w", "a"}}}},
      {{"assignments", {{"lr", "0.25"}, {"n", "9"}, {"w", "b"}}}, {"metrics", {{"loss", 0.7}}}}};
  return object;
}

// As the controllers run it: batches of two while earlier ones are still out.
Trials run(const resources::Experiment& experiment, int rounds) {
  const DrawSetup setup = *set_up_draws(experiment, none, nobody);
  TrialHistory history(setup.problem, experiment.objective);
  history.import(experiment.initial_trials);
  algorithms::Cache cache;
  algorithms::State state;
  std::vector<Json> open;
  Trials ended;
  std::uint64_t index = 0;
  for (int round = 0; round < rounds; ++round) {
    DrawInput input;
    input.problem = setup.problem;
    input.settings = setup.choice.settings;
    input.row = setup.choice.row;
    input.seed = setup.seed;
    input.objective = experiment.objective;
    input.first = setup.first;
    input.history = history.finished();
    input.pending = history.pending({});
    input.state = state;
    input.draw = index;
    const std::vector<std::string> names = {"e-" + std::to_string(index),
                                            "e-" + std::to_string(index + 1)};
    const Drawn drawn = draw(input, names, cache);
    state = drawn.state;
    for (const auto& assignment : drawn.assignments) {
      Json texts = Json::object();
      for (const auto& one : assignment.assignments) texts[one.name] = one.value;
      Json trial = mizan::testing::trial_json("e", assignment.name, index++, texts);
      trial["spec"]["parameterAssignments"] = resources::to_json(assignment.assignments);
      trial["metadata"]["annotations"][std::string(resources::kSuggestedFromAnnotation)] =
          assignment.suggested_from.dump();
      history.put(resources::read_trial(trial));
      open.push_back(std::move(trial));
    }
    while (open.size() > 3) {  // out of order: the second oldest ends first
      Json trial = open[1];
      open.erase(open.begin() + 1);
      trial = ended_trial(std::move(trial), resources::TrialState::kSucceeded, round,
                          std::to_string(0.1 * (round % 7) + 0.01 * static_cast<double>(index)));
      ended.push_back(std::make_shared<const resources::Trial>(resources::read_trial(trial)));
      history.put(*ended.back());
    }
  }
  for (const Json& trial : open)
    ended.push_back(std::make_shared<const resources::Trial>(resources::read_trial(trial)));
  return ended;
}

class ReplayTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ReplayTest, DrawsEveryPointOfARunAgain) {
  const auto experiment = resources::read_experiment(experiment_of(GetParam()));
  const Trials trials = run(experiment, 16);
  const auto draws = replay(experiment, trials, none, nobody);
  ASSERT_TRUE(draws.has_value());
  ASSERT_EQ(draws->size(), 32U);
  for (std::size_t i = 0; i < draws->size(); ++i) {
    EXPECT_EQ((*draws)[i].draw, i);
    EXPECT_EQ((*draws)[i].outcome, Replayed::kSame) << GetParam() << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, ReplayTest,
                         ::testing::Values("random", "sobol", "tpe", "cmaes", "pbt",
                                           "bayesianoptimization"));

TEST(ReplayOneTest, DrawsQueuedPointsAgain) {
  const auto experiment = resources::read_experiment(experiment_of("tpe"));
  const DrawSetup setup = *set_up_draws(experiment, none, nobody);
  TrialHistory history(setup.problem, experiment.objective);
  history.import(experiment.initial_trials);
  DrawInput input;
  input.problem = setup.problem;
  input.settings = setup.choice.settings;
  input.row = setup.choice.row;
  input.seed = setup.seed;
  input.objective = experiment.objective;
  input.first = setup.first;
  input.history = history.finished();
  input.queued = {{1, {{"lr", "0.75"}}, ""}};
  algorithms::Cache cache;
  const Drawn drawn = draw(input, {"e-0", "e-1", "e-2"}, cache);
  Trials trials;
  for (const auto& assignment : drawn.assignments) {
    Json trial = mizan::testing::trial_json("e", assignment.name, 0, Json::object());
    trial["spec"]["parameterAssignments"] = resources::to_json(assignment.assignments);
    trial["metadata"]["annotations"][std::string(resources::kSuggestedFromAnnotation)] =
        assignment.suggested_from.dump();
    trials.push_back(std::make_shared<const resources::Trial>(resources::read_trial(trial)));
  }
  EXPECT_EQ(trials[1]->assignments[0].value, "0.75");
  for (const ReplayedDraw& draw : *replay(experiment, trials, none, nobody))
    EXPECT_EQ(draw.outcome, Replayed::kSame) << draw.draw;
}

TEST(ReplayOneTest, NoticesAnEditedResultAndADeletedTrial) {
  const auto experiment = resources::read_experiment(experiment_of("tpe"));
  Trials trials = run(experiment, 16);
  Trials edited = trials;
  resources::Trial first = *edited[0];
  first.observation[0].latest = first.observation[0].min = "99";
  edited[0] = std::make_shared<const resources::Trial>(first);
  const auto after_edit = replay(experiment, edited, none, nobody);
  EXPECT_EQ(after_edit->back().outcome, Replayed::kChanged);
  EXPECT_EQ(after_edit->front().outcome, Replayed::kSame) << "before the result was known";

  trials.erase(trials.begin());
  EXPECT_EQ(replay(experiment, trials, none, nobody)->back().outcome, Replayed::kChanged);
}

TEST(ReplayOneTest, SaysWhereAPointIsAnother) {
  const auto experiment = resources::read_experiment(experiment_of("random"));
  Trials trials = run(experiment, 3);
  resources::Trial last = *trials.back();
  last.assignments[0].value = "0.123";
  trials.back() = std::make_shared<const resources::Trial>(last);
  const auto draws = replay(experiment, trials, none, nobody);
  EXPECT_EQ(draws->back().outcome, Replayed::kDifferent);
  EXPECT_NE(draws->back().now, draws->back().recorded);
}

TEST(ReplayOneTest, KnowsNothingOfTrialsWithoutARecord) {
  const auto experiment = resources::read_experiment(experiment_of("random"));
  Json bare = mizan::testing::trial_json("e", "e-x", 0, {{"lr", "0.1"}});
  const Trials trials = {std::make_shared<const resources::Trial>(resources::read_trial(bare))};
  const auto draws = replay(experiment, trials, none, nobody);
  ASSERT_EQ(draws->size(), 1U);
  EXPECT_EQ((*draws)[0].outcome, Replayed::kUnknown);
}

TEST(ReplayOneTest, ReadsRanges) {
  EXPECT_EQ(numbers_of_ranges("17-20,23"), (std::vector<std::uint64_t>{17, 18, 19, 20, 23}));
  EXPECT_EQ(numbers_of_ranges(""), (std::vector<std::uint64_t>{}));
  EXPECT_EQ(numbers_of_ranges("4"), (std::vector<std::uint64_t>{4}));
  for (const char* wrong : {"x", "1-", "5-3", "1;2", "0-9999999999"})
    EXPECT_TRUE(numbers_of_ranges(wrong).empty()) << wrong;
}

}  // namespace
}  // namespace mizan::suggestion
