// Asking for trials, with many clients at once. A small stand-in for the controllers turns requests
// into Trials.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "resources/known_resources.h"
#include "tests/api/http_client.h"
#include "tests/api/objects.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

const std::string kBase = "/rest/v1/namespaces/default/experiments";
const std::string kClientId = "mizan.kubeflow.org/client-id";
using resources::kSuggestions;
using resources::kTrials;

/// How the stand-in knows who waits: as a controller beside the server does, as one far away
/// doesn't, or both by turns.
enum class Knows { kAlways, kNever, kByTurns };

/// Stands in for the controllers: answers in the Suggestion's status, then makes the Trials, in
/// that order.
Task<> draw(TestServer& server, std::string experiment, std::int64_t space, Knows knows) {
  store::ObjectStore& store = server.store();
  store::Selection selection(kSuggestions, "default");
  selection.fields.push_back({"metadata.name", experiment, true});
  auto watch = co_await store.watch(selection, store::WatchOptions());
  std::int64_t drawn = 0;
  Json entries = Json::array();
  while (watch) {
    const auto event = co_await (*watch)->next();
    if (!event) co_return;
    const auto wanted = event->object->value(Json::json_pointer("/spec/requests"), std::int64_t{0});
    const bool exhausted = wanted > space;
    const std::int64_t first = drawn;
    drawn = std::max(drawn, std::min(wanted, space));
    if (drawn == first && !exhausted) continue;
    const auto name = [&](std::int64_t i) { return experiment + "-" + std::to_string(i); };
    for (std::int64_t i = first; i < drawn; ++i) entries.push_back({{"name", name(i)}});
    const Json status{
        {"suggestionCount", drawn}, {"suggestions", entries}, {"exhausted", exhausted}};
    store::Patch patch(store::PatchType::kMerge, Json{{"status", status}});
    co_await store.patch(store::Key(kSuggestions, "default", experiment), "status",
                         std::move(patch), store::WriteOptions());
    for (std::int64_t i = first; i < drawn; ++i) {
      Json trial = a_trial(experiment, name(i), std::to_string(i));
      resources::TrialAssignment drawn_point;
      drawn_point.name = name(i);
      if (knows == Knows::kAlways || (knows == Knows::kByTurns && i % 2 == 0)) {
        const auto client = server.server().who_waits("default", experiment, drawn_point);
        if (!client.empty()) trial["metadata"]["annotations"][kClientId] = client;
      }
      co_await store.create(kTrials, "default", std::move(trial), store::WriteOptions());
    }
  }
}

class AskTest : public ::testing::Test {
 protected:
  AskTest() { client_.token = kAdminToken; }

  void begin(const std::string& name, Json spec = Json::object(), std::int64_t space = 1'000'000,
             Knows knows = Knows::kByTurns) {
    Json experiment = an_experiment(name);
    experiment["spec"].erase("parallelTrialCount");
    experiment["spec"].erase("maxTrialCount");
    experiment["spec"].update(spec);
    EXPECT_EQ(client_.post(kBase, experiment).status, 201U);
    EXPECT_EQ(
        client_
            .post("/apis/kubeflow.org/v1beta1/namespaces/default/suggestions", a_suggestion(name))
            .status,
        201U);
    if (space == 0) return;
    boost::asio::co_spawn(server_.io(), draw(server_, name, space, knows), boost::asio::detached);
  }

  /// A connection that asks `name`, where nobody draws, and waits: its request has reached the
  /// Suggestion.
  std::unique_ptr<HttpClient> waiting_ask(const std::string& name) {
    begin(name, Json::object(), 0);
    auto waiter = std::make_unique<HttpClient>(server_.port());
    waiter->write_raw("POST " + kBase + "/" + name +
                      ":ask HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                      std::string(kAdminToken) +
                      "\r\nContent-Length: 20\r\n\r\n{\"waitSeconds\": 300}");
    const std::string suggestion = "/apis/kubeflow.org/v1beta1/namespaces/default/suggestions/";
    while (client_.get(suggestion + name).json()["spec"].value("requests", 0) == 0) {
    }
    return waiter;
  }

  Json ask(HttpClient& client, const std::string& name, const Json& body) {
    const HttpAnswer answer = client.post(kBase + "/" + name + ":ask", body);
    EXPECT_EQ(answer.status, 200U) << answer.body;
    return answer.json();
  }

  TestServer server_;
  HttpClient client_{server_.port()};
};

