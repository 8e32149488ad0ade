// What LocalStore does beyond the suite: admission, built-in kinds, lost and failing writes,
// several versions of a kind.
#include "store/local_store.h"

#include <gmock/gmock.h>

#include "tests/support/flaky_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/object_store_conformance.h"

namespace mizan::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

resources::AdmissionTable admission_for_widgets(resources::Admission row) {
  resources::AdmissionTable table;
  table[{"example.org/v1", "Widget"}] = std::move(row);
  return table;
}

Key widget(const std::string& name) { return Key(kWidgets, "default", name); }

TEST(LocalStoreAdmissionTest, DefaultsAfterTheSchemaAndValidatesLast) {
  std::vector<std::string> calls;
  resources::Admission row;
  row.apply_defaults = [&](Json& object) {
    calls.push_back("defaults " + string_at(object, "spec.color"));
    if (!object["spec"].contains("note")) object["spec"]["note"] = "filled in";
  };
  row.validate = [&](const Json& object, const Json* old) {
    calls.push_back("validate " + string_at(object, "spec.note") +
                    (old == nullptr ? " new" : " old"));
    resources::Admission::Verdict verdict;
    verdict.warnings.push_back("odd");
    return verdict;
  };
  MemoryStore memory(admission_for_widgets(row), table_with_widgets());

  const auto made = memory.run(memory.store.create(kWidgets, "default", a_widget("a"), {})).value();
  const Patch patch(PatchType::kMerge, {{"spec", {{"size", 2}}}});
  memory.run(memory.store.patch(widget("a"), "", patch, {})).value();

  EXPECT_THAT(calls, ElementsAre("defaults red", "validate filled in new", "defaults red",
                                 "validate filled in old"));
  EXPECT_THAT(made.warnings, ElementsAre("odd"));
}

