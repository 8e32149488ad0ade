// OpenAPI documents: what kubectl reads of them, and that they hold together.
#include "api/openapi.h"

#include <gtest/gtest.h>

#include <set>

namespace mizan::api {
namespace {

class OpenApiTest : public ::testing::Test {
 protected:
  Response ask(const std::string& document, const std::string& hash = "", bool v2 = false,
               const char* accept = "application/json") {
    Request request;
    request.headers.add("Accept", accept);
    auto answer = openapi_.answer({v2, document}, request, hash);
    EXPECT_TRUE(answer);
    return answer ? std::move(*answer) : Response{};
  }

  resources::ResourceTable table_ = *resources::ResourceTable::builtin();
  OpenApi openapi_{table_, "0.1.0"};
};

/// Every $ref of `node`, collected.
void references(const Json& node, std::set<std::string>& found) {
  if (node.is_object() && node.contains("$ref") && node["$ref"].is_string())
    found.insert(node["$ref"]);
  if (node.is_structured()) {
    for (const Json& child : node) references(child, found);
  }
}

TEST_F(OpenApiTest, TheIndexLeadsToDocumentsThatMayBeCachedForEver) {
  const Json index = Json::parse(ask("").body);
  for (const char* path : {"api/v1", "apis/batch/v1", "apis/kubeflow.org/v1beta1"}) {
    ASSERT_TRUE(index["paths"].contains(path)) << path;
    const std::string url = index["paths"][path]["serverRelativeURL"];
    const std::string hash = url.substr(url.find("hash=") + 5);

    const Response document = ask(path, hash);

    EXPECT_EQ(document.status, 200U);
    EXPECT_EQ(document.headers.get("Cache-Control"), "public, immutable");
    EXPECT_EQ(document.headers.get("ETag"), "\"" + hash + "\"");
  }
  EXPECT_EQ(ask("apis/nosuch/v1").status, 404U);
}

TEST_F(OpenApiTest, AnOldHashIsToldWhereTheDocumentIsNow) {
  const Response moved = ask("api/v1", "0123");

  EXPECT_EQ(moved.status, 301U);
  EXPECT_TRUE(moved.headers.get("Location").starts_with("/openapi/v3/api/v1?hash="));
}

TEST_F(OpenApiTest, EveryReferenceOfADocumentIsThere) {
  for (const char* path : {"api/v1", "apis/batch/v1", "apis/kubeflow.org/v1beta1"}) {
    const Json document = Json::parse(ask(path).body);
    std::set<std::string> found;
    references(document, found);
    EXPECT_GT(found.size(), 3U);
    for (const std::string& reference : found) {
      EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1))))
          << path << " " << reference;
    }
  }
}

TEST_F(OpenApiTest, SaysThatTheServerValidatesFields) {
  const Json document = Json::parse(ask("apis/kubeflow.org/v1beta1").body);
  const Json& path =
      document["paths"]["/apis/kubeflow.org/v1beta1/namespaces/{namespace}/experiments/{name}"];

  EXPECT_EQ(path["patch"]["x-kubernetes-group-version-kind"],
            (Json{{"group", "kubeflow.org"}, {"version", "v1beta1"}, {"kind", "Experiment"}}));
  for (const char* verb : {"patch", "put"}) {
    std::set<std::string> names;
    for (const Json& parameter : path[verb]["parameters"]) names.insert(parameter["name"]);
    EXPECT_TRUE(names.contains("fieldValidation")) << verb;
    EXPECT_TRUE(names.contains("dryRun")) << verb;
  }
  EXPECT_FALSE(
      path["patch"]["requestBody"]["content"].contains("application/strategic-merge-patch+json"));
}

TEST_F(OpenApiTest, DescribesKindsForExplain) {
  const Json schemas = Json::parse(ask("apis/kubeflow.org/v1beta1").body)["components"]["schemas"];
  const Json& experiment = schemas["org.kubeflow.v1beta1.Experiment"];

  EXPECT_EQ(
      experiment["x-kubernetes-group-version-kind"],
      Json::array({{{"group", "kubeflow.org"}, {"version", "v1beta1"}, {"kind", "Experiment"}}}));
  EXPECT_EQ(experiment["properties"]["metadata"]["allOf"][0]["$ref"],
            "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  EXPECT_EQ(schemas["org.kubeflow.v1beta1.ExperimentList"]["required"], Json::array({"items"}));
  EXPECT_TRUE(
      Json::parse(ask("api/v1").body)["components"]["schemas"].contains("io.k8s.api.core.v1.Pod"));
}

TEST_F(OpenApiTest, OperationIdsAreUnique) {
  for (const char* path : {"api/v1", "apis/batch/v1", "apis/kubeflow.org/v1beta1"}) {
    std::set<std::string> ids;
    for (const auto& [name, item] : Json::parse(ask(path).body)["paths"].items()) {
      for (const auto& [verb, operation] : item.items()) {
        if (verb != "parameters") {
          EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
        }
      }
    }
  }
}

TEST_F(OpenApiTest, ANewKindAppearsAtOnce) {
  const std::string before = ask("").body;
  resources::ResourceDefinition definition = *table_.find("kubeflow.org", "v1beta1", "experiments");
  definition.group = "example.org";
  table_.add(std::move(definition));

  const std::string after = ask("").body;

  EXPECT_NE(before, after);
  EXPECT_TRUE(Json::parse(after)["paths"].contains("apis/example.org/v1beta1"));
}

TEST_F(OpenApiTest, VersionTwoSaysTheSameInItsOwnWords) {
  const Json document = Json::parse(ask("", "", true).body);
  std::set<std::string> found;
  references(document, found);

  EXPECT_EQ(document["swagger"], "2.0");
  for (const std::string& reference : found) {
    EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
  const Json& patch =
      document["paths"]["/apis/kubeflow.org/v1beta1/namespaces/{namespace}/experiments/{name}"]
              ["patch"];
  EXPECT_EQ(patch["parameters"][0]["in"], "body");
  EXPECT_EQ(patch["parameters"][1]["type"], "string");
  const Response old =
      ask("", "", true, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
  EXPECT_EQ(old.status, 200U);
  EXPECT_EQ(old.headers.get("Content-Type"),
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
}

}  // namespace
}  // namespace mizan::api
