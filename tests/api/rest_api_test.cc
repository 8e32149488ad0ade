// The REST surface over real sockets, as the dashboard and notebooks use it.
#include <gtest/gtest.h>

#include "tests/api/http_client.h"
#include "tests/api/objects.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

const std::string kBase = "/rest/v1/namespaces/default/experiments";
const std::string kTrials = "/apis/kubeflow.org/v1beta1/namespaces/default/trials";

class RestApiTest : public ::testing::Test {
 protected:
  RestApiTest() { client_.token = kAdminToken; }

  void create(const std::string& name) {
    EXPECT_EQ(client_.post(kBase, an_experiment(name)).status, 201U);
  }
  void create_trial(const std::string& experiment, const std::string& name) {
    const HttpAnswer answer = client_.post(kTrials, a_trial(experiment, name));
    EXPECT_EQ(answer.status, 201U) << answer.body;
  }
  HttpAnswer tell(const std::string& name, const Json& body) {
    return client_.post(kBase + "/e/trials/" + name + ":tell", body);
  }

  TestServer server_;
  HttpClient client_{server_.port()};
};

TEST_F(RestApiTest, SaysItsVersionAndNamespaces) {
  EXPECT_EQ(client_.get("/rest/v1/version").json()["version"], "0.1.0");
  EXPECT_EQ(client_.get("/rest/v1/namespaces").json(),
            (Json{{"namespaces", {"default", "kubeflow"}}}));
  EXPECT_TRUE(
      client_.get("/rest/v1/openapi.json").json()["openapi"].get<std::string>().starts_with("3.1"));
}

