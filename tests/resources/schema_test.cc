// Reading structural schemas; pruning and defaulting by them.
#include "resources/schema.h"

#include <gtest/gtest.h>

namespace mizan::resources {
namespace {

std::shared_ptr<const Schema> schema(const char* text) {
  auto read = read_schema(Json::parse(text));
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *read : nullptr;
}

std::vector<std::string> faults(const char* text) {
  std::vector<std::string> paths;
  const auto read = read_schema(Json::parse(text));
  if (read) return paths;
  EXPECT_EQ(read.error().code, Code::kInvalid);
  for (const FieldError& error : read.error().fields) paths.push_back(error.path);
  return paths;
}

using FaultPaths = std::vector<std::string>;

TEST(ReadSchema, RefusesWhatIsNotStructural) {
  EXPECT_EQ(faults("[]"), FaultPaths{""});
  EXPECT_EQ(faults(R"({"type":"string"})"), FaultPaths{"type"});
  EXPECT_EQ(faults(R"({"type":"object","properties":{"a":{}}})"),
            FaultPaths{".properties[a].type"});
  EXPECT_EQ(faults(R"({"type":"object","properties":{"a":{"type":"float"}}})"),
            FaultPaths{".properties[a].type"});
  EXPECT_EQ(faults(R"({"type":"object","properties":{"a":{"type":"array"}}})"),
            FaultPaths{".properties[a].items"});
  EXPECT_EQ(faults(R"({"type":"object","properties":{"a":{"type":"string","pattern":"("}}})"),
            FaultPaths{".properties[a].pattern"});
  EXPECT_EQ(faults(R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object"},
                     "x-kubernetes-list-type":"map"}}})"),
            FaultPaths{".properties[a].x-kubernetes-list-map-keys"});
  EXPECT_EQ(
      faults(
          R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}})"),
      FaultPaths{"additionalProperties"});
}

TEST(ReadSchema, TakesUntypedNodesThatSayWhy) {
  EXPECT_EQ(faults(R"({"type":"object","properties":{"a":{"x-kubernetes-int-or-string":true},
                     "b":{"x-kubernetes-preserve-unknown-fields":true}}})"),
            FaultPaths{});
}

TEST(ReadSchema, KeepsTheSourceForDocumentation) {
  const char* text =
      R"({"type":"object","description":"d","properties":{"a":{"type":"string","description":"e"}}})";
  EXPECT_EQ(source_of(*schema(text)), Json::parse(text));
}

TEST(ReadSchema, FindsRulesThatAreNotEvaluated) {
  EXPECT_FALSE(has_cel_rules(*schema(R"({"type":"object"})")));
  EXPECT_TRUE(has_cel_rules(*schema(
      R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"string",
          "x-kubernetes-validations":[{"rule":"self != ''"}]}}}})")));
}

TEST(Prune, TakesOutUnknownFieldsAndTellsTheirPathsSorted) {
  const auto s = schema(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
    "known":{"type":"integer"},
    "list":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}}},
    "map":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"string"}}}},
    "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,
            "properties":{"strict":{"type":"object","properties":{"y":{"type":"string"}}}}},
    "any":{"x-kubernetes-preserve-unknown-fields":true},
    "empty":{"type":"object"}}}}})");
  Json object =
      Json::parse(R"({"apiVersion":"v1","kind":"X","metadata":{"name":"n","foo":1},"zzz":1,"spec":{
    "known":1,"unknown":2,"list":[{"name":"a"},{"nmae":"b","name":"c"}],
    "map":{"k":{"x":"1","q":2}},"free":{"a":{"b":1},"strict":{"y":"1","z":2}},"any":{"deep":{"er":1}},"empty":{"e":1}}})");
  EXPECT_EQ(prune(object, *s),
            (FaultPaths{"metadata.foo", "spec.empty.e", "spec.free.strict.z", "spec.list[1].nmae",
                        "spec.map.k.q", "spec.unknown", "zzz"}));
  EXPECT_EQ(object, Json::parse(R"({"apiVersion":"v1","kind":"X","metadata":{"name":"n"},"spec":{
    "known":1,"list":[{"name":"a"},{"name":"c"}],"map":{"k":{"x":"1"}},
    "free":{"a":{"b":1},"strict":{"y":"1"}},"any":{"deep":{"er":1}},"empty":{}}})"));
  EXPECT_TRUE(prune(object, *s).empty()) << "a second time finds nothing";
}

