// The grammar of selectors, the tokens of pages, the cache, and the strategic merge: pure parts, by
// table.
#include <gmock/gmock.h>

#include "store/object_cache.h"
#include "store/object_store.h"
#include "store/page_token.h"
#include "store/strategic_merge.h"

namespace mizan::store {
namespace {

using ::testing::HasSubstr;

bool selects(const std::string& labels, const Json& object_labels) {
  Selection selection({"", "configmaps"});
  auto parsed = parse_label_selector(labels);
  EXPECT_TRUE(parsed) << labels << ": " << parsed.error().message;
  if (parsed) selection.labels = *parsed;
  return matches(selection, {{"metadata", {{"labels", object_labels}}}});
}

TEST(LabelSelectorTest, MatchesEveryFormOfKubernetes) {
  struct Case {
    std::string selector;
    Json labels;
    bool matches;
  };
  const std::vector<Case> cases = {
      {"", {{"a", "b"}}, true},
      {"a=b", {{"a", "b"}}, true},
      {"a==b", {{"a", "b"}}, true},
      {"a = b", {{"a", "c"}}, false},
      {"a!=b", {{"a", "c"}}, true},
      {"a!=b", Json::object(), true},
      {"a!=b", {{"a", "b"}}, false},
      {"a=", {{"a", ""}}, true},
      {"a", {{"a", "x"}}, true},
      {"a", {{"b", "x"}}, false},
      {"!a", {{"b", "x"}}, true},
      {"!a", {{"a", "x"}}, false},
      {"a in (x,y)", {{"a", "y"}}, true},
      {"a in ( x , y )", {{"a", "z"}}, false},
      {"a in (x,)", {{"a", ""}}, true},
      {"a notin (x,y)", {{"a", "z"}}, true},
      {"a notin (x,y)", Json::object(), true},
      {"a notin (x)", {{"a", "x"}}, false},
      {"a>3", {{"a", "4"}}, true},
      {"a>3", {{"a", "three"}}, false},
      {"a<3", {{"a", "2"}}, true},
      {"example.org/a=b,!c", {{"example.org/a", "b"}}, true},
      {"in in (in)", {{"in", "in"}}, true},
      {"a=b,a=c", {{"a", "b"}}, false},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(selects(row.selector, row.labels), row.matches)
        << row.selector << " on " << row.labels;
  }
}

TEST(LabelSelectorTest, ComplainsInKubernetesWords) {
  const std::pair<const char*, const char*> cases[] = {
      {"a===b", "unable to parse requirement: found '=', expected: identifier"},
      {"a=b,", "unable to parse requirement: found '', expected: identifier after ','"},
      {",a", "unable to parse requirement: found ',', expected: !, identifier, or 'end of string'"},
      {"a in b", "unable to parse requirement: found 'b' expected: '('"},
      {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"!", "unable to parse requirement: found '', expected: identifier"},
      {"a in (b", "unable to parse requirement: found '', expected: ',', or ')'"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = parse_label_selector(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kBadRequest);
    EXPECT_EQ(parsed.error().message, message);
  }
  EXPECT_THAT(parse_label_selector("a=-b").error().message, HasSubstr("Invalid value: \"-b\""));
  EXPECT_THAT(parse_label_selector("a>x").error().message, HasSubstr("must be an integer"));
  EXPECT_THAT(parse_label_selector("-a").error().message, HasSubstr("Invalid value: \"-a\""));
}

TEST(FieldSelectorTest, ReadsTermsAndEscapes) {
  const auto terms = parse_field_selector("metadata.name=a,type!=Normal,reason==x\\,y\\=z").value();

  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[0].path, "metadata.name");
  EXPECT_EQ(terms[0].value, "a");
  EXPECT_FALSE(terms[1].equal);
  EXPECT_EQ(terms[1].path, "type");
  EXPECT_EQ(terms[2].value, "x,y=z");
  EXPECT_TRUE(parse_field_selector("").value().empty());
  EXPECT_EQ(parse_field_selector("metadata.name").error().message,
            "invalid selector: 'metadata.name'; can't understand 'metadata.name'");
}

TEST(FieldSelectorTest, ComparesTheTextOfAnyValue) {
  const Json object = {{"status", {{"count", 3}, {"ok", true}}}, {"spec", Json::object()}};
  const auto match = [&](const char* text) {
    Selection selection({"", "x"});
    selection.fields = parse_field_selector(text).value();
    return matches(selection, object);
  };

  EXPECT_TRUE(match("status.count=3,status.ok=true"));
  EXPECT_TRUE(match("status.phase="));
  EXPECT_FALSE(match("status.phase=Running"));
  EXPECT_TRUE(match("spec.unschedulable=false"));
}

TEST(PageTokenTest, IsWrittenAsARealServerWritesIt) {
  const std::string token = format_page_token({1528, "b"});

  EXPECT_EQ(token, "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTUyOCwic3RhcnQiOiIvYlx1MDAwMCJ9");
  const PageToken read = parse_page_token(token).value();
  EXPECT_EQ(read.revision, 1528U);
  EXPECT_EQ(read.after, "b");
}

TEST(PageTokenTest, RefusesWhatItDidNotWrite) {
  for (const char* text : {"zzz", "", "====", "e30", "eyJ2IjoidjkifQ", "!!!!",
                           "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTF9"}) {
    const auto read = parse_page_token(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::kBadRequest);
  }
}

TEST(ObjectCacheTest, DropsWhatWasUsedLeastRecently) {
  ObjectCache cache(30);
  const auto object = std::make_shared<const Json>(Json::object());
  cache.put("a", object, 1, 10);
  cache.put("b", object, 2, 10);
  cache.put("c", object, 3, 10);
  cache.find("a");

  cache.put("d", object, 4, 10);

  EXPECT_TRUE(cache.find("a").object);
  EXPECT_FALSE(cache.find("b").object);
  EXPECT_EQ(cache.bytes(), 30U);
}

TEST(ObjectCacheTest, NeverGoesBackToAnOlderState) {
  ObjectCache cache(100);
  const auto newer = std::make_shared<const Json>("newer");
  cache.put("a", newer, 5, 10);

  cache.put("a", std::make_shared<const Json>("older"), 4, 10);

  EXPECT_EQ(cache.find("a").object, newer);
  cache.erase("a");
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(StrategicMergeTest, MergesAsKubernetesDoes) {
  struct Case {
    const char* what;
    const char* object;
    const char* patch;
    const char* merged;
  };
  const Case cases[] = {
      {"a container by name",
       R"({"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]}})",
       R"({"spec":{"containers":[{"name":"b","image":"z"}]}})",
       R"({"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"z"}]}})"},
      {"a new container behind the others", R"({"spec":{"containers":[{"name":"a"}]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})"},
      {"a deleted container", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})"},
      {"a replaced list", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"c"},{"$patch":"replace"}]}})",
       R"({"spec":{"containers":[{"name":"c"}]}})"},
      {"a list without a key", R"({"spec":{"containers":[{"name":"a","args":["1","2"]}]}})",
       R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})",
       R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})"},
      {"environment by name",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"}]}]}})",
       R"({"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]}]}})"},
      {"nulls take out", R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
       R"({"metadata":{"labels":{"a":null}}})", R"({"metadata":{"labels":{"b":"2"}}})"},
      {"finalizers are a set", R"({"metadata":{"finalizers":["a"]}})",
       R"({"metadata":{"finalizers":["b","a"]}})", R"({"metadata":{"finalizers":["a","b"]}})"},
      {"members of a set go", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})",
       R"({"metadata":{"finalizers":["b"]}})"},
      {"the order that the client wants", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}})",
       R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"},
      {"an object replaced", R"({"spec":{"strategy":{"a":1,"b":2}}})",
       R"({"spec":{"strategy":{"$patch":"replace","c":3}}})", R"({"spec":{"strategy":{"c":3}}})"},
      {"keys retained", R"({"spec":{"volume":{"a":1,"b":2}}})",
       R"({"spec":{"volume":{"$retainKeys":["b","c"],"c":3}}})",
       R"({"spec":{"volume":{"b":2,"c":3}}})"},
      {"conditions of a status by type",
       R"({"status":{"conditions":[{"type":"A","status":"True"}]}})",
       R"({"status":{"conditions":[{"type":"B","status":"True"},{"type":"A","status":"False"}]}})",
       R"({"status":{"conditions":[{"type":"A","status":"False"},{"type":"B","status":"True"}]}})"},
      {"directives leave nothing behind where nothing was", R"({})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","x":null}]}})",
       R"({"spec":{"containers":[{"name":"a"}]}})"},
  };
  for (const Case& row : cases) {
    const auto merged = strategic_merge(Json::parse(row.object), Json::parse(row.patch));
    ASSERT_TRUE(merged) << row.what << ": " << merged.error().message;
    EXPECT_EQ(*merged, Json::parse(row.merged)) << row.what;
  }
}

TEST(StrategicMergeTest, RefusesAnElementWithoutItsKey) {
  const auto merged = strategic_merge(Json::parse(R"({"spec":{"containers":[{"name":"a"}]}})"),
                                      Json::parse(R"({"spec":{"containers":[{"image":"x"}]}})"));

  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().code, Code::kBadRequest);
  EXPECT_THAT(merged.error().message, HasSubstr("an element of containers has no name"));
}

}  // namespace
}  // namespace mizan::store
