// Points that users want tried next: read, checked, and put where the next draws find them.
#include "api/queue_points.h"

#include <gtest/gtest.h>

#include "api/ask_room.h"
#include "api/experiment_api.h"
#include "resources/suggestion.h"
#include "tests/api/objects.h"
#include "tests/support/memory_store.h"

namespace mizan::api {
namespace {

using mizan::testing::a_suggestion;
using mizan::testing::an_experiment;

class QueuePointsTest : public ::testing::Test {
 protected:
  void begin() {
    create(kExperiments, an_experiment("e"));
    create(kSuggestions, a_suggestion("e"));
  }
  void create(const resources::ResourceId& id, Json object) {
    ASSERT_TRUE(memory.run(memory.store.create(id, "default", std::move(object), {})));
  }
  void set_status(const resources::ResourceId& id, Json status) {
    ASSERT_TRUE(memory.run(memory.store.patch(
        store::Key(id, "default", "e"), "status",
        store::Patch(store::PatchType::kMerge, Json{{"status", std::move(status)}}), {})));
  }
  Result<std::int64_t> queue(Assignments assignments, std::int64_t times = 1) {
    return memory.run(queue_points(memory.store, "default", "e", std::move(assignments),
                                   "assignments", "w1", times));
  }
  resources::Suggestion suggestion() {
    return resources::read_suggestion(
        **memory.run(memory.store.get(store::Key(kSuggestions, "default", "e"))));
  }

  mizan::testing::MemoryStore memory;
};

TEST_F(QueuePointsTest, NumbersThemInOrder) {
  begin();
  EXPECT_EQ(*queue({{"lr", "0.01"}}), 1);
  EXPECT_EQ(*queue({{"lr", "0.02"}}, 2), 3);
  const auto queued = suggestion().queued;
  ASSERT_EQ(queued.size(), 3U);
  EXPECT_EQ(queued[0].assignments, (Assignments{{"lr", "0.01"}}));
  EXPECT_EQ(queued[2].number, 3);
  EXPECT_EQ(queued[2].client, "w1");
}

TEST_F(QueuePointsTest, DropsThoseThatWereDrawnAndNeverUsesANumberTwice) {
  begin();
  ASSERT_TRUE(queue({{"lr", "0.01"}}, 2));
  set_status(kSuggestions, {{"queuedTaken", 2}});
  EXPECT_EQ(*queue({{"lr", "0.03"}}), 1);
  ASSERT_EQ(suggestion().queued.size(), 1U);
  EXPECT_EQ(suggestion().queued[0].number, 3);
}

TEST_F(QueuePointsTest, RefusesWhatIsNoValueOfAParameter) {
  begin();
  EXPECT_EQ(queue({{"lr", "7"}}).error().message,
            "assignments.lr: Invalid value: \"7\": must be between 0.001 and 0.1");
  EXPECT_EQ(queue({{"layers", "7"}}).error().code, Code::kInvalid);
  EXPECT_TRUE(suggestion().queued.empty());
}

TEST_F(QueuePointsTest, RefusesWhenNothingMoreIsDrawn) {
  EXPECT_EQ(queue({{"lr", "0.01"}}).error().code, Code::kNotFound);
  create(kExperiments, an_experiment("e"));
  EXPECT_EQ(queue({{"lr", "0.01"}}).error().code, Code::kConflict) << "no Suggestion yet";
  create(kSuggestions, a_suggestion("e"));
  set_status(kSuggestions, {{"exhausted", true}});
  EXPECT_EQ(queue({{"lr", "0.01"}}).error().code, Code::kConflict);
  set_status(kExperiments,
             {{"conditions", Json::array({{{"type", "Succeeded"}, {"status", "True"}}})}});
  EXPECT_EQ(queue({{"lr", "0.01"}}).error().message,
            "experiment \"e\" has ended; it will try no more points");
}

TEST_F(QueuePointsTest, KeepsTheListBounded) {
  begin();
  ASSERT_TRUE(queue({{"lr", "0.01"}}, kMostQueued));
  EXPECT_EQ(queue({{"lr", "0.01"}}).error().code, Code::kTooManyRequests);
}

TEST(QueueBodyTest, TakesTextsAndNumbers) {
  EXPECT_EQ(*read_assignments_object({{"lr", 0.01}, {"n", 3}, {"w", "a"}}, "fixed"),
            (Assignments{{"lr", "0.01"}, {"n", "3"}, {"w", "a"}}));
  for (const Json& wrong : {Json::object(), Json::array(), Json("x"), Json{{"lr", nullptr}},
                            Json{{"lr", Json::array()}}})
    EXPECT_FALSE(read_assignments_object(wrong, "fixed").has_value()) << wrong;
}

TEST(ReservedTrialTest, IsForTheClientThatAskedForItWhileThatWaits) {
  AskState room;
  Json trial = mizan::testing::a_trial("e", "e-a");
  trial["metadata"]["resourceVersion"] = "5";
  trial["metadata"]["annotations"]["mizan.kubeflow.org/suggested-from"] =
      R"({"draw":0,"queued":{"number":1,"assignments":{"lr":"0.01"},"client":"w1"}})";
  room.observe_trial(trial, false);
  const auto gone = std::make_shared<bool>(false);
  const std::list<Waiter> waiters = {{"w1", 1, gone}, {"w2", 1, nullptr}};

  EXPECT_EQ(room.unclaimed("w2", waiters), nullptr);
  ASSERT_NE(room.unclaimed("w1", waiters), nullptr);
  EXPECT_EQ(room.unclaimed("w1", waiters)->name, "e-a");
  *gone = true;
  EXPECT_NE(room.unclaimed("w2", waiters), nullptr) << "nobody waits for it any more";
}

}  // namespace
}  // namespace mizan::api