TEST_F(RestApiTest, CreatesFromJsonAndYaml) {
  const HttpAnswer json = client_.post(kBase, an_experiment("a"));
  EXPECT_EQ(json.status, 201U);
  EXPECT_EQ(json.json()["kind"], "Experiment");
  const HttpAnswer yaml = client_.send(
      "POST", kBase,
      "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nmetadata: {name: b}\nspec:\n"
      "  objective: {type: minimize, objectiveMetricName: loss}\n"
      "  parameters:\n  - {name: lr, parameterType: double, feasibleSpace: {min: '0', max: '1'}}\n"
      "  trialTemplate: {client: {}}\n",
      {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(yaml.status, 201U) << yaml.body;
  EXPECT_EQ(client_.get(kBase).json()["items"].size(), 2U);
  EXPECT_EQ(client_.get("/rest/v1/experiments").json()["items"].size(), 2U);
  EXPECT_EQ(client_.get("/rest/v1/namespaces/kubeflow/experiments").json()["items"].size(), 0U);
}

TEST_F(RestApiTest, ClonesAnExperimentWithItsHistory) {
  Json first = an_experiment("first");
  first["metadata"]["labels"] = {{"team", "a"}};
  first["spec"]["suspend"] = true;
  first["spec"]["initialTrials"] = {
      {{"assignments", {{"lr", "0.5"}}}},
      {{"assignments", {{"lr", "0.1"}}}, {"metrics", {{"loss", 0.3}}}}};
  first["spec"]["warmStart"] = {{"fromExperiments", {{{"name", "older"}}}}, {"maxTrials", 7}};
  const HttpAnswer there = client_.post(kBase, first);
  ASSERT_EQ(there.status, 201U) << there.body;

  const HttpAnswer made =
      client_.post(kBase + "/first:clone", {{"name", "second"}, {"spec", {{"maxTrialCount", 50}}}});

  ASSERT_EQ(made.status, 201U) << made.body;
  const Json clone = made.json();
  EXPECT_EQ(clone["metadata"]["labels"]["team"], "a");
  EXPECT_EQ(clone["spec"]["maxTrialCount"], 50);
  EXPECT_FALSE(clone["spec"].value("suspend", false));
  EXPECT_EQ(
      clone["spec"]["warmStart"],
      Json::parse(
          R"({"fromExperiments": [{"name": "first", "sameObjective": true}, {"name": "older"}],
                            "maxTrials": 7})"));
  EXPECT_EQ(clone["spec"]["initialTrials"].size(), 1U) << "what has run is not run again";

  const HttpAnswer bare =
      client_.post(kBase + "/first:clone", {{"name", "third"}, {"history", false}});
  ASSERT_EQ(bare.status, 201U) << bare.body;
  EXPECT_EQ(bare.json()["spec"]["initialTrials"].size(), 2U);
  EXPECT_EQ(bare.json()["spec"]["warmStart"]["fromExperiments"].size(), 1U);
}

TEST_F(RestApiTest, RefusesAClonePerField) {
  create("e");
  const struct {
    Json body;
    unsigned status;
    const char* field;
  } cases[] = {
      {Json::object(), 422, "name"},
      {{{"name", "x"}, {"history", "no"}}, 422, "history"},
      {{{"name", "x"}, {"spec", 5}}, 422, "spec"},
      {{{"name", "x"}, {"trials", 5}}, 422, "trials"},
      {{{"name", "x"}, {"spec", {{"maxTrialCount", 0}}}}, 422, "spec.maxTrialCount"},
      {{{"name", "x"}, {"spec", {{"maxTrials", 5}}}}, 400, "spec.maxTrials"},
      {{{"name", "e"}}, 409, "e"},
  };
  for (const auto& one : cases) {
    const HttpAnswer answer = client_.post(kBase + "/e:clone", one.body);
    EXPECT_EQ(answer.status, one.status) << answer.body;
    EXPECT_NE(answer.body.find(one.field), std::string::npos) << answer.body;
  }
  EXPECT_EQ(client_.post(kBase + "/nobody:clone", {{"name", "x"}}).status, 404U);
}

TEST_F(RestApiTest, IsStrictAboutWhatItTakes) {
  Json unknown = an_experiment("x");
  unknown["spec"]["maxTrials"] = 1;
  const HttpAnswer strict = client_.post(kBase, unknown);
  EXPECT_EQ(strict.status, 400U);
  EXPECT_EQ(strict.header("content-type"), "application/problem+json");
  EXPECT_NE(strict.json()["detail"].get<std::string>().find("spec.maxTrials"), std::string::npos);
  create("a");
  EXPECT_EQ(client_.post(kBase, an_experiment("a")).status, 409U);
  EXPECT_EQ(client_.send("POST", kBase, "{").status, 400U);
  Json wrong = an_experiment("y");
  wrong["spec"]["maxTrialCount"] = "many";
  const HttpAnswer typed = client_.post(kBase, wrong);
  EXPECT_EQ(typed.status, 422U);
  EXPECT_EQ(typed.json()["errors"][0]["pointer"], "/spec/maxTrialCount");
}

TEST_F(RestApiTest, SummarisesAnExperiment) {
  create("e");
  const Json status = Json::parse(
      R"({"status": {"trials": 5, "trialsSucceeded": 2, "trialsRunning": 1, "trialMetricsUnavailable": 1, "trialsInfeasible": 1,
      "conditions": [{"type": "Created", "status": "True"}, {"type": "Running", "status": "True", "reason": "ExperimentRunning", "message": "it runs"}],
      "startTime": "2026-11-23T20:00:00Z",
      "currentOptimalTrial": {"bestTrialName": "e-x", "parameterAssignments": [{"name": "lr", "value": "0.02"}],
        "observation": {"metrics": [{"name": "loss", "min": "0.2", "max": "0.9", "latest": "0.3"}]}}}})");
  client_.send("PATCH", "/apis/kubeflow.org/v1beta1/namespaces/default/experiments/e/status",
               status.dump(), {{"Content-Type", "application/merge-patch+json"}});

  const Json answer = client_.get(kBase + "/e").json();
  const Json& summary = answer["summary"];

  EXPECT_EQ(summary["namespace"], "default");
  EXPECT_EQ(summary["state"], "Running");
  EXPECT_EQ(summary["reason"], "ExperimentRunning");
  EXPECT_EQ(summary["message"], "it runs");
  EXPECT_EQ(summary["started"], "2026-11-23T20:00:00Z");
  EXPECT_EQ(summary["completed"], nullptr);
  EXPECT_EQ(summary["algorithm"], "random");
  EXPECT_EQ(summary["objective"], (Json{{"metric", "loss"}, {"type", "minimize"}, {"goal", 0.01}}));
  EXPECT_EQ(summary["parameters"][0]["name"], "lr");
  EXPECT_EQ(summary["parameters"][0]["type"], "double");
  EXPECT_EQ(summary["counts"]["total"], 5);
  EXPECT_EQ(summary["counts"]["max"], 12);
  EXPECT_EQ(summary["counts"]["succeeded"], 2);
  EXPECT_EQ(summary["counts"]["metricsUnavailable"], 1);
  EXPECT_EQ(summary["counts"]["infeasible"], 1);
  EXPECT_EQ(summary["counts"]["failed"], 0);
  EXPECT_EQ(summary["best"]["trial"], "e-x");
  EXPECT_EQ(summary["best"]["assignments"], (Json{{"lr", "0.02"}}));
  EXPECT_EQ(answer["object"]["kind"], "Experiment");
  EXPECT_EQ(answer["events"], Json::array());
  const Json optimal = client_.get(kBase + "/e/optimal").json();
  EXPECT_EQ(optimal["trial"]["name"], "e-x");
  EXPECT_EQ(optimal["trial"]["metrics"]["loss"], summary["best"]["value"]);
  EXPECT_EQ(optimal["recommended"], nullptr);
}