TEST(Prune, KeepsTheNamesOfEmbeddedResources) {
  const auto s = schema(
      R"({"type":"object","properties":{"run":{"type":"object","x-kubernetes-embedded-resource":true,
                          "properties":{"spec":{"type":"string"}}}}})");
  Json object = Json::parse(
      R"({"run":{"apiVersion":"v1","kind":"X","metadata":{"labels":{"a":"b"}},"spec":"s","more":1}})");
  EXPECT_EQ(prune(object, *s), FaultPaths{"run.more"});
  EXPECT_TRUE(object["run"].contains("metadata"));
}

TEST(Prune, TakesNullForAbsentInBuiltInKindsOnly) {
  const char* text = R"({"type":"object",%s"properties":{"spec":{"type":"object","properties":{
    "a":{"type":"string"},"b":{"type":"string","nullable":true},"m":{"type":"object","additionalProperties":{"type":"string"}},
    "l":{"type":"array","items":{"type":"object","properties":{"c":{"type":"string"}}}}}}}})";
  std::string builtin = text, custom = text;
  builtin.replace(builtin.find("%s"), 2, R"("x-mizan-nulls":"drop",)");
  custom.replace(custom.find("%s"), 2, "");
  const char* object = R"({"spec":{"a":null,"b":null,"m":{"k":null},"l":[{"c":null}]}})";
  Json pruned = Json::parse(object);
  EXPECT_TRUE(prune(pruned, *schema(builtin.c_str())).empty());
  EXPECT_EQ(pruned, Json::parse(R"({"spec":{"b":null,"m":{},"l":[{}]}})"));
  Json kept = Json::parse(object);
  prune(kept, *schema(custom.c_str()));
  EXPECT_EQ(kept, Json::parse(object));
}

TEST(ApplyDefaults, FillsInWhatIsAbsentAndNothingElse) {
  const auto s = schema(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
    "n":{"type":"integer","default":3},
    "s":{"type":"string","default":"x","nullable":true},
    "sub":{"type":"object","default":{},"properties":{"deep":{"type":"string","default":"d"}}},
    "absent":{"type":"object","properties":{"deep":{"type":"string","default":"d"}}},
    "list":{"type":"array","items":{"type":"object","properties":{"p":{"type":"string","default":"TCP"}}}},
    "map":{"type":"object","additionalProperties":{"type":"object","properties":{"p":{"type":"integer","default":1}}}}}}}})");
  Json object =
      Json::parse(R"({"spec":{"s":null,"list":[{},{"p":"UDP"},7],"map":{"a":{}},"n":null}})");
  apply_defaults(object, *s);
  EXPECT_EQ(object, Json::parse(R"({"spec":{"n":3,"s":null,"sub":{"deep":"d"},
    "list":[{"p":"TCP"},{"p":"UDP"},7],"map":{"a":{"p":1}}}})"));
  const Json once = object;
  apply_defaults(object, *s);
  EXPECT_EQ(object, once);
}

TEST(ListMapKeys, AreFoundByPath) {
  const auto s = schema(R"({"type":"object","properties":{"spec":{"type":"object","properties":{
    "containers":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
      "items":{"type":"object","properties":{"env":{"type":"array","x-kubernetes-patch-merge-key":"name",
        "items":{"type":"object"}},"args":{"type":"array","items":{"type":"string"}}}}}}}}})");
  EXPECT_EQ(list_map_keys(*s, "spec.containers"), FaultPaths{"name"});
  EXPECT_EQ(list_map_keys(*s, "spec.containers[].env"), FaultPaths{"name"});
  EXPECT_EQ(list_map_keys(*s, "spec.containers[3].env"), FaultPaths{"name"});
  EXPECT_EQ(list_map_keys(*s, "spec.containers[].args"), FaultPaths{});
  EXPECT_EQ(list_map_keys(*s, "spec.nothing.here"), FaultPaths{});
}

}  // namespace
}  // namespace mizan::resources
