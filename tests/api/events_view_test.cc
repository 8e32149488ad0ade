// The Events of core/v1 under the names of events.k8s.io/v1.
#include "api/events_view.h"

#include <gtest/gtest.h>

#include "tests/api/http_client.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

constexpr const char* kOld = "/api/v1/namespaces/default/events";
constexpr const char* kNew = "/apis/events.k8s.io/v1/namespaces/default/events";

Json an_event(const std::string& name, int count) {
  return {{"metadata", {{"name", name}}},
          {"involvedObject", {{"kind", "Trial"}, {"name", name}}},
          {"reason", "Slow"},
          {"message", "it is slow"},
          {"source", {{"component", "trial-controller"}}},
          {"count", count},
          {"lastTimestamp", "2026-11-23T20:19:10Z"},
          {"type", "Warning"}};
}

class EventsViewTest : public ::testing::Test {
 protected:
  EventsViewTest() { client_.token = kAdminToken; }

  TestServer server_;
  HttpClient client_{server_.port()};
};

TEST_F(EventsViewTest, ShowsWhatIsStoredUnderItsNewerNames) {
  ASSERT_EQ(client_.post(kOld, an_event("a", 3)).status, 201U);

  const Json event = client_.get(std::string(kNew) + "/a").json();

  EXPECT_EQ(event["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(event["kind"], "Event");
  EXPECT_EQ(event["note"], "it is slow");
  EXPECT_EQ(string_at(event, "regarding.name"), "a");
  EXPECT_EQ(event["reportingController"], "trial-controller");
  EXPECT_EQ(event["deprecatedCount"], 3);
  EXPECT_EQ(event["series"], (Json{{"count", 3}, {"lastObservedTime", "2026-11-23T20:19:10Z"}}));
  EXPECT_FALSE(event.contains("message"));
}

TEST_F(EventsViewTest, ListsByTheNewerFieldNames) {
  ASSERT_EQ(client_.post(kOld, an_event("a", 1)).status, 201U);
  ASSERT_EQ(client_.post(kOld, an_event("b", 1)).status, 201U);

  const Json list = client_.get(std::string(kNew) + "?fieldSelector=regarding.name%3Db").json();

  EXPECT_EQ(list["kind"], "EventList");
  EXPECT_EQ(list["apiVersion"], "events.k8s.io/v1");
  ASSERT_EQ(list["items"].size(), 1U);
  EXPECT_EQ(string_at(list["items"][0], "metadata.name"), "b");
  EXPECT_FALSE(list["items"][0].contains("series")) << "once is no series";
}

TEST_F(EventsViewTest, TakesEventsUnderTheirNewerNames) {
  const Json made{{"apiVersion", "events.k8s.io/v1"},
                  {"kind", "Event"},
                  {"metadata", {{"name", "c"}}},
                  {"regarding", {{"kind", "Job"}, {"name", "j"}}},
                  {"note", "done"},
                  {"reason", "Completed"},
                  {"type", "Normal"},
                  {"eventTime", "2026-11-23T20:19:10.000000Z"},
                  {"reportingController", "jobs"}};
  const auto answer = client_.post(kNew, made);
  ASSERT_EQ(answer.status, 201U) << answer.body;
  const Json stored = client_.get(std::string(kOld) + "/c").json();
  EXPECT_EQ(stored["message"], "done");
  EXPECT_EQ(string_at(stored, "involvedObject.kind"), "Job");
  EXPECT_EQ(stored["apiVersion"], "v1");
}

}  // namespace
}  // namespace mizan::testing
