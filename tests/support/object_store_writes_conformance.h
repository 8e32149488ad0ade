// Creating, updating and patching objects: what the server fills in, what it keeps to itself, what
// it refuses.
#pragma once

#include "tests/support/object_store_conformance.h"

namespace mizan::testing {

class ObjectStoreWrites : public ObjectStoreSuite {};

TEST_P(ObjectStoreWrites, FillsInWhatTheServerOwns) {
  Json wanted = a_widget("a");
  wanted["metadata"]["uid"] = "mine";
  wanted["metadata"]["generation"] = 7;
  wanted["metadata"]["labels"] = Json::object();

  const Json made = create(wanted);

  EXPECT_EQ(made["metadata"]["namespace"], "one");
  EXPECT_EQ(string_at(made, "metadata.uid").size(), 36U);
  EXPECT_EQ(made["metadata"]["generation"], 1);
  EXPECT_TRUE(made["metadata"].contains("creationTimestamp"));
  EXPECT_FALSE(made["metadata"].contains("labels")) << "empty means absent";
  EXPECT_EQ(made["spec"]["color"], "red") << "the schema's default";
  EXPECT_FALSE(version_of(made).empty());
  EXPECT_EQ(get(widget("a")), made);
}

TEST_P(ObjectStoreWrites, DropsTheStatusOfACreate) {
  Json wanted = a_widget("a");
  wanted["status"] = {{"ready", 9}};

  EXPECT_FALSE(create(wanted).contains("status"));
}

TEST_P(ObjectStoreWrites, MakesANameFromAPrefix) {
  Json wanted = a_widget("");
  wanted["metadata"] = {{"generateName", "run-"}};

  const Json first = create(wanted);
  const Json second = create(wanted);

  EXPECT_TRUE(string_at(first, "metadata.name").starts_with("run-"));
  EXPECT_EQ(string_at(first, "metadata.name").size(), 9U);
  EXPECT_NE(first["metadata"]["name"], second["metadata"]["name"]);
}

TEST_P(ObjectStoreWrites, RefusesToCreateWhatIsThere) {
  create(a_widget("a"));

  const Error error = create_error(a_widget("a"));

  EXPECT_EQ(error.code, Code::kAlreadyExists);
  EXPECT_EQ(error.message, "widgets.example.org \"a\" already exists");
}

TEST_P(ObjectStoreWrites, RefusesToCreateInANamespaceThatIsNotThere) {
  auto made = run(store().create(kWidgets, "nosuchns", a_widget("a"), {}));

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kNotFound);
  EXPECT_EQ(made.error().message, "namespaces \"nosuchns\" not found");
}

TEST_P(ObjectStoreWrites, ReportsEveryFieldThatIsWrong) {
  Json wanted = a_widget("bad", 0);
  wanted["spec"]["color"] = "green";

  const Error error = create_error(wanted);

  EXPECT_EQ(error.code, Code::kInvalid);
  ASSERT_EQ(error.fields.size(), 2U);
  EXPECT_EQ(error.fields[0].path, "spec.color");
  EXPECT_EQ(error.fields[0].message,
            "Unsupported value: \"green\": supported values: \"red\", \"blue\"");
  EXPECT_EQ(error.fields[1].path, "spec.size");
  EXPECT_EQ(error.message,
            "Widget.example.org \"bad\" is invalid: [spec.color: Unsupported value: \"green\": "
            "supported values: "
            "\"red\", \"blue\", spec.size: Invalid value: 0: spec.size in body should be greater "
            "than or equal to 1]");
  EXPECT_FALSE(exists(widget("bad")));
}

TEST_P(ObjectStoreWrites, RefusesNamesThatAreNone) {
  Json unnamed = a_widget("");
  unnamed["metadata"] = Json::object();

  EXPECT_EQ(create_error(unnamed).message,
            "Widget.example.org \"\" is invalid: metadata.name: Required value: name or "
            "generateName is required");
  EXPECT_EQ(create_error(a_widget("Bad_Name")).fields.at(0).path, "metadata.name");
}

