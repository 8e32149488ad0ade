// Suggestions: reading, and drawn points both ways.
#include "resources/suggestion.h"

#include <gtest/gtest.h>

namespace mizan::resources {
namespace {

TEST(ReadSuggestion, ReadsEveryField) {
  const Suggestion s = read_suggestion(
      Json::parse(R"({"metadata":{"name":"e","namespace":"n","uid":"u","resourceVersion":"3"},
    "spec":{"algorithm":{"algorithmName":"grid"},"requests":9},
    "status":{"suggestionCount":7,"exhausted":true,"algorithmState":"v1:x","suggestions":[
      {"name":"e-1","parameterAssignments":[{"name":"lr","value":"0.1"}],"labels":{"a":"b"},"why":"because",
       "suggestedFrom":{"draw":6},"earlyStoppingRules":[{"name":"m","value":"1","comparison":"less"}]}]}})"));
  EXPECT_EQ(s.ns + "/" + s.name, "n/e");
  EXPECT_EQ(s.algorithm.name, "grid");
  EXPECT_EQ(s.requests, 9);
  EXPECT_EQ(s.count, 7);
  EXPECT_TRUE(s.exhausted);
  EXPECT_EQ(s.state, "v1:x");
  ASSERT_EQ(s.suggestions.size(), 1U);
  EXPECT_EQ(s.suggestions[0].suggested_from["draw"], 6);
  EXPECT_EQ(s.suggestions[0].why, "because");
  EXPECT_EQ(s.raw["metadata"]["uid"], "u");
  EXPECT_EQ(s.raw["status"],
            (Json{{"suggestionCount", 7}, {"exhausted", true}, {"algorithmState", "v1:x"}}))
      << "the draws are not kept twice";
}

TEST(TrialAssignmentJson, GoesBothWays) {
  const TrialAssignment drawn{"e-1",        {{"lr", "0.1"}}, {{"m", "1", "less", 2}},
                              {{"a", "b"}}, {{"draw", 3}},   "why"};
  const Suggestion s = read_suggestion({{"status", {{"suggestions", {to_json(drawn)}}}}});
  ASSERT_EQ(s.suggestions.size(), 1U);
  const TrialAssignment& read = s.suggestions[0];
  EXPECT_EQ(read.name, drawn.name);
  EXPECT_EQ(read.assignments, drawn.assignments);
  EXPECT_EQ(read.stopping_rules, drawn.stopping_rules);
  EXPECT_EQ(read.labels, drawn.labels);
  EXPECT_EQ(read.suggested_from, drawn.suggested_from);
  EXPECT_EQ(read.why, drawn.why);
}

TEST(TrialAssignmentJson, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(to_json(TrialAssignment{"e-1", {}, {}, {}, nullptr, ""}),
            Json::parse(R"({"name":"e-1","parameterAssignments":[]})"));
}

}  // namespace
}  // namespace mizan::resources
