// Rendering, with the faults of text replacement mended.
#include "experiment/trial_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mizan::experiment {
namespace {

using ::testing::HasSubstr;

TemplateInput input(const char* spec) {
  TemplateInput made;
  made.spec = Json::parse(spec);
  made.trial_name = "random-abc";
  made.trial_ns = "kubeflow";
  return made;
}

const char* const kJob = R"({"apiVersion": "batch/v1", "kind": "Job",
  "metadata": {"generateName": "x-", "labels": {"app": "mnist"}, "annotations": {"note": "hi"}},
  "spec": {"parallelism": "${trialParameters.n}", "template": {"spec": {"containers": [
    {"name": "training", "command": ["sh", "-c", "train --lr=${trialParameters.lr} --lr2=${trialParameters.lr}"],
     "env": [{"name": "LR", "value": "${trialParameters.lr}"}]}]}}}})";

TemplateInput job(const std::string& lr, const std::string& n) {
  TemplateInput made = input(kJob);
  made.parameters = {{"lr", "", "learningRate"}, {"n", "", "workers"}};
  made.assignments = {{"learningRate", lr}, {"workers", n}};
  return made;
}

TEST(TrialTemplateTest, PutsValuesWhereThePlaceholdersAreAndNamesTheTrial) {
  const auto rendered = render_trial(job("0.01", "3"));

  ASSERT_TRUE(rendered) << rendered.error().message;
  const Json& container = (*rendered)["spec"]["template"]["spec"]["containers"][0];
  EXPECT_EQ(container["command"][2], "train --lr=0.01 --lr2=0.01");
  EXPECT_EQ(container["env"][0]["value"], "0.01");
  EXPECT_EQ((*rendered)["metadata"]["name"], "random-abc");
  EXPECT_EQ((*rendered)["metadata"]["namespace"], "kubeflow");
  EXPECT_FALSE((*rendered)["metadata"].contains("generateName"));
}

TEST(TrialTemplateTest, AnyValueStaysWithinItsString) {
  for (const char* value : {R"(")", R"(\)", R"(","evil":")", "a: b\nc: d", "{}",
                            "${trialParameters.n}", "\xC3\xA4", ""}) {
    const auto rendered = render_trial(job(value, "3"));

    ASSERT_TRUE(rendered) << value;
    EXPECT_EQ((*rendered)["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"], value);
  }
}

TEST(TrialTemplateTest, AWholePlaceholderTakesTheTypeThatTheSchemaWants) {
  const Json schema =
      Json::parse(R"({"type": "object", "properties": {"spec": {"type": "object", "properties": {
    "parallelism": {"type": "integer"}, "rate": {"type": "number"}, "flag": {"type": "boolean"}, "text": {"type": "string"},
    "list": {"type": "array", "items": {"type": "integer"}},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}}}}}})");
  TemplateInput made = input(R"({"apiVersion": "v1", "kind": "X", "spec": {
    "parallelism": "${trialParameters.n}", "rate": "${trialParameters.r}", "flag": "${trialParameters.f}",
    "text": "${trialParameters.n}", "list": ["${trialParameters.n}"], "map": {"any": "${trialParameters.n}"},
    "unknown": "${trialParameters.n}"}})");
  made.parameters = {{"n", "", "n"}, {"r", "", "r"}, {"f", "", "f"}};
  made.assignments = {{"n", "3"}, {"r", "1e-3"}, {"f", "true"}};
  made.schema = &schema;

  const auto rendered = render_trial(made);

  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ((*rendered)["spec"],
            Json::parse(R"({"parallelism": 3, "rate": 0.001, "flag": true, "text": "3", "list": [3],
    "map": {"any": 3}, "unknown": "3"})"));
}

TEST(TrialTemplateTest, SaysWhichFieldAValueDoesNotFit) {
  const Json schema = Json::parse(
      R"({"properties": {"spec": {"properties": {"parallelism": {"type": "integer"}}}}})");
  TemplateInput made = job("0.01", "2.5");
  made.schema = &schema;

  const auto rendered = render_trial(made);

  ASSERT_FALSE(rendered);
  ASSERT_EQ(rendered.error().fields.size(), 1U);
  EXPECT_EQ(rendered.error().fields[0].path, "spec.trialTemplate.trialSpec.spec.parallelism");
  EXPECT_EQ(rendered.error().fields[0].message,
            "must be of type integer, but the parameter's value is \"2.5\"");
}

