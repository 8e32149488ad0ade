// What is written as YAML reads back as the same JSON.
#include "api/yaml_writer.h"

#include <gtest/gtest.h>

#include "resources/yaml.h"

namespace mizan::api {
namespace {

TEST(YamlWriterTest, DrawsNestingByIndentation) {
  const Json value = Json::parse(
      R"({"kind":"Experiment","spec":{"list":[{"a":1,"b":[2]},"x"],"none":{},"no":true},"x":null})");

  EXPECT_EQ(to_yaml(value),
            "kind: \"Experiment\"\n"
            "spec:\n"
            "  list:\n"
            "  - a: 1\n"
            "    b:\n"
            "    - 2\n"
            "  - \"x\"\n"
            "  \"no\": true\n"
            "  none: {}\n"
            "x: null\n");
}

TEST(YamlWriterTest, ReadsBackAsTheSameValue) {
  for (
      const char* text :
      {R"({})", R"([])", R"("plain")", R"([[1,[2,[]]],{"a":[{"b":{}}]}])",
       R"({"y":"yes","1":"012","a.b/c-d_e":"- x","":"#","key: x":"a: b\n","é":"\u0001","-x":1.5e300})"}) {
    const Json value = Json::parse(text);
    const auto back = resources::parse_yaml(to_yaml(value));
    ASSERT_TRUE(back) << to_yaml(value) << back.error().message;
    ASSERT_EQ(back->size(), 1U) << text;
    EXPECT_EQ(back->front().value, value) << to_yaml(value);
  }
}

}  // namespace
}  // namespace mizan::api
