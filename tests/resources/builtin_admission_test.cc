// What happens to Kubernetes' own kinds on their way in.
#include "resources/builtin_admission.h"

#include <gtest/gtest.h>

namespace mizan::resources {
namespace {

Json defaulted(const char* api_version, const char* kind, Json object) {
  AdmissionTable table;
  add_builtin_admission(table);
  table[{api_version, kind}].apply_defaults(object);
  return object;
}

TEST(BuiltinAdmissionTest, AJobRunsOnePodUnlessItSaysMore) {
  const Json plain = defaulted("batch/v1", "Job", {{"spec", Json::object()}});
  EXPECT_EQ(plain["spec"], (Json{{"completions", 1}, {"parallelism", 1}, {"backoffLimit", 6}}));
  EXPECT_EQ(plain["status"], Json::object());
  const Json queue = defaulted("batch/v1", "Job", {{"spec", {{"parallelism", 2}}}});
  EXPECT_FALSE(queue["spec"].contains("completions"));
  const Json strict = defaulted("batch/v1", "Job", {{"spec", {{"backoffLimit", 0}}}});
  EXPECT_EQ(strict["spec"]["backoffLimit"], 0);
}

TEST(BuiltinAdmissionTest, TextsOfASecretAreStoredAsBytes) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""}, {"b", "Yg=="}, {"bc", "YmM="}, {"bcd", "YmNk"}, {"bcde", "YmNkZQ=="}};
  for (const auto& [text, bytes] : cases) {
    const Json secret = defaulted("v1", "Secret", {{"stringData", {{"a", text}}}});
    EXPECT_EQ(secret["data"]["a"], bytes);
    EXPECT_FALSE(secret.contains("stringData"));
  }
}

TEST(BuiltinAdmissionTest, ADefinitionIsReadBeforeItIsStored) {
  AdmissionTable table;
  add_builtin_admission(table);
  const auto& judge = table[{"apiextensions.k8s.io/v1", "CustomResourceDefinition"}].validate;
  Json crd = Json::parse(R"({"metadata": {"name": "widgets.example.org"}, "spec": {
    "group": "example.org", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
    "versions": [{"name": "v1", "served": true, "storage": true,
      "schema": {"openAPIV3Schema": {"type": "object",
        "x-kubernetes-validations": [{"rule": "true"}]}}}]}})");
  const auto good = judge(crd, nullptr);
  EXPECT_TRUE(good.errors.empty());
  EXPECT_EQ(good.warnings.size(), 1U) << "rules are not evaluated, and that is said";
  crd["spec"]["versions"][0].erase("schema");
  EXPECT_FALSE(judge(crd, nullptr).errors.empty());
}

}  // namespace
}  // namespace mizan::resources
