// Leases of warm pods over REST: who may ask, what waits, and which results are taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "api/lease_api.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "tests/api/http_client.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

using ::testing::HasSubstr;

using resources::kPods;

Json a_lease(const std::string& trial, std::int64_t attempt) {
  resources::WarmLease lease;
  lease.trial = trial;
  lease.attempt = attempt;
  lease.command = {"train"};
  return to_json(lease);
}

class LeaseTest : public ::testing::Test {
 protected:
  LeaseTest() {
    for (const char* name : {"p", "q"}) {
      Json pod{{"metadata", {{"name", name}}},
               {"spec", {{"containers", Json::array({{{"name", "c"}, {"image", "i"}}})}}}};
      const auto made = server_.run(server_.store().create(kPods, "default", std::move(pod)));
      EXPECT_TRUE(made) << made.error().message;
      uids_[name] = resources::uid_of(*made->object);
    }
    client_.token = api::lease_token(kLeaseKey, "default", "p");
  }

  void annotate(const std::string& pod, Json lease) {
    Json annotations;
    annotations[std::string(resources::kLeaseAnnotation)] =
        lease.is_null() ? Json() : Json(lease.dump());
    annotations[std::string(resources::kLeaseResultAnnotation)] = nullptr;
    store::Patch patch(store::PatchType::kMerge,
                       Json{{"metadata", {{"annotations", annotations}}}});
    const auto written =
        server_.run(server_.store().patch(store::Key(kPods, "default", pod), "", std::move(patch)));
    EXPECT_TRUE(written) << written.error().message;
  }
  std::string lease_path(const std::string& pod, const std::string& more = "&waitSeconds=0") const {
    return "/rest/v1/namespaces/default/pods/" + pod + "/lease?uid=" + uids_.at(pod) + more;
  }
  std::string done_path(const std::string& pod) const {
    return "/rest/v1/namespaces/default/pods/" + pod + "/lease:done?uid=" + uids_.at(pod);
  }
  static Json result(const std::string& trial, std::int64_t attempt, int exit_code = 0) {
    return {{"trial", trial}, {"attempt", attempt}, {"exitCode", exit_code}};
  }

  TestServer server_;
  HttpClient client_{server_.port()};
  std::map<std::string, std::string> uids_;
};

TEST_F(LeaseTest, IsForTheRunnerOfThatPodAlone) {
  annotate("p", a_lease("t", 1));
  EXPECT_EQ(client_.get(lease_path("p")).json()["lease"]["trial"], "t");
  const auto other = client_.get(lease_path("q"));
  EXPECT_EQ(other.status, 403U);
  EXPECT_THAT(other.json()["detail"].get<std::string>(), HasSubstr("of pod default/p"));
  for (const std::string& token :
       {std::string(), std::string(kAdminToken), std::string(kViewerToken),
        api::lease_token("another key", "default", "p"), std::string("lease..")}) {
    client_.token = token;
    EXPECT_EQ(client_.get(lease_path("p")).status, 401U) << token;
    EXPECT_EQ(client_.post(done_path("p"), result("t", 1)).status, 401U) << token;
  }
}

TEST_F(LeaseTest, ARunnersTokenIsGoodForNothingElse) {
  for (const char* path : {"/rest/v1/experiments", "/api/v1/namespaces/default/pods",
                           "/rest/v1/namespaces/default/pods/p/lease/more"})
    EXPECT_EQ(client_.get(path).status, 401U) << path;
}

TEST_F(LeaseTest, KnowsAPodFromItsSuccessor) {
  const auto answer =
      client_.get("/rest/v1/namespaces/default/pods/p/lease?uid=another&waitSeconds=0");
  EXPECT_EQ(answer.status, 409U);
  EXPECT_THAT(answer.json()["detail"].get<std::string>(), HasSubstr(uids_["p"]));
}

TEST_F(LeaseTest, ComesWhenThereIsOne) {
  auto waiting = std::async(std::launch::async, [&] {
    HttpClient other(server_.port());
    other.token = client_.token;
    return other.get(lease_path("p", "&waitSeconds=9")).json();
  });
  annotate("q", a_lease("of another pod", 1));
  annotate("p", a_lease("t", 3));
  EXPECT_EQ(waiting.get()["lease"]["attempt"], 3);
}

TEST_F(LeaseTest, AWithdrawnOneComesAtOnce) {
  annotate("p", a_lease("t", 1));
  auto waiting = std::async(std::launch::async, [&] {
    HttpClient other(server_.port());
    other.token = client_.token;
    return other.get(lease_path("p", "&trial=t&attempt=1&waitSeconds=9")).json();
  });
  Json withdrawn = a_lease("t", 1);
  withdrawn["cancelled"] = "2026-11-30T12:00:00Z";
  annotate("p", withdrawn);
  EXPECT_TRUE(waiting.get()["lease"].contains("cancelled"));
}

TEST_F(LeaseTest, AResultIsKeptOnceAndTheSameAgainIsWell) {
  annotate("p", a_lease("t", 2));
  EXPECT_EQ(client_.post(done_path("p"), result("t", 2)).status, 200U);
  EXPECT_EQ(client_.post(done_path("p"), result("t", 2)).status, 200U);
  EXPECT_EQ(client_.post(done_path("p"), result("t", 2, 1)).status, 409U);
  EXPECT_TRUE(client_.get(lease_path("p")).json()["lease"].is_null())
      << "it is not to be run again";
  const auto pod = server_.run(server_.store().get(store::Key(kPods, "default", "p")));
  EXPECT_EQ(resources::lease_result_of(**pod)->exit_code, 0);
}

TEST_F(LeaseTest, AStaleOneIsRefused) {
  EXPECT_EQ(client_.post(done_path("p"), result("t", 1)).status, 409U) << "no lease at all";
  annotate("p", a_lease("t", 2));
  for (const Json& stale : {result("t", 1), result("t", 3), result("u", 2)})
    EXPECT_EQ(client_.post(done_path("p"), stale).status, 409U) << stale;
  const auto pod = server_.run(server_.store().get(store::Key(kPods, "default", "p")));
  EXPECT_FALSE(resources::lease_result_of(**pod));
}

TEST_F(LeaseTest, GarbageIsRefusedByName) {
  annotate("p", a_lease("t", 1));
  EXPECT_EQ(client_.send("POST", done_path("p"), "{{{").status, 400U);
  EXPECT_EQ(client_.send("POST", done_path("p"), "[1]").status, 400U);
  const std::pair<Json, const char*> rows[] = {
      {{{"exitCode", 256}}, "exitCode"},
      {{{"exitCode", "0"}}, "exitCode"},
      {{{"attempt", 0}}, "attempt"},
      {{{"attempt", 18446744073709551615ULL}}, "attempt"},
      {{{"peakMemoryBytes", -1}}, "peakMemoryBytes"},
      {{{"oomKilled", "yes"}}, "oomKilled"},
      {{{"message", std::string(5000, 'x')}}, "message"},
      {{{"finishedAt", "yesterday"}}, "finishedAt"},
      {{{"loss", 1}}, "loss"},
  };
  for (const auto& [change, field] : rows) {
    Json body = result("t", 1);
    body.update(change);
    const auto answer = client_.post(done_path("p"), body);
    EXPECT_EQ(answer.status, 422U) << body;
    EXPECT_THAT(answer.body, HasSubstr(field));
  }
  EXPECT_EQ(client_.get(lease_path("p", "&waitSeconds=soon")).status, 422U);
}

}  // namespace
}  // namespace mizan::testing