TEST_F(RestApiTest, EditsWhatMayBeEdited) {
  create("e");
  const HttpAnswer paused =
      client_.send("PATCH", kBase + "/e", R"({"spec":{"suspend":true,"maxTrialCount":50}})");
  EXPECT_EQ(paused.status, 200U) << paused.body;
  EXPECT_EQ(client_.get(kBase + "/e").json()["summary"]["state"], "Suspended");
  const HttpAnswer refused = client_.send(
      "PATCH", kBase + "/e", R"({"spec":{"objective":{"type":"maximize"}},"status":{}})");
  EXPECT_EQ(refused.status, 422U);
  EXPECT_EQ(refused.json()["errors"][0]["pointer"], "/spec/objective");
  EXPECT_EQ(refused.json()["errors"][1]["pointer"], "/status");
  EXPECT_EQ(client_.send("PATCH", kBase + "/e", "[]").status, 400U);
  EXPECT_EQ(client_.send("PATCH", kBase + "/nosuch", "{}").status, 404U);
}

TEST_F(RestApiTest, DeletesAnExperiment) {
  create("e");
  EXPECT_EQ(client_.send("DELETE", kBase + "/e").status, 200U);
  EXPECT_EQ(client_.get(kBase + "/e").status, 404U);
  EXPECT_EQ(client_.get(kBase + "/e/trials").status, 404U);
}

TEST_F(RestApiTest, ShowsEventsOfAnObject) {
  create("e");
  const std::string uid = client_.get(kBase + "/e").json()["summary"]["uid"];
  const auto event = [&](const char* name, const char* time, const std::string& of) {
    return Json{{"apiVersion", "v1"},
                {"kind", "Event"},
                {"metadata", {{"name", name}, {"namespace", "default"}}},
                {"involvedObject",
                 {{"kind", "Experiment"}, {"name", "e"}, {"namespace", "default"}, {"uid", of}}},
                {"type", "Warning"},
                {"reason", "Odd"},
                {"message", name},
                {"lastTimestamp", time},
                {"count", 2}};
  };
  for (const Json& one :
       {event("late", "2026-11-23T20:00:02Z", uid), event("early", "2026-11-23T20:00:01Z", uid),
        event("other", "2026-11-23T20:00:01Z", "u")}) {
    EXPECT_EQ(client_.post("/api/v1/namespaces/default/events", one).status, 201U);
  }
  const Json events = client_.get(kBase + "/e").json()["events"];
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0], (Json{{"time", "2026-11-23T20:00:01Z"},
                             {"type", "Warning"},
                             {"reason", "Odd"},
                             {"message", "early"},
                             {"count", 2}}));
}

TEST_F(RestApiTest, ReadsTrials) {
  create("e");
  create("other");
  create_trial("e", "t1");
  create_trial("other", "o1");

  const Json list = client_.get(kBase + "/e/trials").json();
  ASSERT_EQ(list["items"].size(), 1U);
  const Json& summary = list["items"][0];
  EXPECT_EQ(summary["name"], "t1");
  EXPECT_EQ(summary["experiment"], "e");
  EXPECT_EQ(summary["assignments"], (Json{{"lr", "0.01"}}));
  EXPECT_EQ(summary["metrics"], Json::object());
  EXPECT_EQ(summary["objective"], nullptr);
  const Json one = client_.get(kBase + "/e/trials/t1").json();
  EXPECT_EQ(one["summary"], summary);
  EXPECT_EQ(one["object"]["kind"], "Trial");
  EXPECT_EQ(one["pods"], Json::array());
  EXPECT_EQ(client_.get(kBase + "/e/trials/o1").status, 404U) << "it belongs to another experiment";
  EXPECT_EQ(client_.get(kBase + "/e/trials/nosuch").status, 404U);
}

