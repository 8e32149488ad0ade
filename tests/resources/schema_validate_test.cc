// What is wrong with a value, in the words that a real kube-apiserver was heard saying.
#include <gtest/gtest.h>

#include "resources/field_error.h"
#include "resources/schema.h"

namespace mizan::resources {
namespace {

/// Errors of `value` under a schema for the field `f`, as people read them.
std::string said(const std::string& field_schema, const std::string& value) {
  const auto schema =
      read_schema(Json::parse(R"({"type":"object","properties":{"f":)" + field_schema + "}}"));
  EXPECT_TRUE(schema) << (schema ? "" : schema.error().message);
  if (!schema) return "";
  return join(validate(Json::parse("{\"f\":" + value + "}"), **schema));
}

TEST(ValidateBySchema, NamesTypes) {
  const std::string text = R"({"type":"string"})";
  EXPECT_EQ(said(text, "\"a\""), "");
  EXPECT_EQ(said(text, "1"),
            R"(f: Invalid value: "integer": f in body must be of type string: "integer")");
  EXPECT_EQ(said(text, "1.5"),
            R"(f: Invalid value: "number": f in body must be of type string: "number")");
  EXPECT_EQ(said(text, "true"),
            R"(f: Invalid value: "boolean": f in body must be of type string: "boolean")");
  EXPECT_EQ(said(text, "[]"),
            R"(f: Invalid value: "array": f in body must be of type string: "array")");
  EXPECT_EQ(said(text, "{}"),
            R"(f: Invalid value: "object": f in body must be of type string: "object")");
  EXPECT_EQ(said(text, "null"),
            R"(f: Invalid value: "null": f in body must be of type string: "null")");
  EXPECT_EQ(said(R"({"type":"string","nullable":true})", "null"), "");
}

TEST(ValidateBySchema, CountsWholeNumbersAsIntegers) {
  EXPECT_EQ(said(R"({"type":"integer"})", "3.0"), "");
  EXPECT_EQ(said(R"({"type":"integer"})", "3.5"),
            R"(f: Invalid value: "number": f in body must be of type integer: "number")");
  EXPECT_EQ(said(R"({"type":"number"})", "3"), "");
}

TEST(ValidateBySchema, ChecksBounds) {
  EXPECT_EQ(said(R"({"type":"integer","minimum":1})", "0"),
            "f: Invalid value: 0: f in body should be greater than or equal to 1");
  EXPECT_EQ(said(R"({"type":"number","maximum":0.5})", "0.6"),
            "f: Invalid value: 0.6: f in body should be less than or equal to 0.5");
  EXPECT_EQ(said(R"({"type":"number","minimum":0,"exclusiveMinimum":true})", "0"),
            "f: Invalid value: 0: f in body should be greater than 0");
  EXPECT_EQ(said(R"({"type":"number","maximum":1,"exclusiveMaximum":true})", "1"),
            "f: Invalid value: 1: f in body should be less than 1");
  EXPECT_EQ(said(R"({"type":"integer","multipleOf":5})", "7"),
            "f: Invalid value: 7: f in body should be a multiple of 5");
  EXPECT_EQ(said(R"({"type":"integer","minimum":1,"maximum":3,"multipleOf":2})", "2"), "");
}

TEST(ValidateBySchema, ChecksEnums) {
  EXPECT_EQ(said(R"({"type":"string","enum":["minimize","maximize"]})", "\"smallest\""),
            R"(f: Unsupported value: "smallest": supported values: "minimize", "maximize")");
  EXPECT_EQ(said(R"({"type":"string","enum":["minimize","maximize"]})", "\"minimize\""), "");
}

TEST(ValidateBySchema, ChecksTexts) {
  EXPECT_EQ(said(R"({"type":"string","minLength":2})", "\"a\""),
            R"(f: Invalid value: "a": f in body should be at least 2 chars long)");
  EXPECT_EQ(said(R"({"type":"string","maxLength":3})", "\"äöü\""), "")
      << "characters count, not bytes";
  EXPECT_EQ(said(R"({"type":"string","maxLength":2})", "\"äöü\""),
            "f: Too long: may not be more than 2 bytes");
  EXPECT_EQ(said(R"({"type":"string","pattern":"^[a-z]+$"})", "\"A\""),
            R"(f: Invalid value: "A": f in body should match '^[a-z]+$')");
  EXPECT_EQ(said(R"({"type":"string","pattern":"b"})", "\"abc\""), "")
      << "a pattern need not match the whole";
}

TEST(ValidateBySchema, IsDoneWithNastyPatternsAtOnce) {
  const std::string text = "\"" + std::string(100'000, 'a') + "!\"";
  EXPECT_NE(said(R"({"type":"string","pattern":"^(a+)+$"})", text), "");
}

TEST(ValidateBySchema, ChecksFormats) {
  EXPECT_EQ(said(R"({"type":"string","format":"date-time"})", "\"2026-11-23T20:19:10Z\""), "");
  EXPECT_EQ(said(R"({"type":"string","format":"date-time"})", "\"now\""),
            R"(f: Invalid value: "now": f in body must be of type date-time: "now")");
  EXPECT_EQ(said(R"({"type":"string","format":"date"})", "\"2026-11-31\""),
            R"(f: Invalid value: "2026-11-31": f in body must be of type date: "2026-11-31")");
  EXPECT_EQ(said(R"({"type":"string","format":"byte"})", "\"aGk=\""), "");
  EXPECT_NE(said(R"({"type":"string","format":"byte"})", "\"a b\""), "");
  EXPECT_EQ(said(R"({"type":"integer","format":"int32"})", "2147483647"), "");
  EXPECT_EQ(said(R"({"type":"integer","format":"int32"})", "2147483648"),
            R"(f: Invalid value: "integer": f in body must be of type int32: 2147483648)");
  EXPECT_EQ(said(R"({"type":"string","format":"whatever"})", "\"x\""), "")
      << "unknown formats are documentation";
}

TEST(ValidateBySchema, ChecksLists) {
  const std::string texts =
      R"({"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2})";
  EXPECT_EQ(said(texts, R"(["a"])"), "");
  EXPECT_EQ(said(texts, "[]"), "f: Invalid value: 0: f in body should have at least 1 items");
  EXPECT_EQ(said(texts, R"(["a","b","c"])"), "f: Too many: 3: must have at most 2 items");
  EXPECT_EQ(said(texts, R"(["a",1])"),
            R"(f[1]: Invalid value: "integer": f[1] in body must be of type string: "integer")");
  EXPECT_EQ(
      said(R"({"type":"array","items":{"type":"string"},"uniqueItems":true})", R"(["a","a"])"),
      R"(f: Invalid value: ["a","a"]: f in body shouldn't contain duplicates)");
}

TEST(ValidateBySchema, FindsDuplicateKeysOfListsThatAreMaps) {
  const std::string list =
      R"({"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
    "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}})";
  EXPECT_EQ(said(list, R"([{"name":"a"},{"name":"b"}])"), "");
  EXPECT_EQ(said(list, R"([{"name":"a"},{"name":"b"},{"name":"a"}])"),
            R"(f[2]: Duplicate value: {"name":"a"})");
  EXPECT_EQ(said(list, "[{}]"), "f[0].name: Required value");
  EXPECT_EQ(said(R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}})",
                 R"(["a","b","a"])"),
            R"(f[2]: Duplicate value: "a")");
}

