// Paired differences, and configurations from wherever a user has them.
#include "examples/rag/trial/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "examples/rag/trial/random.h"
#include "tests/support/temp_dir.h"

namespace mizan::rag {
namespace {

using ::testing::HasSubstr;

TEST(PairedDifference, SeesASmallGainThroughLargeDifferencesBetweenQuestions) {
  Random random(3, 1);
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int at = 0; at < 200; ++at) {
    const double hard = random.uniform();
    theirs.push_back(hard);
    ours.push_back(hard + 0.02 + 0.02 * (random.uniform() - 0.5));
  }
  const PairedDifference gap = paired_difference(ours, theirs);
  EXPECT_NEAR(gap.mean, 0.02, 0.002);
  EXPECT_GT(gap.low, 0.017);
  EXPECT_LT(gap.high, 0.023);
  EXPECT_LT(gap.low, gap.mean);
}

TEST(PairedDifference, OfNoiseHoldsZero) {
  Random random(4, 1);
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int at = 0; at < 200; ++at) {
    ours.push_back(random.uniform());
    theirs.push_back(random.uniform());
  }
  const PairedDifference gap = paired_difference(ours, theirs);
  EXPECT_LT(gap.low, 0);
  EXPECT_GT(gap.high, 0);
  EXPECT_EQ(paired_difference({}, {}).questions, 0U);
}

TEST(Configuration, IsReadFromWordsPairsAndTrials) {
  EXPECT_TRUE(read_configuration("default")->empty());
  EXPECT_EQ(read_configuration("naive")->at("hybrid_alpha"), "1");
  EXPECT_EQ(*read_configuration("top_k=3,chunk_size=40"),
            (Assignments{{"top_k", "3"}, {"chunk_size", "40"}}));
  const mizan::testing::TempDir folder;
  const auto file = [&](const std::string& text) {
    std::ofstream(folder / "c.json") << text;
    return read_configuration((folder / "c.json").string());
  };
  const Assignments expected{{"top_k", "3"}, {"rerank", "1"}};
  EXPECT_EQ(*file(R"({"top_k": 3, "rerank": "1"})"), expected);
  EXPECT_EQ(
      *file(
          R"({"kind": "Trial", "spec": {"parameterAssignments": [{"name": "top_k", "value": "3"}, {"name": "rerank", "value": "1"}]}})"),
      expected);
  EXPECT_EQ(
      *file(
          R"({"kind": "Experiment", "spec": {}, "status": {"currentOptimalTrial": {"parameterAssignments": [{"name": "top_k", "value": "3"}, {"name": "rerank", "value": "1"}]}}})"),
      expected);
  EXPECT_EQ(*file(R"({"trial": {"name": "t", "assignments": {"top_k": "3", "rerank": "1"}}})"),
            expected);
  EXPECT_FALSE(file("{\"spec\": {\"x\": 1}}"));
  EXPECT_FALSE(file("[1]"));
  const auto unknown = read_configuration("best");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("default, naive"));
}

}  // namespace
}  // namespace mizan::rag
