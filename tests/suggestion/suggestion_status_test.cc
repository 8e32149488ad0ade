// The status that is written: Katib's conditions, bounded lists.
#include "suggestion/suggestion_status.h"

#include <gtest/gtest.h>

#include "resources/condition.h"
#include "suggestion/problem.h"
#include "tests/support/experiment_json.h"
#include "tests/support/manual_clock.h"

namespace mizan::suggestion {
namespace {

const mizan::testing::ManualClock kClock;

resources::Suggestion with_status(const Json& status) {
  return resources::read_suggestion(
      {{"metadata", {{"name", "e"}, {"namespace", "default"}}}, {"status", status}});
}

std::vector<std::string> conditions_of(const Json& status) {
  std::vector<std::string> texts;
  for (const Json& c : status["conditions"])
    texts.push_back(c["type"].get<std::string>() + "=" + c["status"].get<std::string>());
  return texts;
}

Drawn draws(std::size_t count, std::size_t first = 0) {
  Drawn drawn;
  for (std::size_t i = 0; i < count; ++i)
    drawn.assignments.push_back(
        {"e-" + std::to_string(first + i), {{"x", "1"}}, {}, {}, {{"draw", first + i}}, "why"});
  return drawn;
}

TEST(SuggestionStatusTest, BeginsWithKatibsConditionsInOrder) {
  const Json status = status_running(with_status(Json::object()), kClock.now());
  EXPECT_EQ(conditions_of(status),
            (std::vector<std::string>{"Created=True", "DeploymentReady=True", "Running=True"}));
  EXPECT_EQ(status["startTime"], "2026-11-23T20:00:00Z");
  EXPECT_TRUE(status_running(with_status(status), kClock.now()).is_null());
}

TEST(SuggestionStatusTest, EndsWithItsExperimentAsTheResumePolicySays) {
  const auto running = with_status(status_running(with_status(Json::object()), kClock.now()));
  const Json never = status_ended(running, resources::ResumePolicy::kNever, kClock.now());
  EXPECT_EQ(conditions_of(never),
            (std::vector<std::string>{"Created=True", "Running=False", "DeploymentReady=False",
                                      "Succeeded=True"}));
  EXPECT_EQ(never["conditions"].back()["message"], "Suggestion is succeeded, can't be restarted");
  EXPECT_TRUE(status_ended(running, resources::ResumePolicy::kLongRunning, kClock.now()).is_null());
  EXPECT_TRUE(
      status_ended(with_status(never), resources::ResumePolicy::kNever, kClock.now()).is_null());
}

TEST(SuggestionStatusTest, IsTakenUpAgainByARestartedExperiment) {
  const auto running = with_status(status_running(with_status(Json::object()), kClock.now()));
  const auto ended =
      with_status(status_ended(running, resources::ResumePolicy::kFromVolume, kClock.now()));
  const Json again = status_running(ended, kClock.now());
  EXPECT_EQ(conditions_of(again),
            (std::vector<std::string>{"Created=True", "DeploymentReady=True", "Running=True"}));
  EXPECT_TRUE(again["completionTime"].is_null());
}

TEST(SuggestionStatusTest, FailsWithTheReasonInItsMessage) {
  const Json status =
      status_failed(with_status(Json::object()), "Validation failed: x", kClock.now());
  EXPECT_EQ(conditions_of(status), (std::vector<std::string>{"Created=True", "Failed=True"}));
  EXPECT_EQ(status["conditions"].back()["message"], "Validation failed: x");
  EXPECT_TRUE(status_failed(with_status(status), "y", kClock.now()).is_null());
}

TEST(SuggestionStatusTest, KeepsDrawsWithoutATrialAndTheNewestTenOthers) {
  const auto nobody = [](const std::string&) { return false; };
  Json status = status_after_draw(with_status(Json::object()), draws(150), {{"random_state", "3"}},
                                  nobody, nobody, kClock.now());
  EXPECT_EQ(status["suggestionCount"], 150);
  EXPECT_EQ(status["suggestions"].size(), 150U);
  EXPECT_EQ(status["algorithmSettings"], (Json{{{"name", "random_state"}, {"value", "3"}}}));

  const auto settled = [](const std::string& name) { return name != "e-5"; };
  const auto gone = [](const std::string& name) { return name == "e-149"; };
  status = status_after_draw(with_status(status), draws(1, 150), {}, settled, gone, kClock.now());

  EXPECT_EQ(status["suggestionCount"], 151);
  ASSERT_EQ(status["suggestions"].size(), 11U);
  EXPECT_EQ(status["suggestions"][0]["name"], "e-5") << "it has no Trial yet";
  EXPECT_EQ(status["suggestions"][10]["name"], "e-150");
  EXPECT_EQ(status["suggestions"][9]["name"], "e-148") << "the Trial of e-149 was deleted";
}

TEST(SuggestionStatusTest, StaysUnderAMebibyteHoweverWideTheSpace) {
  std::vector<Json> parameters;
  for (int i = 0; i < 200; ++i)
    parameters.push_back(mizan::testing::double_parameter(
        "a-rather-long-parameter-name-" + std::to_string(i), "0", "1"));
  const auto problem =
      *make_problem(resources::read_experiment(mizan::testing::experiment_json("e", parameters)));
  const auto nobody = [](const std::string&) { return false; };

  const std::size_t room = room_for_draws(with_status(Json::object()), problem.space, nobody);

  EXPECT_GE(room, 1U);
  EXPECT_LE(room * 200 * 90, 640U * 1024U);
  const auto narrow = *make_problem(resources::read_experiment(
      mizan::testing::experiment_json("e", {mizan::testing::double_parameter("x", "0", "1")})));
  EXPECT_EQ(room_for_draws(with_status(Json::object()), narrow.space, nobody), 1000U);
}

TEST(SuggestionStatusTest, NotesTheEndAndTheStateOfTheAlgorithm) {
  const auto nobody = [](const std::string&) { return false; };
  Drawn drawn = draws(1);
  drawn.next = algorithms::Next::kExhausted;
  drawn.state = "grid/1:1";
  const Json status =
      status_after_draw(with_status(Json::object()), drawn, {}, nobody, nobody, kClock.now());
  EXPECT_EQ(status["exhausted"], true);
  EXPECT_EQ(status["algorithmState"], "grid/1:1");
}

}  // namespace
}  // namespace mizan::suggestion
