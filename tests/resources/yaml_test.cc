// YAML as sigs.k8s.io/yaml reads it, with limits, positions and lines.
#include "resources/yaml.h"

#include <gtest/gtest.h>

#include <limits>

namespace mizan::resources {
namespace {

Json read(std::string_view text) {
  auto documents = parse_yaml(text);
  EXPECT_TRUE(documents) << text << ": " << (documents ? "" : documents.error().message);
  if (!documents || documents->size() != 1) return "not one document";
  return documents->front().value;
}

std::string refusal(std::string_view text, const YamlLimits& limits = {}) {
  const auto documents = parse_yaml(text, limits);
  return documents ? "taken" : documents.error().message;
}

TEST(YamlScalars, FollowYaml11AsKubernetesReadsIt) {
  const struct {
    const char* text;
    Json value;
  } cases[] = {
      {"yes", true},
      {"Yes", true},
      {"y", true},
      {"ON", true},
      {"no", false},
      {"n", false},
      {"off", false},
      {"False", false},
      {"yEs", "yEs"},
      {"~", nullptr},
      {"null", nullptr},
      {"Null", nullptr},
      {"", nullptr},
      {"0", 0},
      {"-1", -1},
      {"+7", 7},
      {"012", 10},
      {"0o17", 15},
      {"0x1F", 31},
      {"-0x10", -16},
      {"0b101", 5},
      {"1_000", 1000},
      {"08", 8},
      {"1.5", 1.5},
      {".5", 0.5},
      {"-.5", -0.5},
      {"1e3", 1000},
      {"1e-05", 1e-5},
      {"1.", 1},
      {"6.02E23", 6.02e23},
      {"1:30", "1:30"},
      {"2001-01-01", "2001-01-01"},
      {"1.2.3", "1.2.3"},
      {"1e", "1e"},
      {"0x", "0x"},
      {"-", "-"},
      {"50m", "50m"},
      {"'yes'", "yes"},
      {"\"1\"", "1"},
      {"!!str 1", "1"},
      {"!!int \"3\"", 3},
      {"1__0", 10},
      {"_1", "_1"},
      {"0.1.", "0.1."},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
      {"18446744073709551616", 18446744073709551616.0},
  };
  for (const auto& [text, value] : cases) {
    if (std::string_view(text) == "-") {
      EXPECT_EQ(read("a: [-, 1]")["a"][0], "-");
      continue;
    }
    EXPECT_EQ(read(std::string("a: ") + text + "\n")["a"], value) << text;
  }
}

TEST(YamlScalars, RefuseWhatJsonCannotHold) {
  for (const char* text : {".inf", "-.inf", "+.Inf", ".nan", ".NaN"}) {
    EXPECT_EQ(refusal(std::string("a:\n  b: ") + text),
              "line 2, column 6: " + std::string(text) + " is no number that JSON can hold");
  }
  EXPECT_EQ(read("a: '.inf'")["a"], ".inf");
}

TEST(YamlKeys, BecomeText) {
  EXPECT_EQ(read("on: 1\n2: b\n1.5: c\n'yes': d\n"),
            Json::parse(R"({"true":1,"2":"b","1.5":"c","yes":"d"})"));
  EXPECT_NE(refusal("? [a]\n: 1"), "taken");
  EXPECT_NE(refusal("? {a: 1}\n: 1"), "taken");
  EXPECT_NE(refusal("~: 1"), "taken");
}

TEST(YamlCollections, MergeAliasesAndMaps) {
  EXPECT_EQ(
      read("base: &b {x: 1, w: 2}\nmine: {<<: *b, w: 3}\nmany: {<<: [{x: 9}, *b], z: 0}\nlist: &l "
           "[1]\nagain: *l\n"),
      Json::parse(
          R"({"base":{"x":1,"w":2},"mine":{"x":1,"w":3},"many":{"x":9,"w":2,"z":0},"list":[1],"again":[1]})"));
  EXPECT_NE(refusal("a: {<<: 3}"), "taken");
  EXPECT_EQ(read("a: {'<<': {b: 1}}"), Json::parse(R"({"a":{"<<":{"b":1}}})"))
      << "quoted it is a key";
}

TEST(YamlCollections, KeepBlockTexts) {
  EXPECT_EQ(read("a: |\n  one\n  two\nb: >-\n  one\n  two\n"),
            Json::parse(R"({"a":"one\ntwo\n","b":"one two"})"));
}

TEST(YamlDocuments, ComeInOrderAndEmptyOnesAreLeftOut) {
  const auto documents = parse_yaml("# nothing\n---\na: 1\n---\n---\nb: 2\n...\n");
  ASSERT_TRUE(documents) << documents.error().message;
  ASSERT_EQ(documents->size(), 2U);
  EXPECT_EQ((*documents)[1].value, Json::parse(R"({"b":2})"));
  EXPECT_TRUE(parse_yaml("")->empty());
  EXPECT_TRUE(parse_yaml("# only a comment\n")->empty());
}

TEST(YamlDocuments, ReadJsonToo) {
  EXPECT_EQ(read("{\n\t\"a\": [1, 2.5, \"x\\u00e9\\n\", null, true],\n\t\"b\": {}\n}"),
            Json::parse(R"({"a":[1,2.5,"x\u00e9\n",null,true],"b":{}})"));
}

TEST(YamlDocuments, TellFieldsGivenTwice) {
  const auto documents = parse_yaml("spec:\n  a: 1\n  list: [{x: 1, x: 2}]\n  a: 3\n");
  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->front().duplicate_fields,
            (std::vector<std::string>{"spec.list[0].x", "spec.a"}));
  EXPECT_EQ(documents->front().value["spec"]["a"], 3);
}

TEST(YamlLines, AreRememberedByFieldPath) {
  const auto documents = parse_yaml(
      "# head\nspec:\n  parameters:\n  - name: lr\n    space: {min: '1',\n      max: '2'}\n  - "
      "name: b\n");
  ASSERT_TRUE(documents);
  const YamlDocument& document = documents->front();
  EXPECT_EQ(document.line_of("spec"), 2);
  EXPECT_EQ(document.line_of("spec.parameters"), 3);
  EXPECT_EQ(document.line_of("spec.parameters[0].name"), 4);
  EXPECT_EQ(document.line_of("spec.parameters[0].space.max"), 6);
  EXPECT_EQ(document.line_of("spec.parameters[1].name"), 7);
  EXPECT_EQ(document.line_of("spec.parameters[1].space.max"), 7)
      << "what is missing is looked for at its parent";
  EXPECT_EQ(document.line_of("spec.objective.type"), 2);
  EXPECT_EQ(document.line_of("nothing"), 2) << "the document's first line";
}

TEST(YamlErrors, SayLineAndColumn) {
  const auto where = [](std::string_view text) {
    return refusal(text).substr(0, refusal(text).find(": "));
  };
  EXPECT_EQ(where("a: 1\nb: [1, 2\nc: 3\n"), "line 3, column 2");
  EXPECT_EQ(where("a: 'open\n"), "line 2, column 1");
  EXPECT_EQ(where("a: b: c\n"), "line 1, column 5");
  EXPECT_EQ(where("a: *nothing\n"), "line 1, column 4");
  EXPECT_EQ(where("a: 1\n  bad: 2\n"), "line 2, column 6");
  EXPECT_EQ(refusal("a: \"x\xff\"\n"), "line 1, column 6: not UTF-8");
  EXPECT_EQ(refusal("a: 1\nb: \x01\n"),
            "line 2, column 4: control character 0x01; in double quotes write \\x01");
}

TEST(YamlLimits, RefuseTooManyBytes) {
  const auto documents = parse_yaml("a: 12345", {.max_bytes = 7});
  ASSERT_FALSE(documents);
  EXPECT_EQ(documents.error().code, Code::kTooLarge);
}

constexpr std::size_t kTenMillion = 10'000'000;

TEST(YamlLimits, RefuseDeepNestingAtOnce) {
  const YamlLimits limits{.max_bytes = 20'000'000};
  std::string indented;
  for (std::size_t i = 0; i < 3000; ++i) indented += std::string(i, ' ') + "a:\n";
  std::string dashes, maps;
  for (int i = 0; i < 5'000'000; ++i) dashes += "- ";
  for (int i = 0; i < 2'500'000; ++i) maps += "{a: ";
  for (const std::string& text : {std::string(kTenMillion, '['), dashes, maps, indented,
                                  "a: " + std::string(kTenMillion, '[')}) {
    EXPECT_NE(refusal(text, limits).find("nesting is deeper than 64 levels"), std::string::npos)
        << text.substr(0, 20) << ": " << refusal(text, limits).substr(0, 200);
  }
}

TEST(YamlLimits, RefuseMapsAsKeysAtOnce) {
  EXPECT_EQ(refusal(std::string(kTenMillion, '{'), {.max_bytes = 20'000'000}),
            "line 1, column 2: a key must be text, a number or a boolean");
}

TEST(YamlLimits, TakeExactlyTheDepthLimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(refusal(nested(64)), "taken");
  EXPECT_NE(refusal(nested(65)), "taken");
}

TEST(YamlLimits, CountValuesBehindAliases) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'j'; ++name) {
    const std::string alias = std::string("*") + static_cast<char>(name - 1);
    bomb += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 10; ++i) bomb += alias + (i < 9 ? ", " : "]\n");
  }
  EXPECT_NE(refusal(bomb).find("more than 500000 values after expanding aliases"),
            std::string::npos)
      << refusal(bomb);
}

TEST(YamlLimits, CountDepthBehindAliases) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_NE(refusal(text).find("nesting is deeper"), std::string::npos) << refusal(text);
  EXPECT_NE(refusal("a: &a [*a]"), "taken") << "an alias of itself";
}

TEST(YamlLimits, CountDocuments) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "---\na: 1\n";
  EXPECT_NE(refusal(text, {.max_documents = 10}), "taken");
  EXPECT_EQ(refusal(text, {.max_documents = 20}), "taken");
}

}  // namespace
}  // namespace mizan::resources
