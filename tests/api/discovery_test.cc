// Discovery, old and aggregated, of the kinds that ship with mizan.
#include "api/discovery.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

constexpr const char* kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

const resources::ResourceTable& table() {
  static const resources::ResourceTable made = *resources::ResourceTable::builtin();
  return made;
}

Response ask(DiscoveryRequest request, const char* accept = "application/json",
             const std::string& known = "") {
  auto answer = answer_discovery(table(), request, accept, known, "127.0.0.1:8080");
  EXPECT_TRUE(answer);
  return answer ? std::move(*answer) : Response{};
}

const Json& named(const Json& list, const char* key, const std::string& value) {
  for (const Json& item : list) {
    if (string_at(item, key) == value) return item;
  }
  throw std::runtime_error("nothing is named " + value);
}

TEST(DiscoveryTest, AggregatedGroupsListKindsWithNamesAndVerbs) {
  const Response response = ask({DiscoveryLevel::kGroups, "", ""}, kAggregated);
  const Json body = Json::parse(response.body);

  EXPECT_EQ(response.headers.get("Content-Type"),
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(response.headers.get("Vary"), "Accept");
  EXPECT_EQ(response.headers.get("Cache-Control"), "public");
  EXPECT_EQ(body["kind"], "APIGroupDiscoveryList");
  EXPECT_EQ(body["apiVersion"], "apidiscovery.k8s.io/v2");
  const Json& version = named(body["items"], "metadata.name", "kubeflow.org")["versions"][0];
  EXPECT_EQ(version["version"], "v1beta1");
  EXPECT_EQ(version["freshness"], "Current");
  const Json& experiments = named(version["resources"], "resource", "experiments");
  EXPECT_EQ(experiments["responseKind"],
            (Json{{"group", "kubeflow.org"}, {"version", "v1beta1"}, {"kind", "Experiment"}}));
  EXPECT_EQ(experiments["scope"], "Namespaced");
  EXPECT_EQ(experiments["singularResource"], "experiment");
  EXPECT_EQ(experiments["shortNames"], Json::array({"exp"}));
  EXPECT_EQ(experiments["verbs"].size(), 8U);
  EXPECT_EQ(named(experiments["subresources"], "subresource", "status")["verbs"],
            (Json{"get", "patch", "update"}));
}

TEST(DiscoveryTest, AggregatedCoreHasNoGroupName) {
  const Json body = Json::parse(ask({DiscoveryLevel::kCore, "", ""}, kAggregated).body);

  ASSERT_EQ(body["items"].size(), 1U);
  EXPECT_EQ(body["items"][0]["metadata"], Json::object());
  const Json& pods = named(body["items"][0]["versions"][0]["resources"], "resource", "pods");
  EXPECT_EQ(named(pods["subresources"], "subresource", "log")["verbs"], Json::array({"get"}));
  EXPECT_EQ(named(body["items"][0]["versions"][0]["resources"], "resource", "namespaces")["scope"],
            "Cluster");
}

TEST(DiscoveryTest, AnUnchangedAnswerIsNotSentAgain) {
  const DiscoveryRequest groups{DiscoveryLevel::kGroups, "", ""};
  const std::string etag(ask(groups, kAggregated).headers.get("ETag"));

  const Response again = ask(groups, kAggregated, etag);

  EXPECT_EQ(etag.size(), 130U);
  EXPECT_EQ(again.status, 304U);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.headers.get("ETag"), etag);
  EXPECT_EQ(ask(groups, kAggregated, "\"other\"").status, 200U);
}

TEST(DiscoveryTest, OldClientsGetDocumentsForEachLevel) {
  EXPECT_EQ(Json::parse(ask({DiscoveryLevel::kCore, "", ""}).body)["versions"],
            Json::array({"v1"}));
  const Json groups = Json::parse(ask({DiscoveryLevel::kGroups, "", ""}).body);
  EXPECT_EQ(groups["kind"], "APIGroupList");
  EXPECT_EQ(named(groups["groups"], "name", "kubeflow.org")["preferredVersion"],
            (Json{{"groupVersion", "kubeflow.org/v1beta1"}, {"version", "v1beta1"}}));
  EXPECT_EQ(Json::parse(ask({DiscoveryLevel::kGroup, "kubeflow.org", ""}).body)["kind"],
            "APIGroup");
  const Json version = Json::parse(ask({DiscoveryLevel::kVersion, "kubeflow.org", "v1beta1"}).body);
  EXPECT_EQ(version["kind"], "APIResourceList");
  EXPECT_EQ(version["groupVersion"], "kubeflow.org/v1beta1");
  EXPECT_EQ(named(version["resources"], "name", "experiments/status")["verbs"],
            (Json{"get", "patch", "update"}));
  EXPECT_EQ(Json::parse(ask({DiscoveryLevel::kVersion, "", "v1"}).body)["groupVersion"], "v1");
}

TEST(DiscoveryTest, WhatIsNotThereIsAPageNotFound) {
  EXPECT_EQ(ask({DiscoveryLevel::kGroup, "nosuch.org", ""}).body, "404 page not found\n");
  EXPECT_EQ(ask({DiscoveryLevel::kVersion, "kubeflow.org", "v9"}).status, 404U);
}

TEST(DiscoveryTest, AFormThatNobodyKnowsIsNotAcceptable) {
  EXPECT_EQ(answer_discovery(table(), {DiscoveryLevel::kGroups, "", ""}, "text/html", "", "")
                .error()
                .code,
            Code::kNotAcceptable);
}

}  // namespace
}  // namespace mizan::api