TEST_F(AskTest, GivesTrialsWithTheirAssignments) {
  begin("e");
  const Json answer = ask(client_, "e", {{"count", 2}, {"clientId", "w1"}, {"waitSeconds", 10}});

  ASSERT_EQ(answer["trials"].size(), 2U);
  EXPECT_TRUE(answer["trials"][0]["assignments"].contains("lr"));
  EXPECT_NE(answer["trials"][0]["name"], answer["trials"][1]["name"]);
  EXPECT_EQ(answer["exhausted"], false);
}

TEST_F(AskTest, AClientsOpenTrialsComeFirst) {
  begin("e");
  const Json first = ask(client_, "e", {{"clientId", "w1"}});
  EXPECT_EQ(ask(client_, "e", {{"clientId", "w1"}})["trials"], first["trials"]);
  const Json more = ask(client_, "e", {{"clientId", "w1"}, {"count", 3}});
  ASSERT_EQ(more["trials"].size(), 3U);
  EXPECT_EQ(more["trials"][0], first["trials"][0]);
  EXPECT_NE(ask(client_, "e", {{"clientId", "w2"}})["trials"][0]["name"],
            first["trials"][0]["name"]);
  client_.post(kBase + "/e/trials/" + first["trials"][0]["name"].get<std::string>() + ":tell",
               {{"metrics", {{"loss", 1}}}});
  EXPECT_NE(ask(client_, "e", {{"clientId", "w1"}})["trials"][0]["name"],
            first["trials"][0]["name"]);
}

TEST_F(AskTest, WithoutAClientEachAskIsNew) {
  begin("e");
  const Json first = ask(client_, "e", Json::object());
  const Json second = ask(client_, "e", Json::object());
  EXPECT_NE(first["trials"][0]["name"], second["trials"][0]["name"]);
}

TEST_F(AskTest, ConcurrentAsksNeverGetTheSameTrial) {
  begin("e");
  std::mutex mutex;
  std::multiset<std::string> names;
  std::vector<std::thread> clients;
  for (int c = 0; c < 12; ++c) {
    clients.emplace_back([&, c] {
      HttpClient client(server_.port());
      client.token = kAdminToken;
      for (int i = 0; i < 8; ++i) {
        Json body{{"count", 1 + i % 3}};
        if (c % 2 == 0) body["clientId"] = "c" + std::to_string(c) + "-" + std::to_string(i);
        const Json answer = ask(client, "e", body);
        const std::scoped_lock lock(mutex);
        for (const Json& trial : answer["trials"]) names.insert(trial["name"]);
      }
    });
  }
  for (auto& client : clients) client.join();

  EXPECT_EQ(names.size(), 12U * (1 + 2 + 3 + 1 + 2 + 3 + 1 + 2));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  const Json trials = client_.get(kBase + "/e/trials").json()["items"];
  EXPECT_EQ(trials.size(), names.size()) << "just as many were drawn as were asked for";
}

TEST_F(AskTest, OneClientThatAsksTwiceAtOnceGetsTheSameTrial) {
  begin("e");
  std::vector<Json> answers(4);
  std::vector<std::thread> clients;
  for (auto& answer : answers) {
    clients.emplace_back([&] {
      HttpClient client(server_.port());
      client.token = kAdminToken;
      answer = ask(client, "e", {{"clientId", "same"}});
    });
  }
  for (auto& client : clients) client.join();

  for (const Json& answer : answers) EXPECT_EQ(answer["trials"], answers[0]["trials"]);
  EXPECT_EQ(client_.get(kBase + "/e/trials").json()["items"].size(), 1U);
}

TEST_F(AskTest, SaysWhenThereWillBeNoMore) {
  begin("budget", {{"maxTrialCount", 2}});
  EXPECT_EQ(ask(client_, "budget", {{"count", 5}})["trials"].size(), 2U);
  const Json spent = ask(client_, "budget", {{"waitSeconds", 60}});
  EXPECT_EQ(spent, (Json{{"trials", Json::array()}, {"exhausted", true}}));

  begin("space", Json::object(), 3);
  const Json all = ask(client_, "space", {{"count", 9}, {"waitSeconds", 60}});
  EXPECT_EQ(all["trials"].size(), 3U);
  EXPECT_EQ(all["exhausted"], true);
}

TEST_F(AskTest, AnEmptyAnswerWhenThereIsNoneNow) {
  begin("e", {{"suspend", true}});
  EXPECT_EQ(ask(client_, "e", {{"waitSeconds", 0}}),
            (Json{{"trials", Json::array()}, {"exhausted", false}}));
}

