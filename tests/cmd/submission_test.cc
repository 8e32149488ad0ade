// Files that mizan run takes, and what it says of those it can't.
#include "cmd/mizan/submission.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace mizan::cmd {
namespace {

using mizan::testing::TempDir;

class SubmissionTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::ofstream(temp_ / "e.yaml") << text;
    return (temp_ / "e.yaml").string();
  }
  std::string refusal_of(const std::string& text) {
    const auto read = read_submissions(write(text));
    EXPECT_FALSE(read);
    return read ? "" : read.error().message;
  }
  TempDir temp_;
};

constexpr const char* kExperimentYaml = R"(apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: a
spec:
  parameters:
  - name: lr
    feasibleSpace: {min: "2", max: "1"}
)";

TEST_F(SubmissionTest, EveryDocumentIsReadAndKnowsItsLines) {
  const auto read =
      read_submissions(write(std::string(kExperimentYaml) + "---\n" + kExperimentYaml));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).line_of("spec.parameters[0].name"), 7);
}

TEST_F(SubmissionTest, ARefusalNamesFileAndLine) {
  const auto read = read_submissions(write(kExperimentYaml));
  ASSERT_TRUE(read);
  const Json problem{{"detail", "invalid"},
                     {"errors", Json::array({{{"pointer", "/spec/parameters/0/name"},
                                              {"field", "spec.parameters[0].name"},
                                              {"detail", "is taken"}}})}};
  EXPECT_EQ(refusal_text(read->at(0), problem),
            (temp_ / "e.yaml").string() + ":7: spec.parameters[0].name: is taken\n");
  EXPECT_EQ(refusal_text(read->at(0), {{"detail", "no"}}), (temp_ / "e.yaml").string() + ": no\n");
}

TEST_F(SubmissionTest, WhatIsNoExperimentIsRefusedWhereItStands) {
  EXPECT_NE(
      refusal_of("kind: Job\n").find("e.yaml:1: kind: mizan run takes Experiments, this is Job"),
      std::string::npos);
  EXPECT_NE(refusal_of("").find("there is no Experiment in it"), std::string::npos);
  EXPECT_NE(refusal_of("a: [1\n").find("e.yaml:2:1: "), std::string::npos) << refusal_of("a: [1\n");
  EXPECT_NE(refusal_of("kind: Experiment\nspec: {}\nspec: {}\n").find("spec: is given twice"),
            std::string::npos);
  EXPECT_NE(read_submissions((temp_ / "absent").string()).error().message.find("can't be read"),
            std::string::npos);
}

TEST(DifferencesTest, OnlyWhatTheFileSaysOtherwiseCounts) {
  const Json existing = Json::parse(
      R"({"spec": {"maxTrialCount": 12, "parallelTrialCount": 3, "list": [1, 2], "deep": {"a": 1}}})");
  EXPECT_TRUE(
      differences(existing, Json::parse(R"({"spec": {"maxTrialCount": 12, "list": [1, 2]}})"))
          .empty());
  EXPECT_EQ(
      differences(
          existing,
          Json::parse(
              R"({"spec": {"maxTrialCount": 20, "list": [1, 3], "deep": {"a": 1, "b": 2}}})")),
      (std::vector<std::string>{"spec.deep.b: is absent, the file says 2",
                                "spec.list[1]: is 2, the file says 3",
                                "spec.maxTrialCount: is 12, the file says 20"}));
  EXPECT_EQ(differences(existing, Json::parse(R"({"spec": {"list": [1]}})")),
            (std::vector<std::string>{"spec.list: is [1,2], the file says [1]"}));
}

}  // namespace
}  // namespace mizan::cmd
