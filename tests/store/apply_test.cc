// Server-side apply and managedFields, with the shapes that a real server answered.
#include <gmock/gmock.h>

#include "store/field_set.h"
#include "tests/support/memory_store.h"
#include "tests/support/object_store_conformance.h"

namespace mizan::testing {
namespace {

using store::FieldSet;
using store::Written;

class ApplyTest : public ::testing::Test {
 protected:
  static WriteOptions as(const std::string& manager, bool force = false) {
    WriteOptions options;
    options.field_manager = manager;
    options.force = force;
    return options;
  }
  static Key key() { return Key(kWidgets, "default", "w"); }
  static Json wanted(Json spec) {
    return {{"apiVersion", "example.org/v1"},
            {"kind", "Widget"},
            {"metadata", {{"name", "w"}}},
            {"spec", std::move(spec)}};
  }
  Result<Written> try_apply(const std::string& manager, Json spec, bool force = false) {
    return memory.run(memory.store.patch(
        key(), "", Patch(PatchType::kApply, wanted(std::move(spec))), as(manager, force)));
  }
  Json apply(const std::string& manager, Json spec, bool force = false) {
    auto made = try_apply(manager, std::move(spec), force);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made->object : Json();
  }
  /// The fields of the manager's entry, null when it has none.
  static Json fields(const Json& object, const std::string& manager, const std::string& operation) {
    for (const Json& entry : object["metadata"].value("managedFields", Json::array())) {
      if (entry["manager"] == manager && entry["operation"] == operation) return entry["fieldsV1"];
    }
    return nullptr;
  }

  MemoryStore memory{resources::AdmissionTable{}, table_with_widgets()};
};

TEST_F(ApplyTest, CreatesAnObjectWhoseFieldsAreTheApplierAlone) {
  const auto made = try_apply("one", {{"size", 3}, {"parts", {{{"name", "lr"}, {"count", 2}}}}});

  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->created);
  const Json& object = *made->object;
  EXPECT_EQ(object["spec"]["color"], "red");
  EXPECT_EQ(object["metadata"]["managedFields"].size(), 1U);
  EXPECT_EQ(
      fields(object, "one", "Apply"),
      Json::parse(
          R"({"f:spec":{"f:size":{},"f:parts":{"k:{\"name\":\"lr\"}":{".":{},"f:name":{},"f:count":{}}}}})"))
      << "defaults are nobody's";
}

TEST_F(ApplyTest, NeedsTheNameOfAManager) {
  const auto made = try_apply("", {{"size", 3}});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required "
            "for apply patch");
}

TEST_F(ApplyTest, RefusesToTakeAFieldFromAnotherManagerUnlessForced) {
  apply("one", {{"size", 12}});

  const auto refused = try_apply("two", {{"size", 50}});
  const Json forced = apply("two", {{"size", 50}}, true);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_EQ(refused.error().message,
            "Apply failed with 1 conflict: conflict with \"one\": .spec.size");
  ASSERT_EQ(refused.error().fields.size(), 1U);
  EXPECT_EQ(refused.error().fields[0].path, ".spec.size");
  EXPECT_EQ(refused.error().fields[0].message, "conflict with \"one\"");
  EXPECT_EQ(forced["spec"]["size"], 50);
  EXPECT_EQ(fields(forced, "one", "Apply"), Json()) << "nothing is left to it";
}

TEST_F(ApplyTest, KubectlIsNotInConflictWithWhatItAppliedFromTheClientSide) {
  const std::string annotation = "kubectl.kubernetes.io/last-applied-configuration";
  Json made = wanted({{"size", 20}, {"note", "x"}});
  made["metadata"]["annotations"][annotation] = wanted({{"size", 20}}).dump() + "\n";
  ASSERT_TRUE(
      memory.run(memory.store.create(kWidgets, "default", made, as("kubectl-client-side-apply"))));

  const auto other = try_apply("somebody", {{"size", 12}});
  const auto more = try_apply("kubectl", {{"size", 12}, {"note", "y"}});
  const Json upgraded = apply("kubectl", {{"size", 12}});

  ASSERT_FALSE(other) << "the annotation is kubectl's";
  EXPECT_EQ(other.error().code, Code::kConflict);
  ASSERT_FALSE(more) << "it never said that it applied the note";
  ASSERT_EQ(more.error().fields.size(), 1U);
  EXPECT_EQ(more.error().fields[0].path, ".spec.note");
  EXPECT_EQ(upgraded["spec"]["size"], 12);
  EXPECT_EQ(fields(upgraded, "kubectl", "Apply"), Json::parse(R"({"f:spec":{"f:size":{}}})"));
  const Json said = Json::parse(upgraded["metadata"]["annotations"].value(annotation, ""));
  EXPECT_EQ(said["spec"]["size"], 12) << "client-side apply may come back";
}