TEST_F(AskTest, WaitsForAPlaceUnderParallelTrialCount) {
  begin("e", {{"parallelTrialCount", 1}});
  const std::string held = ask(client_, "e", {{"clientId", "a"}})["trials"][0]["name"];
  EXPECT_EQ(ask(client_, "e", {{"clientId", "b"}, {"waitSeconds", 0}})["trials"].size(), 0U);
  std::thread teller([&] {
    HttpClient other(server_.port());
    other.token = kAdminToken;
    other.post(kBase + "/e/trials/" + held + ":tell", {{"metrics", {{"loss", 1}}}});
  });

  const Json answer = ask(client_, "e", {{"clientId", "b"}, {"waitSeconds", 60}});

  teller.join();
  EXPECT_EQ(answer["trials"].size(), 1U);
}

TEST_F(AskTest, OpenAsksSurviveARoomThatIsNew) {
  begin("e");
  const Json first = ask(client_, "e", {{"clientId", "w1"}, {"count", 2}});
  const std::string name = first["trials"][0]["name"];
  const Json trial = client_.get(kBase + "/e/trials/" + name).json()["object"];
  EXPECT_EQ(trial["metadata"]["annotations"][kClientId], "w1")
      << "the claim is in the store, not in memory";
}

TEST_F(AskTest, ATrialThatIsMadeForItsClientIsNotWrittenAgain) {
  begin("beside", Json::object(), 1'000'000, Knows::kAlways);
  begin("far", Json::object(), 1'000'000, Knows::kNever);
  const auto managers_after_ask = [&](const std::string& experiment) {
    const Json answer = ask(client_, experiment, {{"clientId", "w1"}});
    const std::string name = answer["trials"][0]["name"];
    const Json trial = client_.get(kBase + "/" + experiment + "/trials/" + name).json()["object"];
    EXPECT_EQ(trial["metadata"]["annotations"][kClientId], "w1");
    return trial["metadata"].value("managedFields", Json::array()).size();
  };

  EXPECT_EQ(managers_after_ask("beside"), 0U) << "nobody has changed it since it was made";
  EXPECT_EQ(managers_after_ask("far"), 1U) << "the desk has claimed it";
}

TEST_F(AskTest, NobodyWaitsForAnExperimentThatNobodyAsked) {
  begin("e", Json::object(), 0);
  const auto who = [&]() -> Task<std::string> {
    co_return server_.server().who_waits("default", "e", resources::TrialAssignment());
  };
  EXPECT_EQ(server_.run(who()), "");
}

TEST_F(AskTest, RefusesWhatCannotBeAsked) {
  EXPECT_EQ(client_.post(kBase + "/nosuch:ask", Json::object()).status, 404U);
  begin("e");
  for (const Json& bad :
       {Json{{"count", 0}}, Json{{"count", 1001}}, Json{{"waitSeconds", 301}}, Json{{"count", "1"}},
        Json{{"clientId", ""}}, Json{{"clientId", 1}}, Json{{"cuont", 1}}}) {
    const HttpAnswer answer = client_.post(kBase + "/e:ask", bad);
    EXPECT_EQ(answer.status, 422U) << bad;
    EXPECT_EQ(answer.json()["errors"].size(), 1U) << bad;
  }
  EXPECT_EQ(client_.send("POST", kBase + "/e:ask", "[]").status, 400U);
  Json job = an_experiment("job");
  job["spec"]["trialTemplate"] = {{"trialSpec", {{"apiVersion", "batch/v1"}, {"kind", "Job"}}}};
  EXPECT_EQ(client_.post(kBase, job).status, 201U);
  EXPECT_EQ(client_.post(kBase + "/job:ask", Json::object()).status, 422U);
}

TEST_F(AskTest, AClientThatGoesAwayIsNotDrawnForAgain) {
  waiting_ask("e")->close();

  const Json answer = ask(client_, "e", {{"waitSeconds", 0}});

  EXPECT_EQ(answer["trials"].size(), 0U);
  const Json suggestion =
      client_.get("/apis/kubeflow.org/v1beta1/namespaces/default/suggestions/e").json();
  EXPECT_EQ(suggestion["spec"]["requests"], 1) << "the draw that the first left is taken over";
}

TEST_F(AskTest, StopEndsAWaitingAsk) {
  const auto waiter = waiting_ask("e");

  server_.stop();

  EXPECT_EQ(waiter->read_answer().status, 503U);
}

}  // namespace
}  // namespace mizan::testing
