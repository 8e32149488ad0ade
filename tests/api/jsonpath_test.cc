// Printer columns' JSONPath.
#include "api/jsonpath.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

const Json kObject = Json::parse(R"({
  "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x"}},
  "spec": {"list": [10, 20, 30], "empty": [], "n": null},
  "status": {"conditions": [
    {"type": "Created", "status": "True", "n": 1},
    {"type": "Running", "status": "False", "n": 2},
    {"type": "Succeeded", "status": "True", "n": 3}]}
})");

Json all(std::string_view path) {
  const auto parsed = JsonPath::parse(path);
  EXPECT_TRUE(parsed) << path << ": " << (parsed ? "" : parsed.error().message);
  Json found = Json::array();
  if (parsed) {
    for (const Json* node : parsed->find(kObject)) found.push_back(*node);
  }
  return found;
}

TEST(JsonPathTest, FindsWhatItNames) {
  const std::pair<const char*, const char*> rows[] = {
      {".metadata.name", R"(["a"])"},
      {"metadata.name", R"(["a"])"},
      {"{.metadata.name}", R"(["a"])"},
      {"$.metadata.name", R"(["a"])"},
      {".metadata['name']", R"(["a"])"},
      {".metadata.labels.app\\.kubernetes\\.io/name", R"(["x"])"},
      {".metadata.labels['app.kubernetes.io/name']", R"(["x"])"},
      {".spec.list[0]", "[10]"},
      {".spec.list[-1]", "[30]"},
      {".spec.list[7]", "[]"},
      {".spec.list[*]", "[10,20,30]"},
      {".spec.list[1:]", "[20,30]"},
      {".spec.list[:2]", "[10,20]"},
      {".spec.list[0:1]", "[10]"},
      {".spec.list[-2:]", "[20,30]"},
      {".spec.list[5:2]", "[]"},
      {".spec.empty[-1:]", "[]"},
      {".status.conditions[-1:].type", R"(["Succeeded"])"},
      {".status.conditions[?(@.type==\"Running\")].status", R"(["False"])"},
      {".status.conditions[?(@.type=='Running')].status", R"(["False"])"},
      {".status.conditions[?(@.n==3)].type", R"(["Succeeded"])"},
      {".status.conditions[?(@.status!=\"True\")].type", R"(["Running"])"},
      {".status.conditions[?(@.nothing)].type", "[]"},
      {".status.conditions[*].n", "[1,2,3]"},
      {".spec.n", "[null]"},
      {".spec.nothing.more", "[]"},
      {".metadata.name.more", "[]"},
  };
  for (const auto& [path, expected] : rows) EXPECT_EQ(all(path), Json::parse(expected)) << path;
  EXPECT_EQ(all("."), Json::array({kObject}));
}

TEST(JsonPathTest, SaysWhereAPathIsWrong) {
  for (const char* bad : {".a[", ".a[x]", ".a[0", ".a..b", ".a[?(type==1)]", ".a[?(@.b==)]",
                          ".a['b", ".a[?(@.b==\"x\"", "a]b[", ".a[0]b"}) {
    const auto parsed = JsonPath::parse(bad);
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, Code::kBadRequest) << bad;
    } else {
      EXPECT_STREQ(bad, "a]b[") << "was taken";
    }
  }
  EXPECT_NE(JsonPath::parse(".a[x]").error().message.find("character 4"), std::string::npos);
}

}  // namespace
}  // namespace mizan::api