TEST_P(ObjectStoreWrites, RefusesAnotherObjectThanTheRequestNames) {
  Json elsewhere = a_widget("a");
  elsewhere["metadata"]["namespace"] = "two";
  create(a_widget("a"));

  EXPECT_EQ(
      create_error(elsewhere).message,
      "the namespace of the provided object does not match the namespace sent on the request");
  auto renamed = run(store().update(widget("a"), "", a_widget("other"), {}));
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().code, Code::kBadRequest);
  EXPECT_EQ(renamed.error().message,
            "the name of the object (other) does not match the name on the URL (a)");
}

TEST_P(ObjectStoreWrites, RefusesAnotherKindOrVersion) {
  Json version = a_widget("a");
  version["apiVersion"] = "example.org/v9";
  Json kind = a_widget("a");
  kind["kind"] = "Gadget";

  EXPECT_EQ(create_error(version).message,
            "the API version in the data (example.org/v9) does not match the expected API version "
            "(example.org/v1)");
  EXPECT_EQ(create_error(kind).message,
            "Gadget.example.org \"a\" is invalid: kind: Invalid value: \"Gadget\": must be Widget");
}

TEST_P(ObjectStoreWrites, TakesUnknownFieldsAsItWasToldTo) {
  Json wanted = a_widget("a");
  wanted["spec"]["maxTrials"] = 3;
  wanted["spec"]["foo"] = {{"bar", 1}};
  WriteOptions options;

  options.field_validation = store::FieldValidation::kStrict;
  const Error strict = create_error(wanted, options);
  options.field_validation = store::FieldValidation::kWarn;
  const auto warned = run(store().create(kWidgets, "one", wanted, options));

  EXPECT_EQ(strict.code, Code::kBadRequest);
  EXPECT_EQ(strict.message,
            "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: "
            "unknown field \"spec.foo\", "
            "unknown field \"spec.maxTrials\"");
  ASSERT_TRUE(warned);
  EXPECT_EQ(warned->warnings, (std::vector<std::string>{"unknown field \"spec.foo\"",
                                                        "unknown field \"spec.maxTrials\""}));
  EXPECT_FALSE((*warned->object)["spec"].contains("foo"));
}

TEST_P(ObjectStoreWrites, ChangesNothingInADryRun) {
  WriteOptions options;
  options.dry_run = true;
  create(a_widget("there"));

  const auto made = run(store().create(kWidgets, "one", a_widget("a"), options));
  const auto again = run(store().create(kWidgets, "one", a_widget("there"), options));
  const auto patched = run(store().patch(
      widget("there"), "", Patch(PatchType::kMerge, {{"spec", {{"size", 5}}}}), options));

  ASSERT_TRUE(made);
  EXPECT_EQ((*made->object)["spec"]["color"], "red");
  EXPECT_EQ(version_of(*made->object), "");
  EXPECT_FALSE(exists(widget("a")));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  ASSERT_TRUE(patched);
  EXPECT_EQ((*patched->object)["spec"]["size"], 5);
  EXPECT_EQ(get(widget("there"))["spec"]["size"], 1);
}

TEST_P(ObjectStoreWrites, ReplacesTheSpecAndIgnoresTheStatusOfAnUpdate) {
  Json object = create(a_widget("a"));
  merge(widget("a"), {{"status", {{"ready", 1}}}}, "status");
  object = get(widget("a"));
  object["spec"] = {{"size", 4}};
  object["status"]["ready"] = 99;

  const auto made = run(store().update(widget("a"), "", object, {}));

  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made->object)["spec"]["size"], 4);
  EXPECT_EQ((*made->object)["status"]["ready"], 1);
  EXPECT_EQ(generation_of(*made->object), 2);
}

TEST_P(ObjectStoreWrites, TakesOnlyTheStatusOfAnUpdateOfStatus) {
  Json object = create(a_widget("a"));
  object["spec"]["size"] = 99;
  object["metadata"]["labels"] = {{"x", "y"}};
  object["status"] = {{"ready", 5}};

  const auto made = run(store().update(widget("a"), "status", object, {}));

  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made->object)["status"]["ready"], 5);
  EXPECT_EQ((*made->object)["spec"]["size"], 1);
  EXPECT_FALSE((*made->object)["metadata"].contains("labels"));
  EXPECT_EQ(generation_of(*made->object), 1) << "a status is no new wish";
}

