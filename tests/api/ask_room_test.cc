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
  room.observe_suggestion(suggestion(5, 4, {"t1", "t2"}, false, 2), false);  // one not drawn yet
  room.observe_trial(trial("t1"), false);                                    // t2 isn't a Trial yet

  EXPECT_EQ(room.unclaimed_count(), 1);
  EXPECT_EQ(room.in_flight(), 2);
  EXPECT_FALSE(room.wanted_requests({{"a", 3, nullptr}}));
  EXPECT_EQ(room.wanted_requests({{"a", 4, nullptr}}), 6);
}

TEST(AskStateTest, WhatIsBeingClaimedForAClientIsNotAskedForAgain) {
  AskState room = state();
  room.observe_suggestion(suggestion(1, 1, {}, false, 2), false);
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

resources::TrialAssignment drawn(const std::string& name, const std::string& queued_for = "") {
  resources::TrialAssignment draw;
  draw.name = name;
  if (!queued_for.empty()) draw.suggested_from["queued"]["client"] = queued_for;
  return draw;
}

TEST(AskStateTest, ADrawIsMadeForTheFirstThatStillMissesOne) {
  AskState room = state();
  const std::list<Waiter> waiters{
      {"gone", 1, std::make_shared<bool>(true)}, {"a", 2, nullptr}, {"b", 1, nullptr}};
  room.observe_trial(trial("t1", "a"), false);

  EXPECT_EQ(room.promise(drawn("t2"), waiters), "a");
  EXPECT_EQ(room.promise(drawn("t3"), waiters), "b") << "a has one and is promised another";
  EXPECT_EQ(room.promise(drawn("t4"), waiters), "") << "whoever asks next may have it";
  EXPECT_EQ(room.promise(drawn("t2"), waiters), "a") << "it could not be made the first time";
  EXPECT_EQ(room.promise(drawn("t1"), waiters), "") << "that one is there";
}

TEST(AskStateTest, APromiseIsKeptWhenTheTrialIsSeen) {
  AskState room = state();
  const std::list<Waiter> waiters{{"a", 1, nullptr}};
  room.observe_suggestion(suggestion(1, 1, {"t1"}, false, 2), false);
  room.promise(drawn("t1"), waiters);
  EXPECT_EQ(room.promised_to("a"), 1);
  EXPECT_FALSE(room.wanted_requests(waiters)) << "it is on its way";

  room.observe_trial(trial("t1", "a"), false);

  EXPECT_EQ(room.promised_to("a"), 0);
  EXPECT_EQ(room.held_by("a"), 1);
  EXPECT_FALSE(room.wanted_requests(waiters));
}

TEST(AskStateTest, WhoIsPromisedEnoughClaimsNothingBesides) {
  AskState room = state();
  const std::list<Waiter> waiters{{"a", 1, nullptr}};
  room.promise(drawn("t1"), waiters);
  room.observe_trial(trial("t0"), false);

  EXPECT_EQ(room.claimable("a", 1, waiters), nullptr);
  EXPECT_NE(room.claimable("a", 2, waiters), nullptr);
  EXPECT_NE(room.claimable("b", 1, waiters), nullptr);
}

TEST(AskStateTest, ATrialMadeByOthersForOthersBreaksThePromise) {
  AskState room = state();
  const std::list<Waiter> waiters{{"a", 1, nullptr}};
  room.promise(drawn("t1"), waiters);
  room.observe_trial(trial("t1", "elsewhere"), false);

  EXPECT_EQ(room.promised_to("a") + room.held_by("a"), 0);
  EXPECT_EQ(room.wanted_requests(waiters), 1);
}

TEST(AskStateTest, ValuesOfAClientsOwnAreForThatClientAlone) {
  AskState room = state();
  const std::list<Waiter> waiters{{"fixed", 1, nullptr, true}, {"any", 1, nullptr}};

  EXPECT_EQ(room.promise(drawn("t1"), waiters), "any") << "fixed waits for its own values";
  EXPECT_EQ(room.promise(drawn("t2", "fixed"), waiters), "fixed");
  EXPECT_EQ(room.promise(drawn("t3", "fixed"), {{"any", 2, nullptr}}), "any")
      << "who asked for it waits no more";
}

TEST(AskStateTest, WhatWasMadeForANamelessAskThatWentIsFree) {
  AskState room = state();
  const std::list<Waiter> waiters{{"ask-1", 1, nullptr}, {"w", 1, nullptr}};
  room.promise(drawn("t1"), waiters);
  room.promise(drawn("t2"), waiters);
  room.release_promises("ask-1", true);
  room.release_promises("w", false);
  room.observe_trial(trial("t1", "ask-1"), false);
  room.observe_trial(trial("t2", "w"), false);

  ASSERT_NE(room.unclaimed("next", {}), nullptr);
  EXPECT_EQ(room.unclaimed("next", {})->name, "t1");
  EXPECT_EQ(room.unclaimed_count(), 1) << "w comes back for its own";

  room.observe_trial(trial("t1", "next", 2), false);

  EXPECT_EQ(room.held_by("next"), 1);
  EXPECT_TRUE(room.forsaken.empty());
}

TEST(AskStateTest, NoMoreArePromisedThanMayBeOpen) {
  AskState room = state();
  for (int i = 0; i < kMostOpenTrials; ++i)
    room.observe_trial(trial("t" + std::to_string(i), "a"), false);
  EXPECT_EQ(room.promise(drawn("more"), {{"b", 1, nullptr}}), "");
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
