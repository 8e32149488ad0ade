// REST routes, and that the OpenAPI document tells of exactly these.
#include "api/rest_router.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/rest_openapi.h"
#include "api/target.h"
#include "core/json.h"

namespace mizan::api {
namespace {

Result<RestMatch> match(Method method, const std::string& path) {
  return match_rest(method, parse_target(path)->segments);
}

TEST(RestRouterTest, ReadsNamesFromPaths) {
  const auto got = match(Method::kPost, "/namespaces/ns/experiments/e/trials/t:tell");

  ASSERT_TRUE(got);
  EXPECT_EQ(got->action, RestAction::kTell);
  EXPECT_FALSE(got->viewer);
  EXPECT_EQ(got->values.at("namespace"), "ns");
  EXPECT_EQ(got->values.at("experiment"), "e");
  EXPECT_EQ(got->values.at("trial"), "t");
}

TEST(RestRouterTest, TellsVerbsFromNames) {
  EXPECT_EQ(match(Method::kPost, "/namespaces/ns/experiments/e:ask")->action, RestAction::kAsk);
  EXPECT_EQ(match(Method::kGet, "/namespaces/ns/experiments/ask")->action,
            RestAction::kGetExperiment);
  for (const char* path : {"/namespaces/ns/experiments/e:nosuch", "/namespaces/ns/experiments/:ask",
                           "/namespaces/ns/experiments/e:x:ask"}) {
    EXPECT_EQ(match(Method::kPost, path).error().code, Code::kNotFound) << path;
  }
}

TEST(RestRouterTest, KnowsWrongMethodsFromWrongPaths) {
  EXPECT_EQ(match(Method::kPut, "/namespaces/ns/experiments/e").error().code,
            Code::kMethodNotAllowed);
  EXPECT_EQ(match(Method::kGet, "/namespaces/ns/experiments/e:ask").error().code,
            Code::kMethodNotAllowed);
  EXPECT_EQ(match(Method::kGet, "/nothing").error().code, Code::kNotFound);
  EXPECT_EQ(match(Method::kGet, "/namespaces/ns/experiments/e/trials/t/log/more").error().code,
            Code::kNotFound);
  EXPECT_TRUE(match(Method::kHead, "/version"));
}

TEST(RestRouterTest, WhatChangesThingsIsNotForViewers) {
  for (const RestRoute& route : rest_routes())
    EXPECT_EQ(route.viewer, is_safe(route.method)) << route.path;
}

TEST(RestOpenApiTest, TellsOfExactlyTheRoutesThatThereAre) {
  const Json document = Json::parse(rest_openapi());
  std::set<std::string> told;
  for (const auto& [path, item] : document["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      if (method != "parameters" && path != "/session") told.insert(method + " " + path);
    }
  }
  std::set<std::string> there;
  for (const RestRoute& route : rest_routes()) {
    std::string method(to_string(route.method));
    std::ranges::transform(method, method.begin(),
                           [](char c) { return static_cast<char>(c | 0x20); });
    there.insert(method + " " + std::string(route.path));
  }
  EXPECT_EQ(told, there);
  EXPECT_TRUE(document["openapi"].get<std::string>().starts_with("3.1"));
}

TEST(RestOpenApiTest, EveryReferenceIsThere) {
  const Json document = Json::parse(rest_openapi());
  const auto check = [&](const auto& self, const Json& node) -> void {
    if (node.is_object() && node.contains("$ref")) {
      EXPECT_TRUE(document.contains(Json::json_pointer(node["$ref"].get<std::string>().substr(1))))
          << node["$ref"];
    }
    if (node.is_structured()) {
      for (const Json& child : node) self(self, child);
    }
  };
  check(check, document);
}

}  // namespace
}  // namespace mizan::api