TEST_P(ObjectStoreWrites, RefusesAStaleUpdate) {
  Json object = create(a_widget("a"));
  merge(widget("a"), {{"spec", {{"size", 2}}}});
  object["spec"]["size"] = 3;

  const auto made = run(store().update(widget("a"), "", object, {}));

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kConflict);
  EXPECT_EQ(made.error().message,
            "Operation cannot be fulfilled on widgets.example.org \"a\": the object has been "
            "modified; please apply "
            "your changes to the latest version and try again");
}

TEST_P(ObjectStoreWrites, WantsAResourceVersionForTheUpdateOfACustomResource) {
  create(a_widget("a"));

  const auto made = run(store().update(widget("a"), "", a_widget("a", 2), {}));

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kInvalid);
  EXPECT_EQ(made.error().message,
            "widgets.example.org \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: "
            "must be specified for an "
            "update");
}

TEST_P(ObjectStoreWrites, UpdatesABuiltinKindWithoutAResourceVersion) {
  const Key key(kConfigMaps, "one", "c");
  const Json first = {{"metadata", {{"name", "c"}}}, {"data", {{"k", "1"}}}};
  ASSERT_TRUE(run(store().create(kConfigMaps, "one", first, {})));
  Json second = first;
  second["data"]["k"] = "2";

  const auto made = run(store().update(key, "", second, {}));

  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made->object)["data"]["k"], "2");
}

TEST_P(ObjectStoreWrites, LeavesTheVersionAloneWhenNothingChanges) {
  const Json object = create(a_widget("a"));

  const Json patched = merge(widget("a"), {{"spec", {{"size", 1}}}});
  const auto updated = run(store().update(widget("a"), "", object, {}));

  EXPECT_EQ(patched, object);
  ASSERT_TRUE(updated);
  EXPECT_EQ(*updated->object, object);
}

TEST_P(ObjectStoreWrites, RefusesToChangeWhatIsImmutable) {
  create(a_widget("a"));

  const Error renamed = merge_error(widget("a"), {{"metadata", {{"name", "b"}}}});
  const Error reborn =
      merge_error(widget("a"), {{"metadata", {{"uid", "11111111-1111-1111-1111-111111111111"}}}});

  EXPECT_EQ(renamed.code, Code::kInvalid);
  EXPECT_EQ(renamed.fields.at(0).path, "metadata.name");
  EXPECT_EQ(reborn.code, Code::kConflict);
}

TEST_P(ObjectStoreWrites, TakesTheCreationTimeBackInAnotherSpelling) {
  const Json object = create(a_widget("a"));
  std::string time = string_at(object, "metadata.creationTimestamp");
  ASSERT_TRUE(time.ends_with('Z'));
  time.replace(time.size() - 1, 1, "+00:00");

  const Json patched =
      merge(widget("a"), {{"metadata", {{"creationTimestamp", time}}}, {"spec", {{"size", 2}}}});

  EXPECT_EQ(patched["spec"]["size"], 2);
  EXPECT_EQ(patched["metadata"]["creationTimestamp"], object["metadata"]["creationTimestamp"]);
}

TEST_P(ObjectStoreWrites, MergesAPatchAndTakesOutWhatItNulls) {
  Json wanted = a_widget("a");
  wanted["metadata"]["labels"] = {{"team", "a"}};
  wanted["spec"]["note"] = "x";
  create(wanted);

  const Json patched = merge(widget("a"), {{"metadata", {{"labels", {{"team", nullptr}}}}},
                                           {"spec", {{"note", nullptr}}}});

  EXPECT_FALSE(patched["metadata"].contains("labels"));
  EXPECT_FALSE(patched["spec"].contains("note"));
  EXPECT_EQ(generation_of(patched), 2);
}

TEST_P(ObjectStoreWrites, HonoursTheResourceVersionInsideAPatch) {
  const Json object = create(a_widget("a"));

  const Error stale =
      merge_error(widget("a"), {{"metadata", {{"resourceVersion", "1"}}}, {"spec", {{"size", 2}}}});
  const Json fresh = merge(widget("a"), {{"metadata", {{"resourceVersion", version_of(object)}}},
                                         {"spec", {{"size", 2}}}});

  EXPECT_EQ(stale.code, Code::kConflict);
  EXPECT_EQ(fresh["spec"]["size"], 2);
}