TEST(ValidateBySchema, ChecksMaps) {
  const std::string map =
      R"({"type":"object","additionalProperties":{"type":"string"},"maxProperties":2,"minProperties":1})";
  EXPECT_EQ(said(map, R"({"a":"1"})"), "");
  EXPECT_EQ(said(map, R"({"a":1})"),
            R"(f.a: Invalid value: "integer": f.a in body must be of type string: "integer")");
  EXPECT_EQ(said(map, R"({"a":"","b":"","c":""})"), "f: Too many: 3: must have at most 2 items");
  EXPECT_EQ(said(map, "{}"), "f: Invalid value: 0: f in body should have at least 1 properties");
}

TEST(ValidateBySchema, TakesIntegersAndTexts) {
  const std::string amount = R"({"x-kubernetes-int-or-string":true})";
  EXPECT_EQ(said(amount, "1"), "");
  EXPECT_EQ(said(amount, "\"1Gi\""), "");
  EXPECT_EQ(said(amount, "1.5"),
            R"(f: Invalid value: "number": f in body must be of type integer,string: "number")");
}

TEST(ValidateBySchema, WantsEmbeddedResourcesToSayWhatTheyAre) {
  const std::string run =
      R"({"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true})";
  EXPECT_EQ(said(run, R"({"apiVersion":"v1","kind":"Pod"})"), "");
  EXPECT_EQ(said(run, R"({"apiVersion":"v1"})"), "f.kind: Required value: must not be empty");
  EXPECT_EQ(said(run, R"({"apiVersion":"","kind":1})"),
            "[f.apiVersion: Required value: must not be empty, f.kind: Invalid value: \"integer\": "
            "f.kind in body must be of "
            "type string: \"integer\"]");
}

