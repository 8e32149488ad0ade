// Server-sent events: the dashboard's live feed.
#include <gtest/gtest.h>

#include "tests/api/http_client.h"
#include "tests/api/objects.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

const std::string kBase = "/rest/v1/namespaces/default/experiments";
const std::string kTrials = "/apis/kubeflow.org/v1beta1/namespaces/default/trials";

struct SentEvent {
  std::string name, id;
  Json data;
};

/// Reads up to the next event, over comments and `retry`.
SentEvent next(HttpClient& client) {
  SentEvent event;
  while (true) {
    const std::string line = client.read_line();
    if (line.starts_with("event: ")) event.name = line.substr(7);
    if (line.starts_with("id: ")) event.id = line.substr(4);
    if (line.starts_with("data: ")) event.data = Json::parse(line.substr(6));
    if (line.empty() && !event.name.empty()) return event;
  }
}

class EventsTest : public ::testing::Test {
 protected:
  EventsTest() { client_.token = kAdminToken; }

  std::unique_ptr<HttpClient> listen(const std::string& query = "", HttpHeaders headers = {}) {
    auto listener = std::make_unique<HttpClient>(server_.port());
    listener->token = kAdminToken;
    const HttpAnswer head = listener->open("/rest/v1/events" + query, std::move(headers));
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.header("content-type"), "text/event-stream");
    EXPECT_EQ(listener->read_line(), "retry: 1000");
    return listener;
  }
  void create(const std::string& name) {
    EXPECT_EQ(client_.post(kBase, an_experiment(name)).status, 201U);
  }
  void create_trial(const std::string& experiment, const std::string& name) {
    EXPECT_EQ(client_.post(kTrials, a_trial(experiment, name)).status, 201U);
  }

  TestServer server_;
  HttpClient client_{server_.port()};
};

TEST_F(EventsTest, TellOfExperimentsTrialsAndObservations) {
  const auto listener = listen();
  create("e");
  const SentEvent added = next(*listener);
  EXPECT_EQ(added.name, "experiment");
  EXPECT_EQ(added.data["type"], "ADDED");
  EXPECT_EQ(added.data["summary"]["name"], "e");
  EXPECT_EQ(added.data["summary"]["resourceVersion"], added.id);

  create_trial("e", "t1");
  const SentEvent trial = next(*listener);
  EXPECT_EQ(trial.name, "trial");
  EXPECT_EQ(trial.data["summary"]["name"], "t1");

  client_.post(kBase + "/e/trials/t1:report", {{"step", 1}, {"metrics", {{"loss", 0.5}}}});
  const SentEvent observed = next(*listener);
  EXPECT_EQ(observed.name, "observations");
  EXPECT_EQ(observed.data["trial"], trial.data["summary"]["uid"]);
  EXPECT_EQ(observed.data["name"], "t1");
  EXPECT_EQ(observed.data["experiment"], "e");
  EXPECT_EQ(observed.data["items"][0]["value"], 0.5);

  client_.post(kBase + "/e/trials/t1:tell", {{"metrics", {{"loss", 0.5}}}});
  const SentEvent told = next(*listener);
  EXPECT_EQ(told.data["type"], "MODIFIED");
  EXPECT_EQ(told.data["summary"]["state"], "Succeeded");

  client_.send("DELETE", kBase + "/e");
  const SentEvent deleted = next(*listener);
  EXPECT_EQ(deleted.name, "experiment");
  EXPECT_EQ(deleted.data["type"], "DELETED");
}

TEST_F(EventsTest, WhatWasThereBeforeIsNotSaidAgain) {
  create("old");
  const auto listener = listen();
  create("new");
  EXPECT_EQ(next(*listener).data["summary"]["name"], "new");
}

TEST_F(EventsTest, CanBeNarrowed) {
  const auto one = listen("?namespace=default&experiment=b");
  create("a");
  create("b");
  create_trial("a", "ta");
  create_trial("b", "tb");
  EXPECT_EQ(next(*one).data["summary"]["name"], "b");
  EXPECT_EQ(next(*one).data["summary"]["name"], "tb");
}

TEST_F(EventsTest, ResumeAfterTheLastOneSeen) {
  auto listener = listen();
  create("a");
  const std::string seen = next(*listener).id;
  listener->close();
  create("b");
  create("c");

  const auto again = listen("", {{"Last-Event-ID", seen}});

  EXPECT_EQ(next(*again).data["summary"]["name"], "b");
  EXPECT_EQ(next(*again).data["summary"]["name"], "c");
  const auto by_query = listen("?resourceVersion=" + seen);
  EXPECT_EQ(next(*by_query).data["summary"]["name"], "b");
}

TEST_F(EventsTest, ResetWhenTheLastOneIsTooFarBack) {
  create("a");
  create("b");
  const auto listener = listen("", {{"Last-Event-ID", "1"}});

  EXPECT_EQ(next(*listener).name, "reset");
  create("c");
  EXPECT_EQ(next(*listener).data["summary"]["name"], "c");
}

TEST_F(EventsTest, ManyListenersHearTheSame) {
  std::vector<std::unique_ptr<HttpClient>> listeners;
  for (int i = 0; i < 20; ++i) listeners.push_back(listen());
  create("e");
  for (const auto& listener : listeners) EXPECT_EQ(next(*listener).data["summary"]["name"], "e");
}

TEST_F(EventsTest, NeedAToken) {
  HttpClient stranger(server_.port());
  EXPECT_EQ(stranger.get("/rest/v1/events").status, 401U);
}

}  // namespace
}  // namespace mizan::testing
