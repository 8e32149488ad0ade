// The verbs of the Kubernetes surface over real sockets.
#include <gtest/gtest.h>

#include "tests/api/http_client.h"
#include "tests/api/objects.h"
#include "tests/api/test_server.h"

namespace mizan::testing {
namespace {

constexpr const char* kTable =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/"
    "json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
const std::string kExperimentsPath = "/apis/kubeflow.org/v1beta1/namespaces/default/experiments";
const std::string kPodsPath = "/api/v1/namespaces/default/pods";

class KubernetesApiTest : public ::testing::Test {
 protected:
  KubernetesApiTest() { client_.token = kAdminToken; }

  Json create(const std::string& name) {
    const HttpAnswer answer = client_.post(kExperimentsPath, an_experiment(name));
    EXPECT_EQ(answer.status, 201U) << answer.body;
    return answer.json();
  }

  TestServer server_;
  HttpClient client_{server_.port()};
};

TEST_F(KubernetesApiTest, CreatesGetsListsAndDeletes) {
  const Json made = create("a");
  EXPECT_EQ(made["metadata"]["namespace"], "default");

  const HttpAnswer got = client_.get(kExperimentsPath + "/a");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.json(), made);
  EXPECT_EQ(got.header("cache-control"), "no-cache, private");
  EXPECT_EQ(got.header("content-type"), "application/json");

  const Json list = client_.get(kExperimentsPath).json();
  EXPECT_EQ(list["kind"], "ExperimentList");
  EXPECT_EQ(list["apiVersion"], "kubeflow.org/v1beta1");
  EXPECT_EQ(list["metadata"]["continue"], "");
  EXPECT_EQ(list["items"], Json::array({made}));
  EXPECT_EQ(client_.get("/apis/kubeflow.org/v1beta1/experiments").json()["items"].size(), 1U);