TEST(ValidateBySchema, ChecksJunctors) {
  EXPECT_EQ(said(R"({"type":"integer","anyOf":[{"maximum":1},{"minimum":5}]})", "6"), "");
  EXPECT_EQ(said(R"({"type":"integer","anyOf":[{"maximum":1},{"minimum":5}]})", "3"),
            "f: Invalid value: 3: f in body must validate at least one schema (anyOf)");
  EXPECT_EQ(said(R"({"type":"integer","oneOf":[{"maximum":5},{"minimum":3}]})", "4"),
            "f: Invalid value: 4: f in body must validate one and only one schema (oneOf)");
  EXPECT_EQ(said(R"({"type":"integer","not":{"enum":[4]}})", "4"),
            "f: Invalid value: 4: f in body must not validate the schema (not)");
  EXPECT_EQ(said(R"({"type":"integer","allOf":[{"maximum":5},{"minimum":3}]})", "9"),
            "f: Invalid value: 9: f in body should be less than or equal to 5");
}

// The request and answer were recorded from Kubernetes 1.34.
TEST(ValidateBySchema, SaysAllAtOnceInTheOrderOfARealApiserver) {
  const auto schema = read_schema(
      Json::parse(R"({"type":"object","required":["spec"],"properties":{"spec":{"type":"object",
    "required":["objective","algorithm","parameters"],"properties":{
      "maxTrialCount":{"type":"integer","format":"int32","minimum":1},
      "objective":{"type":"object","required":["type","objectiveMetricName"],"properties":{
        "type":{"type":"string","enum":["minimize","maximize"]},"objectiveMetricName":{"type":"string"}}},
      "algorithm":{"type":"object","required":["algorithmName"],"properties":{"algorithmName":{"type":"string"}}},
      "parameters":{"type":"array","items":{"type":"object"}}}}}})"));
  ASSERT_TRUE(schema);
  const Json object = Json::parse(
      R"({"spec":{"maxTrialCount":0,"objective":{"type":"smallest"},"algorithm":{"algorithmName":3}}})");
  EXPECT_EQ(join(validate(object, **schema)),
            "[spec.algorithm.algorithmName: Invalid value: \"integer\": "
            "spec.algorithm.algorithmName in body must be of type "
            "string: \"integer\", spec.maxTrialCount: Invalid value: 0: spec.maxTrialCount in body "
            "should be greater than or "
            "equal to 1, spec.objective.type: Unsupported value: \"smallest\": supported values: "
            "\"minimize\", \"maximize\", "
            "spec.objective.objectiveMetricName: Required value, spec.parameters: Required value]");
  const auto errors = validate(object, **schema);
  ASSERT_EQ(errors.size(), 5U);
  EXPECT_EQ(errors[0].reason, FieldReason::kTypeInvalid);
  EXPECT_EQ(errors[1].reason, FieldReason::kInvalid);
  EXPECT_EQ(errors[2].reason, FieldReason::kNotSupported);
  EXPECT_EQ(errors[3].reason, FieldReason::kRequired);
}

}  // namespace
}  // namespace mizan::resources