TEST_F(ApplyTest, KubectlYieldsWhereAnotherHasChangedTheFieldSince) {
  Json made = wanted({{"size", 20}});
  made["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
      wanted({{"size", 20}}).dump();
  ASSERT_TRUE(
      memory.run(memory.store.create(kWidgets, "default", made, as("kubectl-client-side-apply"))));
  ASSERT_TRUE(memory.run(memory.store.patch(
      key(), "", Patch(PatchType::kMerge, {{"spec", {{"size", 31}}}}), as("editor"))));

  const auto refused = try_apply("kubectl", {{"size", 12}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kConflict);
}

TEST_F(ApplyTest, LetsManagersShareAFieldOfOneValue) {
  apply("one", {{"size", 12}, {"note", "x"}});

  const Json shared = apply("two", {{"size", 12}});

  EXPECT_EQ(fields(shared, "one", "Apply"), Json::parse(R"({"f:spec":{"f:size":{},"f:note":{}}})"));
  EXPECT_EQ(fields(shared, "two", "Apply"), Json::parse(R"({"f:spec":{"f:size":{}}})"));
}

TEST_F(ApplyTest, TakesOutWhatTheManagerNoLongerSaysAndNobodyElseDoes) {
  apply("one", {{"size", 1}, {"note", "x"}, {"parts", {{{"name", "a"}}, {{"name", "b"}}}}});
  apply("two", {{"size", 1}, {"parts", {{{"name", "b"}, {"count", 5}}}}});

  const Json object = apply("one", {{"size", 1}});

  EXPECT_FALSE(object["spec"].contains("note"));
  EXPECT_EQ(object["spec"]["parts"], Json::parse(R"([{"name":"b","count":5}])"))
      << "the other's element stays";
}

TEST_F(ApplyTest, MergesElementsByTheirKeys) {
  apply("one", {{"size", 1}, {"parts", {{{"name", "a"}, {"count", 1}}}}});

  const Json object = apply("two", {{"parts", {{{"name", "b"}, {"count", 2}}}}});

  EXPECT_EQ(object["spec"]["parts"],
            Json::parse(R"([{"name":"a","count":1},{"name":"b","count":2}])"));
}

TEST_F(ApplyTest, ChangesNothingWhenTheSameIsAppliedAgain) {
  const Json first = apply("one", {{"size", 1}});
  memory.clock.advance(std::chrono::hours(1));

  EXPECT_EQ(apply("one", {{"size", 1}}), first);
}

TEST_F(ApplyTest, TracksCreatesAndUpdatesOfNamedWriters) {
  Json object = wanted({{"size", 1}});
  object["metadata"]["labels"] = {{"team", "a"}};
  const Json made =
      *memory.run(memory.store.create(kWidgets, "default", object, as("me"))).value().object;
  const Patch larger(PatchType::kMerge, {{"spec", {{"size", 2}}}});
  const Patch ready(PatchType::kMerge, {{"status", {{"ready", 1}}}});
  const Patch unlabel(PatchType::kMerge, {{"metadata", {{"labels", {{"team", nullptr}}}}}});

  EXPECT_EQ(
      fields(made, "me", "Update"),
      Json::parse(
          R"({"f:metadata":{"f:labels":{".":{},"f:team":{}}},"f:spec":{".":{},"f:size":{},"f:color":{}}})"));
  const Json second = *memory.run(memory.store.patch(key(), "", larger, as("you"))).value().object;
  EXPECT_EQ(fields(second, "you", "Update"), Json::parse(R"({"f:spec":{"f:size":{}}})"));
  EXPECT_EQ(
      fields(second, "me", "Update"),
      Json::parse(
          R"({"f:metadata":{"f:labels":{".":{},"f:team":{}}},"f:spec":{".":{},"f:color":{}}})"));
  const Json third = *memory.run(memory.store.patch(key(), "status", ready, {})).value().object;
  EXPECT_EQ(fields(third, "mizan", "Update"), Json::parse(R"({"f:status":{".":{},"f:ready":{}}})"));
  EXPECT_EQ(third["metadata"]["managedFields"].size(), 3U);
  const Json fourth = *memory.run(memory.store.patch(key(), "", unlabel, as("you"))).value().object;
  EXPECT_EQ(fields(fourth, "me", "Update"), Json::parse(R"({"f:spec":{".":{},"f:color":{}}})"));
}

TEST_F(ApplyTest, KeepsNoRecordOfObjectsThatOnlyNamelessWritersTouch) {
  memory.run(memory.store.create(kWidgets, "default", wanted({{"size", 1}}), {})).value();

  const Patch patch(PatchType::kMerge, {{"spec", {{"size", 2}}}});
  const Json object = *memory.run(memory.store.patch(key(), "", patch, {})).value().object;

  EXPECT_FALSE(object["metadata"].contains("managedFields"));
}

TEST_F(ApplyTest, DefendsWhatWasThereBeforeAnyoneKeptTrack) {
  memory.run(memory.store.create(kWidgets, "default", wanted({{"size", 1}, {"note", "x"}}), {}))
      .value();

  const auto refused = try_apply("one", {{"size", 2}});
  const Json same = apply("one", {{"size", 1}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message,
      "Apply failed with 1 conflict: conflict with \"before-first-apply\" using example.org/v1 at "
      "2026-11-23T20:00:00Z: .spec.size");
  EXPECT_EQ(same["spec"]["note"], "x");
  EXPECT_NE(fields(same, "before-first-apply", "Update"), Json());
}

TEST_F(ApplyTest, RefusesUnknownFieldsAndForeignNames) {
  WriteOptions strict = as("one");
  strict.field_validation = store::FieldValidation::kStrict;
  Json foreign = wanted({{"size", 1}});
  foreign["metadata"]["name"] = "other";

  const auto unknown = memory.run(memory.store.patch(
      key(), "", Patch(PatchType::kApply, wanted({{"size", 1}, {"nosuch", 1}})), strict));
  const auto misplaced =
      memory.run(memory.store.patch(key(), "", Patch(PatchType::kApply, foreign), as("one")));

  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message,
              ::testing::HasSubstr("strict decoding error: unknown field \"spec.nosuch\""));
  ASSERT_FALSE(misplaced);
  EXPECT_EQ(misplaced.error().code, Code::kBadRequest);
}

TEST(FieldSetTest, ReadsAndWritesFieldsV1) {
  const Json json = Json::parse(
      R"({"f:a":{".":{},"f:b":{}},"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:name":{}}},"f:s":{"v:\"y\"":{}}})");

  const FieldSet set = FieldSet::from_json(json);

  EXPECT_EQ(set.to_json(), json);
  EXPECT_TRUE(set.contains({"f:a"}));
  EXPECT_TRUE(set.contains({"f:a", "f:b"}));
  EXPECT_FALSE(set.contains({"f:l"}));
  EXPECT_EQ(store::readable_path({"f:l", "k:{\"name\":\"x\"}", "f:name"}), ".l[name=\"x\"].name");
  EXPECT_EQ(store::readable_path({"f:s", "v:\"y\""}), ".s[=\"y\"]");
}

TEST(FieldSetTest, KeepsTheLawsOfSets) {
  const FieldSet a = FieldSet::from_json(Json::parse(R"({"f:x":{".":{},"f:y":{}},"f:z":{}})"));
  const FieldSet b = FieldSet::from_json(Json::parse(R"({"f:x":{"f:y":{}},"f:w":{}})"));

  EXPECT_EQ(a.united(b), b.united(a));
  EXPECT_EQ(a.common(b), b.common(a));
  EXPECT_EQ(a.without(b).united(a.common(b)), a);
  EXPECT_TRUE(a.without(a).empty());
  EXPECT_EQ(a.common(b).members(), (std::vector<std::vector<std::string>>{{"f:x", "f:y"}}));
}

}  // namespace
}  // namespace mizan::testing