TEST_F(RestApiTest, GivesTheLogOfATrialsPod) {
  create("e");
  create_trial("e", "t1");
  EXPECT_EQ(client_.get(kBase + "/e/trials/t1/log").status, 404U) << "no pod yet";
  const Json pod{{"apiVersion", "v1"},
                 {"kind", "Pod"},
                 {"metadata", {{"name", "p1"}, {"labels", {{"katib.kubeflow.org/trial", "t1"}}}}},
                 {"spec", {{"containers", Json::array({{{"name", "main"}, {"image", "x"}}})}}}};
  EXPECT_EQ(client_.post("/api/v1/namespaces/default/pods", pod).status, 201U);

  const HttpAnswer log = client_.get(kBase + "/e/trials/t1/log?tailLines=1");
  EXPECT_EQ(log.body, "line two\n");
  EXPECT_EQ(log.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(client_.get(kBase + "/e/trials/t1").json()["pods"], Json::array({"p1"}));
}

TEST_F(RestApiTest, ReportsBecomeCurves) {
  create("e");
  create_trial("e", "t1");
  const std::string trial = kBase + "/e/trials/t1";
  EXPECT_EQ(client_.post(trial + ":report", {{"step", 1}, {"metrics", {{"loss", 0.5}}}}).json(),
            (Json{{"shouldStop", false}}));
  EXPECT_EQ(
      client_
          .post(trial + ":report", {{"step", 2}, {"metrics", {{"loss", 0.4}, {"accuracy", 0.9}}}})
          .status,
      200U);

  const Json items = client_.get(trial + "/observations?metric=loss").json()["items"];
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1]["metric"], "loss");
  EXPECT_EQ(items[1]["value"], 0.4);
  EXPECT_EQ(items[1]["step"], 2);
  EXPECT_EQ(client_.get(trial + "/observations").json()["items"].size(), 3U);
  EXPECT_EQ(client_.post(trial + ":report", {{"metrics", {{"speed", 1}}}}).status, 422U);
  EXPECT_EQ(client_.post(kBase + "/e/trials/nosuch:report", {{"metrics", {{"loss", 1}}}}).status,
            404U);
  tell("t1", {{"metrics", {{"loss", 0.4}}}});
  EXPECT_EQ(client_.post(trial + ":report", {{"metrics", {{"loss", 1}}}}).json(),
            (Json{{"shouldStop", true}}));
  EXPECT_EQ(client_.get(trial + "/observations").json()["items"].size(), 3U)
      << "what has ended takes no more";
}

TEST_F(RestApiTest, TellingEndsATrialOnce) {
  create("e");
  create_trial("e", "t1");
  const Json told{{"metrics", {{"loss", 0.31}, {"accuracy", 0.9}}}};

  const HttpAnswer first = tell("t1", told);
  EXPECT_EQ(first.status, 200U) << first.body;
  EXPECT_EQ(first.json()["name"], "t1");
  EXPECT_EQ(first.json()["state"], "Succeeded");
  EXPECT_EQ(first.json()["objective"], 0.31);
  EXPECT_EQ(first.json()["metrics"]["loss"],
            (Json{{"min", 0.31}, {"max", 0.31}, {"latest", 0.31}}));
  EXPECT_EQ(tell("t1", told).status, 200U);
  const HttpAnswer other = tell("t1", {{"metrics", {{"loss", 0.32}, {"accuracy", 0.9}}}});
  EXPECT_EQ(other.status, 409U);
  EXPECT_EQ(other.header("content-type"), "application/problem+json");
  EXPECT_EQ(tell("t1", {{"state", "Failed"}}).status, 409U);
  EXPECT_EQ(tell("nosuch", told).status, 404U);
  EXPECT_EQ(tell("t1", {{"metrics", {{"nosuch", 1}}}}).status, 422U);
}

TEST_F(RestApiTest, TellsFailuresAndMissingMetrics) {
  create("e");
  for (const char* name : {"t1", "t2", "t3"}) create_trial("e", name);

  EXPECT_EQ(tell("t1", {{"state", "Failed"}, {"reason", "Crashed"}}).json()["state"], "Failed");
  EXPECT_EQ(tell("t1", {{"state", "Failed"}, {"reason", "Crashed"}}).status, 200U);
  EXPECT_EQ(tell("t2", {{"metrics", {{"loss", nullptr}}}}).json()["state"], "MetricsUnavailable");
  EXPECT_EQ(tell("t2", {{"metrics", {{"loss", nullptr}}}}).status, 200U);
  EXPECT_EQ(client_.send("POST", kBase + "/e/trials/t3:tell", R"({"metrics":{"loss":NaN}})")
                .json()["state"],
            "MetricsUnavailable");
}

TEST_F(RestApiTest, ATrialThatTheServerRunsIsNotTold) {
  create("e");
  Json trial = a_trial("e", "t1");
  trial["spec"]["runSpec"] = {{"apiVersion", "batch/v1"}, {"kind", "Job"}};
  EXPECT_EQ(client_.post(kTrials, trial).status, 201U);

  EXPECT_EQ(tell("t1", {{"metrics", {{"loss", 1}}}}).status, 409U);
}

TEST_F(RestApiTest, ProblemsForWhatIsNotThere) {
  const HttpAnswer missing = client_.get("/rest/v1/nothing");
  EXPECT_EQ(missing.status, 404U);
  EXPECT_EQ(missing.json()["title"], "Not Found");
  EXPECT_EQ(client_.send("PUT", kBase + "/e", "{}").status, 405U);
  EXPECT_EQ(client_.get("/rest/v2/x").status, 404U);
}

}  // namespace
}  // namespace mizan::testing