TEST_P(ObjectStoreWrites, AppliesEveryOneOfManyPatchesMadeAtOnce) {
  create(a_widget("a"));
  const auto writer = [](store::ObjectStore& target, Key key, std::string label) -> Task<> {
    const Patch patch(PatchType::kMerge, {{"metadata", {{"labels", {{label, "x"}}}}}});
    const auto made = co_await target.patch(std::move(key), "", patch, {});
    EXPECT_TRUE(made) << made.error().message;
  };

  for (int i = 0; i < 5; ++i) {
    boost::asio::co_spawn(harness_->io, writer(store(), widget("a"), "l" + std::to_string(i)),
                          boost::asio::detached);
  }
  harness_->io.restart();
  harness_->io.run();

  EXPECT_EQ(get(widget("a"))["metadata"]["labels"].size(), 5U);
}

TEST_P(ObjectStoreWrites, AppliesAJsonPatchOrRefusesAllOfIt) {
  create(a_widget("a"));
  const Json good = Json::parse(
      R"([{"op":"test","path":"/spec/size","value":1},{"op":"replace","path":"/spec/size","value":3}])");
  const Json failing = Json::parse(
      R"([{"op":"replace","path":"/spec/size","value":4},{"op":"test","path":"/spec/size","value":1}])");
  const Json missing = Json::parse(R"([{"op":"remove","path":"/spec/nosuch"}])");

  const auto made = run(store().patch(widget("a"), "", Patch(PatchType::kJson, good), {}));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made->object)["spec"]["size"], 3);
  for (const Json& body : {failing, missing}) {
    const auto refused = run(store().patch(widget("a"), "", Patch(PatchType::kJson, body), {}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kInvalid);
    EXPECT_EQ(refused.error().message,
              "the server rejected our request due to an error in our request");
  }
  EXPECT_EQ(get(widget("a"))["spec"]["size"], 3);
}

TEST_P(ObjectStoreWrites, RefusesAJsonPatchThatDoublesItselfWithoutEnd) {
  create(a_widget("a"));
  Json bomb =
      Json::array({{{"op", "add"}, {"path", "/spec/note"}, {"value", std::string(1000, 'x')}}});
  for (int i = 0; i < 40; ++i) {
    bomb.push_back({{"op", "copy"}, {"from", "/spec"}, {"path", "/spec/copy" + std::to_string(i)}});
  }

  const auto refused = run(store().patch(widget("a"), "", Patch(PatchType::kJson, bomb), {}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
  EXPECT_FALSE(get(widget("a"))["spec"].contains("note"));
}

TEST_P(ObjectStoreWrites, TakesStrategicPatchesForBuiltinKindsOnly) {
  create(a_widget("a"));
  create_pod(a_pod("p"));
  const Patch patch(PatchType::kStrategic,
                    Json::parse(R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})"));
  const Patch second(
      PatchType::kStrategic,
      Json::parse(
          R"({"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"Started","status":"True"}]}})"));

  const auto refused = run(
      store().patch(widget("a"), "", Patch(PatchType::kStrategic, {{"spec", Json::object()}}), {}));
  ASSERT_TRUE(run(store().patch(pod("p"), "status", patch, {})));
  const auto made = run(store().patch(pod("p"), "status", second, {}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnsupportedMediaType);
  ASSERT_TRUE(made) << made.error().message;
  const Json& conditions = (*made->object)["status"]["conditions"];
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(conditions[0]["status"], "False");
  EXPECT_EQ(conditions[1]["type"], "Started");
}

TEST_P(ObjectStoreWrites, SaysWhatIsNotThere) {
  EXPECT_EQ(run(store().get(widget("nosuch"))).error().message,
            "widgets.example.org \"nosuch\" not found");
  EXPECT_EQ(merge_error(widget("nosuch"), {{"spec", {{"size", 2}}}}).code, Code::kNotFound);
  EXPECT_EQ(run(store().get(Key({"example.org", "gadgets"}, "one", "a"))).error().code,
            Code::kNotFound);
  create(a_widget("a"));
  EXPECT_EQ(merge_error(widget("a"), {{"spec", {{"size", 2}}}}, "scale").code, Code::kNotFound);
}

}  // namespace mizan::testing
