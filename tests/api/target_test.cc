// Targets: what is a path, what isn't.
#include "api/target.h"

#include <gtest/gtest.h>

namespace mizan::api {
namespace {

TEST(TargetTest, TakesAPathAndItsQueryApart) {
  const auto target = parse_target(
      "/apis/kubeflow.org/v1beta1/"
      "experiments?labelSelector=team%3Da%2Cb+c&watch=true&watch=false&empty=&bare");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments,
            (std::vector<std::string>{"apis", "kubeflow.org", "v1beta1", "experiments"}));
  EXPECT_EQ(target->path, "/apis/kubeflow.org/v1beta1/experiments");
  EXPECT_EQ(target->query.get("labelSelector"), "team=a,b c");
  EXPECT_EQ(target->query.all("watch"), (std::vector<std::string>{"true", "false"}));
  EXPECT_TRUE(target->query.has("empty"));
  EXPECT_TRUE(target->query.has("bare"));
  EXPECT_FALSE(target->query.has("absent"));
}

TEST(TargetTest, DecodesSegmentsOneByOneSoThatAnEscapedSlashStaysInItsName) {
  const auto target = parse_target("/a%2Fb/c%20d");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a/b", "c d"}));
}

TEST(TargetTest, IgnoresATrailingSlash) {
  EXPECT_EQ(parse_target("/apis/")->segments, std::vector<std::string>{"apis"});
  EXPECT_TRUE(parse_target("/")->segments.empty());
  EXPECT_EQ(parse_target("/")->path, "/");
}

TEST(TargetTest, RefusesPathTricks) {
  for (const char* bad :
       {"", "api", "//api", "/api//v1", "/api/../secrets", "/api/%2e%2e/x", "/api/./x", "/a%00b",
        "/a%2", "/a%zz", "/a b", "http://evil/api", "/a#b", "*"}) {
    EXPECT_EQ(parse_target(bad).error().code, Code::kBadRequest) << bad;
  }
}

TEST(TargetTest, ReadsFlagsAsKubeApiserverDoes) {
  const auto query = parse_target("/x?a=true&b=1&c=&d=false&e=0&f=False")->query;

  for (const char* yes : {"a", "b", "c"}) EXPECT_TRUE(query.flag(yes)) << yes;
  for (const char* no : {"d", "e", "f", "g"}) EXPECT_FALSE(query.flag(no)) << no;
}

TEST(TargetTest, EncodesWhatItDecodesBack) {
  const std::string text = "a/b c?d=é&~";

  EXPECT_EQ(parse_target("/" + encode_component(text))->segments, std::vector<std::string>{text});
}

}  // namespace
}  // namespace mizan::api
