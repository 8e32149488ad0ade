// Watches over real sockets: events, bookmarks, tables, time-outs, and what is too old.
#include <gtest/gtest.h>

#include "tests/api/http_client.h"
#include "tests/api/objects.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

constexpr const char* kTable = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const std::string kExperiments = "/apis/kubeflow.org/v1beta1/namespaces/default/experiments";

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { client_.token = watcher_.token = kAdminToken; }

  std::string create(const std::string& name) {
    return client_.post(kExperiments, an_experiment(name)).json()["metadata"]["resourceVersion"];
  }
  void set_budget(const std::string& name, int budget) {
    const std::string patch = "{\"spec\":{\"maxTrialCount\":" + std::to_string(budget) + "}}";
    EXPECT_EQ(client_
                  .send("PATCH", kExperiments + "/" + name, patch,
                        {{"Content-Type", "application/merge-patch+json"}})
                  .status,
              200U);
  }
  Json next() { return Json::parse(watcher_.read_line()); }

  TestServer server_;
  HttpClient client_{server_.port()};
  HttpClient watcher_{server_.port()};
};

TEST_F(WatchTest, GoesOnFromAList) {
  create("a");
  const std::string version = client_.get(kExperiments).json()["metadata"]["resourceVersion"];

  const HttpAnswer head = watcher_.open(kExperiments + "?watch=true&resourceVersion=" + version);
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.header("content-type"), "application/json");
  set_budget("a", 21);
  create("new");
  client_.send("DELETE", kExperiments + "/new");

  const Json modified = next();
  EXPECT_EQ(modified["type"], "MODIFIED");
  EXPECT_EQ(modified["object"]["spec"]["maxTrialCount"], 21);
  EXPECT_EQ(next()["type"], "ADDED");
  const Json deleted = next();
  EXPECT_EQ(deleted["type"], "DELETED");
  EXPECT_EQ(deleted["object"]["metadata"]["name"], "new");
}

TEST_F(WatchTest, BeginsWithWhatIsThere) {
  create("a");
  watcher_.open(kExperiments + "?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=0");

  EXPECT_EQ(next()["type"], "ADDED");
}

TEST_F(WatchTest, SaysWhenTheInitialEventsEnd) {
  create("a");
  watcher_.open(
      kExperiments +
      "?allowWatchBookmarks=true&fieldSelector=metadata.name%3Da&resourceVersionMatch=NotOlderThan&"
      "sendInitialEvents=true&timeoutSeconds=439&watch=true");
  EXPECT_EQ(next()["type"], "ADDED");
  const Json bookmark = next();
  EXPECT_EQ(bookmark["type"], "BOOKMARK");
  EXPECT_EQ(bookmark["object"]["kind"], "Experiment");
  EXPECT_EQ(bookmark["object"]["apiVersion"], "kubeflow.org/v1beta1");
  EXPECT_EQ(bookmark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
  EXPECT_FALSE(bookmark["object"].contains("spec"));
  set_budget("a", 22);
  EXPECT_EQ(next()["type"], "MODIFIED");
}

TEST_F(WatchTest, EndsInTimeWithABookmark) {
  create("a");
  watcher_.open(kExperiments + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=1");
  EXPECT_EQ(next()["type"], "ADDED");
  EXPECT_EQ(next()["type"], "BOOKMARK");  // the initial events' end
  const Json last = next();
  EXPECT_EQ(last["type"], "BOOKMARK");
  EXPECT_FALSE(last["object"]["metadata"]["resourceVersion"].get<std::string>().empty());
  EXPECT_TRUE(watcher_.at_end());
  EXPECT_EQ(watcher_.get("/healthz").body, "ok") << "the connection can be used again";
}

TEST_F(WatchTest, ShowsTablesWithColumnsInTheFirstEventAlone) {
  create("a");
  watcher_.open(kExperiments + "?watch=true&resourceVersion=0", {{"Accept", kTable}});
  const Json first = next();
  EXPECT_EQ(first["object"]["kind"], "Table");
  EXPECT_EQ(first["object"]["columnDefinitions"][0]["name"], "Name");
  EXPECT_EQ(first["object"]["rows"][0]["cells"][0], "a");
  set_budget("a", 5);
  const Json second = next();
  EXPECT_EQ(second["type"], "MODIFIED");
  EXPECT_EQ(second["object"]["columnDefinitions"], nullptr);
  EXPECT_EQ(second["object"]["rows"].size(), 1U);
}

TEST_F(WatchTest, WhatIsTooOldIsSaidInTheStream) {
  create("a");
  server_.run([](TestServer* server) -> Task<> { co_await server->compact(); }(&server_));
  const HttpAnswer head = watcher_.open(kExperiments + "?watch=true&resourceVersion=1");

  EXPECT_EQ(head.status, 200U);
  const Json error = next();
  EXPECT_EQ(error["type"], "ERROR");
  EXPECT_EQ(error["object"]["code"], 410);
  EXPECT_EQ(error["object"]["reason"], "Expired");
  EXPECT_TRUE(watcher_.at_end());
  EXPECT_EQ(
      client_.get(kExperiments + "?resourceVersion=1&resourceVersionMatch=Exact&limit=5").status,
      410U);
}

TEST_F(WatchTest, AThousandWatchersSeeTheSame) {
  create("a");
  std::vector<std::unique_ptr<HttpClient>> watchers;
  for (int i = 0; i < 1000; ++i) {
    watchers.push_back(std::make_unique<HttpClient>(server_.port()));
    watchers.back()->token = kAdminToken;
    watchers.back()->open(kExperiments + "?watch=true&resourceVersion=0");
    EXPECT_EQ(Json::parse(watchers.back()->read_line())["type"], "ADDED");
  }
  for (std::size_t i = 0; i < 100; ++i) watchers[i]->close();
  set_budget("a", 33);
  for (std::size_t i = 100; i < watchers.size(); ++i) {
    EXPECT_EQ(Json::parse(watchers[i]->read_line())["object"]["spec"]["maxTrialCount"], 33);
  }
}

TEST(WatchLimitTest, MoreWatchesThanMayBeAreAskedToComeAgain) {
  api::ServerConfig config;
  config.limits.max_watches = 2;
  TestServer server(config);
  std::vector<std::unique_ptr<HttpClient>> watchers;
  for (int i = 0; i < 3; ++i) {
    watchers.push_back(std::make_unique<HttpClient>(server.port()));
    watchers.back()->token = kAdminToken;
  }
  const std::string watch = kExperiments + "?watch=true";
  EXPECT_EQ(watchers[0]->open(watch).status, 200U);
  EXPECT_EQ(watchers[1]->open(watch).status, 200U);

  const HttpAnswer refused = watchers[2]->get(watch);

  EXPECT_EQ(refused.status, 429U);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(refused.json()["reason"], "TooManyRequests");
  EXPECT_EQ(refused.json()["details"]["retryAfterSeconds"], 1);
  EXPECT_EQ(watchers[2]->get(kExperiments).status, 200U) << "lists are answered all the same";
  watchers[0]->close();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (unsigned status = 0; status != 200;) {
    ASSERT_LT(std::chrono::steady_clock::now(), until)
        << "the place of the closed one is free again";
    HttpClient next(server.port());
    next.token = kAdminToken;
    status = next.open(watch).status;
  }
}

}  // namespace
}  // namespace mizan::testing