  const HttpAnswer gone =
      client_.send("DELETE", kExperimentsPath + "/a", R"({"propagationPolicy":"Background"})");
  EXPECT_EQ(gone.status, 200U);
  EXPECT_EQ(gone.json(), (Json{{"kind", "Status"},
                               {"apiVersion", "v1"},
                               {"metadata", Json::object()},
                               {"status", "Success"},
                               {"details",
                                {{"name", "a"},
                                 {"group", "kubeflow.org"},
                                 {"kind", "experiments"},
                                 {"uid", made["metadata"]["uid"]}}}}));
  EXPECT_EQ(client_.get(kExperimentsPath + "/a").json()["message"],
            "experiments.kubeflow.org \"a\" not found");
}

TEST_F(KubernetesApiTest, WhatIsNotThereIsToldApart) {
  const HttpAnswer object = client_.get(kExperimentsPath + "/nosuch");
  EXPECT_EQ(object.status, 404U);
  EXPECT_EQ(object.json()["details"],
            (Json{{"name", "nosuch"}, {"group", "kubeflow.org"}, {"kind", "experiments"}}));
  for (const char* path :
       {"/apis/kubeflow.org/v1beta1/namespaces/default/nosuch", "/apis/nosuch.org/v1",
        "/apis/nosuch.org/v1/x", "/apis/kubeflow.org/v9/experiments",
        "/api/v1/namespaces/default/nodes", "/apis/kubeflow.org/v1beta1/experiments/a",
        "/api/v1/namespaces/default/configmaps/a/status"}) {
    const HttpAnswer page = client_.get(path);
    EXPECT_EQ(page.status, 404U) << path;
    EXPECT_EQ(page.body, "404 page not found\n") << path;
    EXPECT_EQ(page.header("content-type"), "text/plain; charset=utf-8") << path;
  }
  const HttpAnswer empty =
      client_.get("/apis/kubeflow.org/v1beta1/namespaces/nosuchns/experiments");
  EXPECT_EQ(empty.status, 200U);
  EXPECT_EQ(empty.json()["items"], Json::array());
  EXPECT_EQ(
      client_.post("/apis/kubeflow.org/v1beta1/namespaces/nosuchns/experiments", an_experiment("x"))
          .json()["message"],
      "namespaces \"nosuchns\" not found");
}

TEST_F(KubernetesApiTest, RefusesBadBodiesInKubeApiserversWords) {
  struct Row {
    const char* what;
    std::string body;
    std::string content_type;
    unsigned status;
    const char* message;
  };
  const std::string good = an_experiment("x").dump();
  Json other_version = an_experiment("x");
  other_version["apiVersion"] = "kubeflow.org/v1";
  Json other_namespace = an_experiment("x");
  other_namespace["metadata"]["namespace"] = "other";
  Json other_kind = an_experiment("k");
  other_kind["kind"] = "Trial";
  const Row rows[] = {
      {"cut off", "{\"apiVersion\":", "application/json", 400,
       "the object provided is unrecognized (must be of type Experiment): couldn't get "
       "version/kind; json parse error: unexpected end of JSON input ({\"apiVersion\":)"},
      {"empty", "", "application/json", 400,
       "the object provided is unrecognized (must be of type Experiment): couldn't get "
       "version/kind; json parse error: unexpected end of JSON input (<empty>)"},
      {"text", "hello", "text/plain", 415, nullptr},
      {"protobuf", "k8s", "application/vnd.kubernetes.protobuf", 400, nullptr},
      {"version", other_version.dump(), "application/json", 400,
       "the API version in the data (kubeflow.org/v1) does not match the expected API version "
       "(kubeflow.org/v1beta1)"},
      {"namespace", other_namespace.dump(), "application/json", 400,
       "the namespace of the provided object does not match the namespace sent on the request"},
      {"kind", other_kind.dump(), "application/json", 422,
       "Trial.kubeflow.org \"k\" is invalid: kind: Invalid value: \"Trial\": must be Experiment"},
      {"YAML 1.1", "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nmetadata: {name: y}\n",
       "application/yaml", 400,
       "Experiment in version \"v1beta1\" cannot be handled as a Experiment: json: cannot "
       "unmarshal bool into Go struct field ObjectMeta.name of type string"},
      {"two documents", "a: 1\n---\nb: 2\n", "application/yaml", 400, nullptr},
      {"deep", std::string(100'000, '['), "application/json", 400, nullptr},
      {"not UTF-8", "{\"apiVersion\": \"\xff\"}", "application/json", 400, nullptr},
  };
  for (const Row& row : rows) {
    const HttpAnswer answer =
        client_.send("POST", kExperimentsPath, row.body, {{"Content-Type", row.content_type}});
    EXPECT_EQ(answer.status, row.status) << row.what << ": " << answer.body;
    EXPECT_EQ(answer.json()["kind"], "Status") << row.what;
    if (row.message != nullptr) {
      EXPECT_EQ(answer.json()["message"], row.message) << row.what;
    }
  }
  EXPECT_EQ(client_.get(kExperimentsPath).json()["items"].size(), 0U) << "nothing was left behind";
}

TEST_F(KubernetesApiTest, UnknownAndDuplicateFieldsGoByFieldValidation) {
  std::string body = an_experiment("dup").dump();
  body.insert(body.rfind('}'), ",\"spec\":" + an_experiment("dup")["spec"].dump());
  Json unknown = an_experiment("unk");
  unknown["spec"]["maxTrials"] = 3;

  const HttpAnswer strict = client_.post(kExperimentsPath + "?fieldValidation=Strict", unknown);
  EXPECT_EQ(strict.status, 400U);
  EXPECT_EQ(strict.json()["message"],
            "Experiment in version \"v1beta1\" cannot be handled as a Experiment: strict decoding "
            "error: unknown field \"spec.maxTrials\"");
  const HttpAnswer warned = client_.post(kExperimentsPath + "?dryRun=All", unknown);
  EXPECT_EQ(warned.status, 201U);
  EXPECT_EQ(warned.header("warning"), "299 - \"unknown field \\\"spec.maxTrials\\\"\"");
  EXPECT_EQ(client_.post(kExperimentsPath + "?dryRun=All&fieldValidation=Ignore", unknown)
                .header("warning"),
            "");
  EXPECT_EQ(
      client_.send("POST", kExperimentsPath + "?fieldValidation=Strict", body).json()["message"],
      "Experiment in version \"v1beta1\" cannot be handled as a Experiment: strict decoding "
      "error: duplicate field \"spec\"");
  EXPECT_EQ(client_.send("POST", kExperimentsPath + "?dryRun=All", body).header("warning"),
            "299 - \"duplicate field \\\"spec\\\"\"");
  EXPECT_EQ(client_.get(kExperimentsPath).json()["items"].size(), 0U);
}

TEST_F(KubernetesApiTest, UpdatesWithCompareAndSwap) {
  Json object = create("a");
  const Json stale = object;
  object["spec"]["maxTrialCount"] = 20;

  const HttpAnswer updated = client_.send("PUT", kExperimentsPath + "/a", object.dump());
  EXPECT_EQ(updated.status, 200U) << updated.body;
  EXPECT_EQ(updated.json()["spec"]["maxTrialCount"], 20);
  Json changed = stale;
  changed["spec"]["maxTrialCount"] = 30;
  const HttpAnswer conflict = client_.send("PUT", kExperimentsPath + "/a", changed.dump());
  EXPECT_EQ(conflict.status, 409U);
  EXPECT_EQ(conflict.json()["reason"], "Conflict");
  EXPECT_EQ(client_.send("PUT", kExperimentsPath + "/b", object.dump()).json()["message"],
            "the name of the object (a) does not match the name on the URL (b)");
  EXPECT_EQ(client_.send("PUT", kExperimentsPath, object.dump()).json()["message"],
            "name must be provided");
  EXPECT_EQ(client_.post(kExperimentsPath, an_experiment("a")).json()["reason"], "AlreadyExists");
}

TEST_F(KubernetesApiTest, PatchesByContentType) {
  create("a");
  const auto patch = [&](const char* type, const char* body,
                         const std::string& path = kExperimentsPath + "/a") {
    return client_.send("PATCH", path, body, {{"Content-Type", type}});
  };
  EXPECT_EQ(patch("application/merge-patch+json", R"({"spec":{"maxTrialCount":13}})")
                .json()["spec"]["maxTrialCount"],
            13);
  EXPECT_EQ(patch("application/json-patch+json",
                  R"([{"op":"replace","path":"/spec/maxTrialCount","value":14}])")
                .json()["spec"]["maxTrialCount"],
            14);
  const HttpAnswer strategic = patch("application/strategic-merge-patch+json", "{}");
  EXPECT_EQ(strategic.status, 415U);
  EXPECT_EQ(
      strategic.json()["message"],
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
  EXPECT_EQ(patch("application/json-patch+json",
                  R"([{"op":"test","path":"/spec/maxTrialCount","value":1}])")
                .status,
            422U);
  EXPECT_EQ(patch("application/merge-patch+json", "[]").status, 400U);
  EXPECT_EQ(patch("application/merge-patch+json", "{").status, 400U);
  EXPECT_EQ(patch("application/apply-patch+yaml", "{}").json()["message"],
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required "
            "for apply patch");
  EXPECT_EQ(patch("application/merge-patch+json", "{}", kExperimentsPath + "/a?force=true").status,
            422U);
  EXPECT_EQ(patch("application/merge-patch+json", "{}", kExperimentsPath + "/nosuch").status, 404U);
}

TEST_F(KubernetesApiTest, WritesStatusApart) {
  create("a");
  const HttpAnswer patched = client_.send("PATCH", kExperimentsPath + "/a/status",
                                          R"({"status":{"trials":3},"spec":{"maxTrialCount":99}})",
                                          {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(patched.status, 200U) << patched.body;
  EXPECT_EQ(patched.json()["status"]["trials"], 3);
  EXPECT_NE(patched.json()["spec"]["maxTrialCount"], 99);
  EXPECT_EQ(client_.get(kExperimentsPath + "/a/status").json()["status"]["trials"], 3);
}

TEST_F(KubernetesApiTest, ScalesParallelism) {
  create("a");
  const std::string scale = kExperimentsPath + "/a/scale";
  const Json before = client_.get(scale).json();
  EXPECT_EQ(before["kind"], "Scale");
  EXPECT_EQ(before["apiVersion"], "autoscaling/v1");

  const HttpAnswer patched = client_.send("PATCH", scale, R"({"spec":{"replicas":7}})",
                                          {{"Content-Type", "application/merge-patch+json"}});

  EXPECT_EQ(patched.status, 200U) << patched.body;
  EXPECT_EQ(patched.json()["spec"]["replicas"], 7);
  EXPECT_EQ(client_.get(kExperimentsPath + "/a").json()["spec"]["parallelTrialCount"], 7);
}

TEST_F(KubernetesApiTest, ListsInPages) {
  for (const char* name : {"a", "b", "c"}) create(name);

  const Json first = client_.get(kExperimentsPath + "?limit=2").json();
  const std::string token = first["metadata"]["continue"];
  create("d");
  const Json second = client_.get(kExperimentsPath + "?limit=2&continue=" + token).json();

  EXPECT_EQ(first["items"].size(), 2U);
  EXPECT_EQ(first["metadata"]["remainingItemCount"], 1);
  EXPECT_EQ(second["items"].size(), 1U) << "the second page shows what the first did";
  EXPECT_EQ(second["metadata"]["continue"], "");
  EXPECT_EQ(client_.get(kExperimentsPath + "?limit=1&continue=zzz").status, 400U);
  const HttpAnswer future = client_.get(kExperimentsPath + "?resourceVersion=99999999");
  EXPECT_EQ(future.status, 504U);
  EXPECT_EQ(future.header("retry-after"), "1");
  EXPECT_EQ(future.json()["details"]["retryAfterSeconds"], 1);
}

TEST_F(KubernetesApiTest, SelectsByFieldsAndLabels) {
  create("a");
  create("b");
  EXPECT_EQ(client_.get(kExperimentsPath + "?fieldSelector=metadata.name%3Db")
                .json()["items"][0]["metadata"]["name"],
            "b");
  EXPECT_EQ(client_.get(kExperimentsPath + "?labelSelector=no%3Dsuch").json()["items"],
            Json::array());
  EXPECT_EQ(
      client_.get(kExperimentsPath + "?fieldSelector=spec.maxTrialCount%3D3").json()["message"],
      "field label not supported: spec.maxTrialCount");
}

TEST_F(KubernetesApiTest, PrintsTables) {
  create("a");
  server_.clock().advance(std::chrono::seconds(6));

  const HttpAnswer answer = client_.get(kExperimentsPath + "?limit=500", {{"Accept", kTable}});
  const Json table = answer.json();
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(table["kind"], "Table");
  EXPECT_EQ(table["apiVersion"], "meta.k8s.io/v1");
  EXPECT_FALSE(table["metadata"].contains("continue"));
  EXPECT_EQ(table["columnDefinitions"][0]["name"], "Name");
  EXPECT_EQ(table["rows"][0]["cells"][0], "a");
  EXPECT_EQ(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
  EXPECT_EQ(table["rows"][0]["cells"].size(), table["columnDefinitions"].size());
  EXPECT_EQ(client_.get(kExperimentsPath + "/a", {{"Accept", kTable}}).json()["rows"].size(), 1U);
  EXPECT_EQ(client_.get(kExperimentsPath + "?labelSelector=no%3Dsuch", {{"Accept", kTable}})
                .json()["rows"],
            Json::array());
  EXPECT_EQ(client_.get(kExperimentsPath + "?includeObject=None", {{"Accept", kTable}})
                .json()["rows"][0]["object"],
            nullptr);
  EXPECT_EQ(client_.get(kExperimentsPath + "?includeObject=Object", {{"Accept", kTable}})
                .json()["rows"][0]["object"]["kind"],
            "Experiment");
  EXPECT_EQ(client_.get(kExperimentsPath + "/nosuch", {{"Accept", kTable}}).json()["kind"],
            "Status");
}

TEST_F(KubernetesApiTest, ShowsMetadataOnlyYamlAndNothingElse) {
  create("a");
  const Json partial =
      client_
          .get(kExperimentsPath,
               {{"Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}})
          .json();
  EXPECT_EQ(partial["kind"], "PartialObjectMetadataList");
  EXPECT_EQ(partial["items"][0]["kind"], "PartialObjectMetadata");
  EXPECT_FALSE(partial["items"][0].contains("spec"));
  const HttpAnswer yaml = client_.get(kExperimentsPath + "/a", {{"Accept", "application/yaml"}});
  EXPECT_EQ(yaml.header("content-type"), "application/yaml");
  EXPECT_TRUE(yaml.body.starts_with("apiVersion: \"kubeflow.org/v1beta1\"\nkind: \"Experiment\"\n"))
      << yaml.body;
  EXPECT_EQ(client_.get(kExperimentsPath + "/a", {{"Accept", "text/html"}}).status, 406U);
}

TEST_F(KubernetesApiTest, DeletesWithPreconditionsFinalizersAndCollections) {
  Json keeper = an_experiment("fin");
  keeper["metadata"]["finalizers"] = {"kubeflow.org/cleanup"};
  client_.post(kExperimentsPath, keeper);
  create("a");
  create("b");

  EXPECT_EQ(client_
                .send("DELETE", kExperimentsPath + "/a",
                      R"({"preconditions":{"uid":"11111111-1111-1111-1111-111111111111"}})")
                .status,
            409U);
  EXPECT_EQ(client_.send("DELETE", kExperimentsPath + "/a?dryRun=All").json()["status"], "Success");
  const Json dying = client_.send("DELETE", kExperimentsPath + "/fin").json();
  EXPECT_EQ(dying["kind"], "Experiment");
  EXPECT_TRUE(dying["metadata"].contains("deletionTimestamp"));
  const Json listed =
      client_.send("DELETE", kExperimentsPath + "?fieldSelector=metadata.name%3Da").json();
  EXPECT_EQ(listed["kind"], "ExperimentList");
  EXPECT_EQ(listed["items"].size(), 1U);
  EXPECT_EQ(client_.get(kExperimentsPath + "/a").status, 404U);
  EXPECT_EQ(client_.get(kExperimentsPath + "/b").status, 200U);
  EXPECT_EQ(client_.send("DELETE", kExperimentsPath + "/b", "{").status, 400U);
}

TEST_F(KubernetesApiTest, GivesLogsWithTheirOptions) {
  const HttpAnswer log = client_.get(kPodsPath + "/p/log?container=main");
  EXPECT_EQ(log.status, 200U);
  EXPECT_EQ(log.header("content-type"), "text/plain");
  EXPECT_EQ(log.body, "line one\nline two\n");
  EXPECT_EQ(client_.get(kPodsPath + "/p/log?tailLines=1").body, "line two\n");
  EXPECT_EQ(client_.get(kPodsPath + "/silent/log").json()["message"],
            "container \"main\" in pod \"silent\" is waiting to start: ContainerCreating");
  EXPECT_EQ(client_.get(kPodsPath + "/p/log?previous=true&container=c").json()["message"],
            "previous terminated container \"c\" in pod \"p\" not found");
  EXPECT_EQ(client_.get(kPodsPath + "/p/log?tailLines=x").status, 400U);
  EXPECT_EQ(client_.send("DELETE", kPodsPath + "/p/log").status, 405U);

  HttpClient follower(server_.port());
  follower.token = kAdminToken;
  EXPECT_EQ(follower.open(kPodsPath + "/p/log?follow=true").status, 200U);
  EXPECT_EQ(follower.read_line(), "line one");
  EXPECT_EQ(follower.read_line(), "line two");
  follower.close();
  EXPECT_EQ(client_.get("/healthz").body, "ok");
}

TEST_F(KubernetesApiTest, MethodsThatNobodyKnowsAreNotAllowed) {
  EXPECT_EQ(client_.post("/apis/kubeflow.org/v1beta1/experiments", an_experiment("x")).status,
            405U);
  EXPECT_EQ(client_.post(kExperimentsPath + "/x", an_experiment("x")).status, 405U);
  EXPECT_EQ(client_.send("OPTIONS", kExperimentsPath).status, 405U);
  EXPECT_EQ(client_.send("BREW", kExperimentsPath).status, 405U);
  EXPECT_EQ(client_.get("/apis//kubeflow.org").status, 400U);
}

}  // namespace
}  // namespace mizan::testing