TEST(LocalStoreAdmissionTest, RefusesWithEveryErrorOfAdmissionAndChangesNothing) {
  resources::Admission row;
  row.validate = [](const Json&, const Json*) {
    resources::Admission::Verdict verdict;
    verdict.errors = {{FieldReason::kInvalid, "spec.size", "Invalid value: 1: must be even"},
                      {FieldReason::kRequired, "spec.note", "Required value"}};
    return verdict;
  };
  MemoryStore memory(admission_for_widgets(row), table_with_widgets());

  const auto refused = memory.run(memory.store.create(kWidgets, "default", a_widget("a"), {}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_EQ(refused.error().message,
            "Widget.example.org \"a\" is invalid: [spec.size: Invalid value: 1: must be even, "
            "spec.note: Required value]");
  EXPECT_EQ(refused.error().fields.size(), 2U);
  EXPECT_FALSE(memory.run(memory.store.get(widget("a"))));
}

TEST(LocalStoreAdmissionTest, IsAskedBesideTheSchemaButNotAboutAStatus) {
  int asked = 0;
  resources::Admission row;
  row.validate = [&](const Json&, const Json*) {
    ++asked;
    return resources::Admission::Verdict();
  };
  MemoryStore memory(admission_for_widgets(row), table_with_widgets());
  memory.run(memory.store.create(kWidgets, "default", a_widget("a"), {})).value();
  const Patch patch(PatchType::kMerge, {{"status", {{"ready", 2}}}});

  memory.run(memory.store.patch(widget("a"), "status", patch, {})).value();
  EXPECT_EQ(asked, 1);

  EXPECT_FALSE(memory.run(memory.store.create(kWidgets, "default", a_widget("b", 0), {})));
  EXPECT_EQ(asked, 2) << "one refusal names what both find";
}

TEST(LocalStoreTest, StartsPodsAndJobsAsKubernetesDoes) {
  MemoryStore memory;
  const Json pod_template = {
      {"spec",
       {{"restartPolicy", "Never"}, {"containers", {{{"name", "main"}, {"image", "none"}}}}}}};
  const Json job = {{"metadata", {{"name", "j"}}}, {"spec", {{"template", pod_template}}}};
  Json pod = pod_template;
  pod["metadata"] = {{"name", "p"}};

  const Json made_pod = *memory.run(memory.store.create(kPods, "default", pod, {})).value().object;
  const Json made_job =
      *memory.run(memory.store.create({"batch", "jobs"}, "default", job, {})).value().object;

  EXPECT_EQ(made_pod["status"]["phase"], "Pending");
  EXPECT_EQ(made_pod["metadata"]["generation"], 1);
  const std::string uid = string_at(made_job, "metadata.uid");
  EXPECT_EQ(made_job["spec"]["selector"]["matchLabels"],
            Json({{"batch.kubernetes.io/controller-uid", uid}}));
  const Json& labels = made_job["spec"]["template"]["metadata"]["labels"];
  EXPECT_EQ(labels["job-name"], "j");
  EXPECT_EQ(labels["controller-uid"], uid);
}

TEST(LocalStoreTest, CountsNoGenerationsOfKindsThatHaveNone) {
  MemoryStore memory;

  const Json made =
      *memory.run(memory.store.create(kConfigMaps, "default", {{"metadata", {{"name", "c"}}}}, {}))
           .value()
           .object;

  EXPECT_FALSE(made["metadata"].contains("generation"));
}

TEST(LocalStoreTest, RefusesMetadataOfAnotherType) {
  MemoryStore memory({}, table_with_widgets());
  Json wanted = a_widget("a");
  wanted["metadata"]["name"] = true;

  const auto refused = memory.run(memory.store.create(kWidgets, "default", wanted, {}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "Widget in version \"v1\" cannot be handled as a Widget: json: cannot unmarshal bool "
            "into Go struct field "
            "ObjectMeta.name of type string");
  for (const Json& body : {Json(), Json(7), Json::array()}) {
    const auto shapeless = memory.run(memory.store.create(kWidgets, "default", body, {}));
    ASSERT_FALSE(shapeless) << body;
    EXPECT_EQ(shapeless.error().code, Code::kBadRequest);
  }
}

TEST(LocalStoreTest, KeepsStrangeBytesOutOfTheStore) {
  MemoryStore memory({}, table_with_widgets());
  memory.run(memory.store.create(kWidgets, "default", a_widget("a"), {})).value();
  const Patch patch(PatchType::kMerge, {{"status", {{"note", "bad \xff byte"}}}});

  const auto made = memory.run(memory.store.patch(widget("a"), "status", patch, {}));

  ASSERT_TRUE(made);
  EXPECT_EQ((*made->object)["status"]["note"], "bad \xEF\xBF\xBD byte");
  const auto entry = memory.run(memory.backend.get("/example.org/widgets/default/a")).value();
  EXPECT_THAT(*entry->value, HasSubstr("bad \xEF\xBF\xBD byte"));
  EXPECT_THAT(*entry->value, ::testing::Not(HasSubstr("resourceVersion")));
}

TEST(LocalStoreTest, RefusesObjectsPastThreeMebibytes) {
  MemoryStore memory({}, table_with_widgets());
  Json wanted = a_widget("a");
  wanted["spec"]["note"] = std::string(3 * 1024 * 1024, 'x');

  const auto refused = memory.run(memory.store.create(kWidgets, "default", wanted, {}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
}

TEST(LocalStoreTest, ReadsObjectsThatItHasForgottenFromTheBackend) {
  store::LocalStoreOptions options;
  options.cache_bytes = 1;  // nothing stays
  MemoryStore memory({}, table_with_widgets(), options);
  memory.run(memory.store.create(kWidgets, "default", a_widget("a"), {})).value();
  const Patch patch(PatchType::kMerge, {{"spec", {{"size", 2}}}});

  const auto made = memory.run(memory.store.patch(widget("a"), "", patch, {})).value();
  const auto read = memory.run(memory.store.get(widget("a"))).value();

  EXPECT_EQ(*read, *made.object);
  EXPECT_EQ((*read)["spec"]["size"], 2);
  EXPECT_EQ(memory.store.cached_bytes(), 0U);
}

TEST(FlakyStoreTest, FailsBeforeOrAfterTheWriteAsPlanned) {
  MemoryStore memory({}, table_with_widgets());
  FlakyStore flaky(memory.store);
  flaky.set_plan([](const FlakyStore::Call& call) -> std::optional<FlakyStore::Fault> {
    if (call.verb != "create") return std::nullopt;
    return FlakyStore::Fault{{Code::kUnavailable, "lost", {}}, call.name == "after"};
  });

  EXPECT_FALSE(memory.run(flaky.create(kWidgets, "default", a_widget("before"), {})));
  EXPECT_FALSE(memory.run(flaky.create(kWidgets, "default", a_widget("after"), {})));

  EXPECT_FALSE(memory.run(flaky.get(widget("before"))));
  EXPECT_TRUE(memory.run(flaky.get(widget("after"))));
  EXPECT_EQ(flaky.count("create"), 2);
  EXPECT_EQ(flaky.writes(), 2);
}

}  // namespace
}  // namespace mizan::testing
