// Events as they stand in the store.
#include "controller/event_recorder.h"

#include <gtest/gtest.h>

#include "resources/known_resources.h"
#include "resources/meta.h"
#include "tests/support/flaky_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_until.h"

namespace mizan::controller {
namespace {

using resources::kEvents;

class EventRecorderTest : public ::testing::Test {
 protected:
  EventRecorderTest() { recorder.start(memory.io.get_executor()); }
  ~EventRecorderTest() override { stop(); }

  void stop() { memory.run(recorder.stop()); }
  std::vector<Json> events() {
    auto page = memory.run(memory.store.list(store::Selection(kEvents), {}));
    std::vector<Json> found;
    for (const auto& item : page->items) found.push_back(*item);
    return found;
  }
  Json trial(const std::string& name) {
    return {{"apiVersion", "kubeflow.org/v1beta1"},
            {"kind", "Trial"},
            {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", "uid-" + name}}}};
  }

  testing::MemoryStore memory;
  testing::FlakyStore store{memory.store};
  EventRecorder recorder{store, memory.clock, "trial-controller"};
};

TEST_F(EventRecorderTest, WritesAnEventInTheObjectsNamespace) {
  recorder.record(trial("t"), EventType::kNormal, "JobCreated", "Job t has been created");
  stop();

  ASSERT_EQ(events().size(), 1U);
  const Json event = events().front();
  EXPECT_EQ(resources::namespace_of(event), "default");
  EXPECT_EQ(event["involvedObject"]["kind"], "Trial");
  EXPECT_EQ(event["involvedObject"]["uid"], "uid-t");
  EXPECT_EQ(event["type"], "Normal");
  EXPECT_EQ(event["reason"], "JobCreated");
  EXPECT_EQ(event["message"], "Job t has been created");
  EXPECT_EQ(event["source"]["component"], "trial-controller");
  EXPECT_EQ(event["count"], 1);
  EXPECT_EQ(event["firstTimestamp"], "2026-11-23T20:00:00Z");
}

TEST_F(EventRecorderTest, RaisesTheCountOfTheSameEventWithinTenMinutes) {
  recorder.record(trial("t"), EventType::kWarning, "ReconcileError", "no");
  memory.run_ready();
  memory.clock.advance(std::chrono::minutes(9));
  recorder.record(trial("t"), EventType::kWarning, "ReconcileError", "no");
  recorder.record(trial("t"), EventType::kWarning, "ReconcileError", "no");
  stop();

  ASSERT_EQ(events().size(), 1U);
  EXPECT_EQ(events().front()["count"], 3);
  EXPECT_EQ(events().front()["lastTimestamp"], "2026-11-23T20:09:00Z");
}

TEST_F(EventRecorderTest, CountsAnEventThatIsInTheStoreAlready) {
  recorder.record(trial("t"), EventType::kWarning, "ReconcileError", "no");
  testing::run_until(memory.io, [&] { return store.writes() >= 1; });
  recorder.record(trial("t"), EventType::kWarning, "ReconcileError", "no");
  stop();

  ASSERT_EQ(events().size(), 1U);
  EXPECT_EQ(events().front()["count"], 2);
}

TEST_F(EventRecorderTest, BeginsAnewAfterTenMinutesAndForOtherObjectsAndMessages) {
  recorder.record(trial("t"), EventType::kNormal, "A", "a");
  recorder.record(trial("u"), EventType::kNormal, "A", "a");
  recorder.record(trial("t"), EventType::kNormal, "A", "b");
  testing::run_until(memory.io, [&] { return store.writes() >= 3; });
  memory.clock.advance(std::chrono::minutes(11));
  recorder.record(trial("t"), EventType::kNormal, "A", "a");
  stop();

  EXPECT_EQ(events().size(), 4U);
}

TEST_F(EventRecorderTest, LosesEventsRatherThanHoldThemWithoutBound) {
  for (int i = 0; i < 5000; ++i)
    recorder.record(trial(std::to_string(i)), EventType::kNormal, "A", "a");

  EXPECT_EQ(recorder.dropped(), 5000U - 4096U);
  stop();
  EXPECT_EQ(events().size(), 4096U);
}

TEST_F(EventRecorderTest, GoesOnAfterAFailedWrite) {
  bool refused = false;
  store.set_plan([&](const testing::FlakyStore::Call&) {
    refused = true;
    return testing::FlakyStore::Fault{{Code::kForbidden, "the namespace is going away", {}}};
  });
  recorder.record(trial("t"), EventType::kNormal, "A", "a");
  testing::run_until(memory.io, [&] { return refused; });
  store.set_plan(nullptr);
  recorder.record(trial("t"), EventType::kNormal, "B", "b");
  stop();

  ASSERT_FALSE(events().empty());
  EXPECT_EQ(events().back()["reason"], "B");
}

TEST_F(EventRecorderTest, CutsLongMessagesAtACharacter) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "\xC3\xA4";
  recorder.record(trial("t"), EventType::kNormal, "A", text);
  stop();

  const auto message = events().front()["message"].get<std::string>();
  EXPECT_LE(message.size(), 1024U);
  EXPECT_TRUE(message.ends_with("\xC3\xA4..."));
}

}  // namespace
}  // namespace mizan::controller
