// The grammar of paths, as a table.
#include "api/router.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

struct Row {
  Method method;
  const char* target;
  ResourceRequest expected;
};

TEST(RouterTest, ReadsResourceRequests) {
  const Row rows[] = {
      {Method::kGet, "/api/v1/pods", {Verb::kList, "", "v1", "pods", "", "", "", {}}},
      {Method::kGet, "/api/v1/pods?watch=true", {Verb::kWatch, "", "v1", "pods", "", "", "", {}}},
      {Method::kGet, "/api/v1/namespaces", {Verb::kList, "", "v1", "namespaces", "", "", "", {}}},
      {Method::kGet, "/api/v1/namespaces/a", {Verb::kGet, "", "v1", "namespaces", "", "a", "", {}}},
      {Method::kPut,
       "/api/v1/namespaces/a/finalize",
       {Verb::kUpdate, "", "v1", "namespaces", "", "a", "finalize", {}}},
      {Method::kPatch,
       "/api/v1/namespaces/a/status",
       {Verb::kPatch, "", "v1", "namespaces", "", "a", "status", {}}},
      {Method::kGet, "/api/v1/namespaces/a/pods", {Verb::kList, "", "v1", "pods", "a", "", "", {}}},
      {Method::kPost,
       "/api/v1/namespaces/a/pods",
       {Verb::kCreate, "", "v1", "pods", "a", "", "", {}}},
      {Method::kGet,
       "/api/v1/namespaces/a/pods/p/log",
       {Verb::kGet, "", "v1", "pods", "a", "p", "log", {}}},
      {Method::kPost,
       "/api/v1/namespaces/a/pods/p/exec",
       {Verb::kCreate, "", "v1", "pods", "a", "p", "exec", {}}},
      {Method::kGet,
       "/api/v1/namespaces/a/pods/p/proxy/x/y",
       {Verb::kGet, "", "v1", "pods", "a", "p", "proxy", {"x", "y"}}},
      {Method::kDelete,
       "/apis/kubeflow.org/v1beta1/namespaces/a/experiments",
       {Verb::kDeleteCollection, "kubeflow.org", "v1beta1", "experiments", "a", "", "", {}}},
      {Method::kDelete,
       "/apis/kubeflow.org/v1beta1/namespaces/a/experiments/e",
       {Verb::kDelete, "kubeflow.org", "v1beta1", "experiments", "a", "e", "", {}}},
      {Method::kPatch,
       "/apis/kubeflow.org/v1beta1/namespaces/a/experiments/e/scale",
       {Verb::kPatch, "kubeflow.org", "v1beta1", "experiments", "a", "e", "scale", {}}},
      {Method::kHead, "/apis/batch/v1/jobs", {Verb::kList, "batch", "v1", "jobs", "", "", "", {}}},
  };
  for (const Row& row : rows) {
    const auto where = route(row.method, *parse_target(row.target));
    ASSERT_TRUE(where) << row.target;
    const auto* got = std::get_if<ResourceRequest>(&*where);
    ASSERT_NE(got, nullptr) << row.target;
    EXPECT_EQ(to_string(got->verb), to_string(row.expected.verb)) << row.target;
    EXPECT_EQ(got->group, row.expected.group) << row.target;
    EXPECT_EQ(got->version, row.expected.version) << row.target;
    EXPECT_EQ(got->resource, row.expected.resource) << row.target;
    EXPECT_EQ(got->ns, row.expected.ns) << row.target;
    EXPECT_EQ(got->name, row.expected.name) << row.target;
    EXPECT_EQ(got->subresource, row.expected.subresource) << row.target;
    EXPECT_EQ(got->rest, row.expected.rest) << row.target;
  }
}

template <class Kind>
bool goes_to(const char* target) {
  const auto where = route(Method::kGet, *parse_target(target));
  return where && std::holds_alternative<Kind>(*where);
}

TEST(RouterTest, KnowsTheOtherPlaces) {
  for (const char* path : {"/api", "/api/", "/api/v1", "/apis", "/apis/batch", "/apis/batch/v1"}) {
    EXPECT_TRUE(goes_to<DiscoveryRequest>(path)) << path;
  }
  for (const char* path : {"/openapi/v3", "/openapi/v2", "/openapi/v3/apis/batch/v1"}) {
    EXPECT_TRUE(goes_to<OpenApiRequest>(path)) << path;
  }
  for (const char* path : {"/healthz", "/livez", "/readyz"})
    EXPECT_TRUE(goes_to<HealthRequest>(path)) << path;
  EXPECT_TRUE(goes_to<VersionRequest>("/version"));
  EXPECT_TRUE(goes_to<MetricsRequest>("/metrics"));
  EXPECT_TRUE(goes_to<RestRequest>("/rest/v1/experiments"));
  for (const char* path : {"/", "/experiments/default/a", "/assets/x.js"})
    EXPECT_TRUE(goes_to<AssetRequest>(path)) << path;
  for (const char* path : {"/rest", "/rest/v2/x", "/openapi", "/openapi/v4", "/openapi/v2/x"}) {
    EXPECT_TRUE(goes_to<Nowhere>(path)) << path;
  }
}

TEST(RouterTest, SaysThatANameIsMissingAsKubeApiserverDoes) {
  const auto where =
      route(Method::kPut, *parse_target("/apis/kubeflow.org/v1beta1/namespaces/a/experiments"));

  EXPECT_EQ(where.error().code, Code::kBadRequest);
  EXPECT_EQ(where.error().message, "name must be provided");
}

TEST(RouterTest, RefusesMethodsThatAPlaceDoesNotKnow) {
  EXPECT_EQ(route(Method::kPost, *parse_target("/api/v1/namespaces/a/pods/p")).error().code,
            Code::kMethodNotAllowed);
  EXPECT_EQ(route(Method::kPost, *parse_target("/apis")).error().code, Code::kMethodNotAllowed);
  EXPECT_EQ(route(Method::kOther, *parse_target("/api/v1/pods")).error().code,
            Code::kMethodNotAllowed);
  EXPECT_EQ(route(Method::kDelete, *parse_target("/version")).error().code,
            Code::kMethodNotAllowed);
  EXPECT_EQ(route(Method::kPost, *parse_target("/")).error().code, Code::kMethodNotAllowed);
}

}  // namespace
}  // namespace mizan::api
