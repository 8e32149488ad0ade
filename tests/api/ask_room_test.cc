// The arithmetic of asking, without a store.
#include "api/ask_room.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

Json trial(const std::string& name, const std::string& client = "", int version = 1,
           const char* state = nullptr, int draw = 0) {
  Json object{
      {"metadata", {{"name", name}, {"resourceVersion", std::to_string(version)}}},
      {"spec", {{"parameterAssignments", Json::array({{{"name", "lr"}, {"value", "0.1"}}})}}},
      {"status", {{"suggestedFrom", {{"draw", draw}}}}}};
  if (!client.empty()) object["metadata"]["annotations"]["mizan.kubeflow.org/client-id"] = client;
  if (state != nullptr)
    object["status"]["conditions"] = Json::array({{{"type", state}, {"status", "True"}}});
  return object;
}

Json suggestion(std::int64_t requests, std::int64_t count, std::vector<std::string> names,
                bool exhausted = false, int version = 1) {
  Json entries = Json::array();
  for (const auto& name : names) entries.push_back({{"name", name}});
  return {
      {"metadata", {{"name", "e"}, {"resourceVersion", std::to_string(version)}}},
      {"spec", {{"requests", requests}}},
      {"status", {{"suggestionCount", count}, {"suggestions", entries}, {"exhausted", exhausted}}}};
}

AskState state(const Json& spec = Json::object()) {
  AskState made;
  Json object{{"metadata", {{"name", "e"}}}, {"spec", spec}};
  object["spec"]["trialTemplate"]["client"] = Json::object();
  made.observe_experiment(object, false);
  made.observe_suggestion(suggestion(0, 0, {}), false);
  return made;
}

TEST(AskStateTest, AsksForWhatAllWaitersMissTogether) {
  AskState room = state();

  EXPECT_FALSE(room.wanted_requests({}));
  EXPECT_EQ(room.wanted_requests({{"a", 1, nullptr}}), 1);
  EXPECT_EQ(room.wanted_requests({{"a", 1, nullptr}, {"b", 2, nullptr}}), 3);
  EXPECT_EQ(room.wanted_requests({{"a", 1, nullptr}, {"a", 2, nullptr}}), 2)
      << "two asks of one client wait for the same trials";
}

TEST(AskStateTest, NobodyDrawsForAClientThatHungUp) {
  EXPECT_EQ(state().wanted_requests({{"a", 1, std::make_shared<bool>(true)}, {"b", 1, nullptr}}),
            1);
}

TEST(AskStateTest, CountsWhatIsOnItsWay) {
  AskState room = state();
  room.observe_suggestion(suggestion(5, 4, {"t1", "t2"}), false);  // one not drawn yet
  room.observe_trial(trial("t1"), false);                          // t2 isn't a Trial yet

  EXPECT_EQ(room.unclaimed_count(), 1);
  EXPECT_EQ(room.in_flight(), 2);
  EXPECT_FALSE(room.wanted_requests({{"a", 3, nullptr}}));
  EXPECT_EQ(room.wanted_requests({{"a", 4, nullptr}}), 6);
}

TEST(AskStateTest, WhatIsBeingClaimedForAClientIsNotAskedForAgain) {
  AskState room = state();
  room.observe_suggestion(suggestion(1, 1, {}), false);
  room.observe_trial(trial("t1"), false);
  room.unclaimed("", {})->claimer = "a";

  EXPECT_EQ(room.held_by("a"), 1);
  EXPECT_FALSE(room.wanted_requests({{"a", 1, nullptr}}));
  EXPECT_EQ(room.wanted_requests({{"a", 1, nullptr}, {"b", 1, nullptr}}), 2);
}

TEST(AskStateTest, KeepsToBudgetParallelismAndPauses) {
  EXPECT_EQ(state({{"maxTrialCount", 2}}).wanted_requests({{"a", 5, nullptr}}), 2);
  EXPECT_EQ(state({{"parallelTrialCount", 3}}).wanted_requests({{"a", 5, nullptr}}), 3);
  EXPECT_EQ(state().wanted_requests({{"a", 5000, nullptr}}), kMostOpenTrials);
  EXPECT_FALSE(state({{"suspend", true}}).wanted_requests({{"a", 1, nullptr}}));
  AskState room = state({{"parallelTrialCount", 2}});
  room.observe_trial(trial("t1", "x"), false);
  EXPECT_EQ(room.wanted_requests({{"a", 5, nullptr}}), 1) << "one of two places is taken";
}

TEST(AskStateTest, GivesTheEarliestDrawnFirst) {
  AskState room = state();
  room.observe_trial(trial("b", "", 1, nullptr, 0), false);
  room.observe_trial(trial("a", "", 1, nullptr, 1), false);

  EXPECT_EQ(room.unclaimed("", {})->name, "b");
  room.unclaimed("", {})->claimer = "someone";
  EXPECT_EQ(room.unclaimed("", {})->name, "a");
  EXPECT_EQ(room.unclaimed_count(), 1);
  EXPECT_EQ(room.claimed_count(), 1);
}

TEST(AskStateTest, KnowsTheTrialsOfAClientUntilTheyEnd) {
  AskState room = state();
  room.observe_trial(trial("t1", "me", 1), false);
  room.observe_trial(trial("t2", "you", 1), false);
  EXPECT_EQ(room.of_client("me").size(), 1U);
  EXPECT_EQ(room.of_client("me")[0]->assignments, (Json{{"lr", "0.1"}}));

  room.observe_trial(trial("t1", "me", 2, "Succeeded"), false);

  EXPECT_TRUE(room.of_client("me").empty());
}

TEST(AskStateTest, IgnoresOldNews) {
  AskState room = state();
  room.observe_trial(trial("t1", "me", 7), false);
  room.observe_trial(trial("t1", "", 6), false);
  EXPECT_EQ(room.unclaimed_count(), 0) << "the watch brings what was before our own claim";
  room.observe_suggestion(suggestion(9, 0, {}, false, 5), false);
  room.observe_suggestion(suggestion(3, 0, {}, false, 4), false);
  EXPECT_EQ(room.requests, 9);
}

TEST(AskStateTest, IsExhaustedWhenNothingWillCome) {
  EXPECT_FALSE(state().exhausted());
  AskState spent = state({{"maxTrialCount", 1}});
  spent.observe_suggestion(suggestion(1, 1, {"t1"}, false, 2), false);
  EXPECT_FALSE(spent.exhausted()) << "t1 is still to become a Trial";
  spent.observe_trial(trial("t1"), false);
  EXPECT_FALSE(spent.exhausted()) << "t1 is there for the taking";
  spent.observe_trial(trial("t1", "me", 2), false);
  EXPECT_TRUE(spent.exhausted());

  AskState drawn = state();
  drawn.observe_suggestion(suggestion(5, 3, {}, true, 2), false);
  EXPECT_TRUE(drawn.exhausted()) << "the space is used up";
  AskState ended = state();
  ended.completed = true;
  EXPECT_TRUE(ended.exhausted());
}

TEST(AskStateTest, ADeletedTrialIsForgotten) {
  AskState room = state();
  room.observe_trial(trial("t1", "", 1), false);
  room.observe_trial(trial("t1", "", 2), true);
  EXPECT_EQ(room.unclaimed("", {}), nullptr);
  EXPECT_TRUE(room.versions.empty());
}

}  // namespace
}  // namespace mizan::api
