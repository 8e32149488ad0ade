// JSON from outside: limits, positions of errors, duplicate keys, and looking things up.
#include "core/json.h"

#include <gtest/gtest.h>

namespace mizan {
namespace {

TEST(ParseJson, ReadsEveryKindOfValue) {
  const auto parsed = parse_json(R"({"a":[1,-2,3.5,true,false,null,"x\u00e9"],"b":{}})");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->value.dump(), "{\"a\":[1,-2,3.5,true,false,null,\"xé\"],\"b\":{}}");
  EXPECT_TRUE(parsed->duplicate_fields.empty());
}

TEST(ParseJson, KeepsIntegersExactUpTo64Bits) {
  const auto parsed = parse_json("[9223372036854775807,-9223372036854775808,18446744073709551615]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value.dump(),
            "[9223372036854775807,-9223372036854775808,18446744073709551615]");
}

TEST(ParseJson, SaysWhereTheTextStopsBeingJson) {
  const auto parsed = parse_json("{\"a\": 1,\n  b: 2}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::kBadRequest);
  EXPECT_NE(parsed.error().message.find("line 2, column 3"), std::string::npos)
      << parsed.error().message;
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":}", "nul", "NaN", "Infinity", "'a'", "1 2",
                           "\"\xff\"", "{\"a\" 1}", "[1e999]"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kBadRequest) << text;
    EXPECT_FALSE(parsed.error().message.empty()) << text;
  }
}

TEST(ParseJson, RefusesMoreBytesThanTheLimit) {
  const auto parsed = parse_json("[1,2,3]", {.max_bytes = 6});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::kTooLarge);
  EXPECT_EQ(parsed.error().message, "Request entity too large: limit is 6");
  EXPECT_TRUE(parse_json("[1,2,3]", {.max_bytes = 7}));
}

TEST(ParseJson, RefusesDeepNestingWithoutRecursion) {
  const JsonLimits limits{.max_bytes = 20'000'000, .max_depth = 64};
  const std::string lists(5'000'000, '[');
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  for (const std::string& text : {lists, objects}) {
    const auto parsed = parse_json(text, limits);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message, "nesting is deeper than 64 levels");
  }
}

TEST(ParseJson, TakesExactlyTheDepthLimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(64)));
  EXPECT_FALSE(parse_json(nested(65)));
}

TEST(ParseJson, TellsThePathsOfFieldsGivenTwice) {
  const auto parsed =
      parse_json(R"({"spec":{"list":[{"a":1},{"b":1,"b":2}],"x":1,"x":{"y":1}},"spec2":1})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->duplicate_fields, (std::vector<std::string>{"spec.list[1].b", "spec.x"}));
  EXPECT_EQ(parsed->value["spec"]["list"][1]["b"], 2) << "the last one wins";
  EXPECT_EQ(parsed->value["spec"]["x"]["y"], 1);
}

TEST(ParseJson, ReplacesAnObjectThatIsGivenTwiceInsteadOfMixingBoth) {
  const auto parsed = parse_json(R"({"a":{"x":1},"a":{"y":2}})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value.dump(), R"({"a":{"y":2}})");
}

TEST(FindInJson, FollowsAPathAndNeverCreatesAnything) {
  const Json object = {{"spec", {{"objective", {{"type", "minimize"}}}, {"n", 3}}}};
  const std::string before = object.dump();
  EXPECT_EQ(string_at(object, "spec.objective.type"), "minimize");
  EXPECT_EQ(string_at(object, "spec.objective.goal", "none"), "none");
  EXPECT_EQ(string_at(object, "spec.n", "otherwise"), "otherwise") << "a number is no string";
  EXPECT_EQ(find(object, "spec.n.deeper"), nullptr);
  EXPECT_EQ(find(object, "nothing.at.all"), nullptr);
  ASSERT_NE(find(object, "spec.n"), nullptr);
  EXPECT_EQ(*find(object, "spec.n"), 3);
  EXPECT_EQ(object.dump(), before);
}

TEST(FindInJson, TakesTheEmptyPathForTheWhole) {
  const Json object = {{"a", 1}};
  EXPECT_EQ(find(object, ""), &object);
}

}  // namespace
}  // namespace mizan