TEST(TrialTemplateTest, ReferencesToMetadataGiveWhatTheTrialAndTheTemplateHave) {
  TemplateInput made = input(kJob);
  made.spec["spec"] = {
      {"all",
       "${trialParameters.a} ${trialParameters.b} ${trialParameters.c} ${trialParameters.d} "
       "${trialParameters.e} ${trialParameters.f}"}};
  made.parameters = {
      {"a", "", "${trialSpec.Name}"},        {"b", "", "${trialSpec.Namespace}"},
      {"c", "", "${trialSpec.Kind}"},        {"d", "", "${trialSpec.APIVersion}"},
      {"e", "", "${trialSpec.Labels[app]}"}, {"f", "", "${trialSpec.Annotations[note]}"}};

  const auto rendered = render_trial(made);

  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ((*rendered)["spec"]["all"], "random-abc kubeflow Job batch/v1 mnist hi");
}

TEST(TrialTemplateTest, ReportsEveryReferenceToNothing) {
  TemplateInput made = input(kJob);
  made.parameters = {{"lr", "", "learning"},
                     {"n", "", "${trialSpec.Labels[none]}"},
                     {"x", "", "${trialSpec.Nothing}"}};

  const auto rendered = render_trial(made);

  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().code, Code::kInvalid);
  ASSERT_EQ(rendered.error().fields.size(), 3U);
  EXPECT_EQ(rendered.error().fields[0].path, "spec.trialTemplate.trialParameters[0].reference");
  EXPECT_THAT(rendered.error().fields[0].message,
              HasSubstr("\"learning\" is not the name of a search parameter"));
  EXPECT_THAT(rendered.error().fields[1].message, HasSubstr("no entry \"none\" in labels"));
  EXPECT_THAT(rendered.error().fields[2].message, HasSubstr("${trialSpec.Nothing} is not known"));
}

TEST(TrialTemplateTest, ReportsAPlaceholderWithoutATrialParameter) {
  TemplateInput made = job("1", "1");
  made.parameters.pop_back();

  const auto rendered = render_trial(made);

  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().fields[0].path, "spec.trialTemplate.trialSpec.spec.parallelism");
  EXPECT_THAT(rendered.error().fields[0].message, HasSubstr("no entry named \"n\""));
}

TEST(TrialTemplateTest, AnInactiveParameterGetsItsInactiveValue) {
  TemplateInput made = job("0.1", "1");
  made.assignments.pop_back();
  resources::Parameter workers;
  workers.name = "workers";
  workers.active_parent = "kernel";
  workers.inactive_value = "0";
  made.space = {workers};

  const auto rendered = render_trial(made);

  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ((*rendered)["spec"]["parallelism"], "0");
}

TEST(TrialTemplateTest, ReplacesInKeysToo) {
  TemplateInput made = input(
      R"({"apiVersion": "v1", "kind": "X", "metadata": {"annotations": {"lr-${trialParameters.lr}": "x"}}})");
  made.parameters = {{"lr", "", "lr"}};
  made.assignments = {{"lr", "1"}};

  EXPECT_EQ((*render_trial(made))["metadata"]["annotations"], (Json{{"lr-1", "x"}}));
}

TEST(TrialTemplateTest, RefusesWhatIsNoObject) {
  EXPECT_FALSE(render_trial(input("[]")));
  const auto rendered = render_trial(input(R"({"apiVersion": "v1"})"));
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().fields[0].path, "spec.trialTemplate.trialSpec.kind");
}

TEST(TrialTemplateTest, LeavesOtherDollarSignsAlone) {
  TemplateInput made = input(
      R"({"apiVersion": "v1", "kind": "X", "a": "${HOME} $${x} ${trialParameters.open", "b": 3})");

  const auto rendered = render_trial(made);

  ASSERT_TRUE(rendered);
  EXPECT_EQ((*rendered)["a"], "${HOME} $${x} ${trialParameters.open");
  EXPECT_EQ((*rendered)["b"], 3);
}

}  // namespace
}  // namespace mizan::experiment
