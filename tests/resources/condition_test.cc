// Conditions in Katib's order: what changed last stands last.
#include "resources/condition.h"

#include <gtest/gtest.h>

namespace mizan::resources {
namespace {

const Time kStart = *parse_rfc3339("2026-01-01T00:00:00Z");
const Time kLater = kStart + std::chrono::seconds(5);

std::vector<std::string> types(const Json& conditions) {
  std::vector<std::string> names;
  for (const Json& condition : conditions) {
    names.push_back(condition["type"].get<std::string>() + "=" +
                    condition["status"].get<std::string>());
  }
  return names;
}

TEST(SetCondition, MakesTheListAndWritesBothTimes) {
  Json conditions;
  EXPECT_TRUE(
      set_condition(conditions, {"Created", true, "TrialCreated", "Trial is created"}, kStart));
  EXPECT_EQ(conditions, Json::parse(R"([{"type":"Created","status":"True","reason":"TrialCreated",
    "message":"Trial is created","lastUpdateTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}])"));
}

TEST(SetCondition, IgnoresAChangeOfTheMessageAlone) {
  Json conditions;
  set_condition(conditions, {"Running", true, "R", "one"}, kStart);
  const Json before = conditions;
  EXPECT_FALSE(set_condition(conditions, {"Running", true, "R", "two"}, kLater));
  EXPECT_EQ(conditions, before);
}

TEST(SetCondition, MovesAChangedConditionToTheEnd) {
  Json conditions;
  set_condition(conditions, {"Created", true, "C", ""}, kStart);
  set_condition(conditions, {"Running", true, "R", ""}, kStart);
  EXPECT_TRUE(set_condition(conditions, {"Created", true, "Other", ""}, kLater));
  EXPECT_EQ(types(conditions), (std::vector<std::string>{"Running=True", "Created=True"}));
}

TEST(SetCondition, KeepsTheTransitionTimeUnlessTheStatusChanges) {
  Json conditions;
  set_condition(conditions, {"Running", true, "A", ""}, kStart);
  set_condition(conditions, {"Running", true, "B", ""}, kLater);
  EXPECT_EQ(conditions[0]["lastTransitionTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(conditions[0]["lastUpdateTime"], "2026-01-01T00:00:05Z");
  set_condition(conditions, {"Running", false, "B", ""}, kLater);
  EXPECT_EQ(conditions[0]["lastTransitionTime"], "2026-01-01T00:00:05Z");
}

TEST(FindCondition, ReadsStatusAndWords) {
  const Json object = Json::parse(R"({"status":{"conditions":[
    {"type":"Running","status":"False","reason":"r","message":"m"},{"type":"Succeeded","status":"True"}]}})");
  ASSERT_TRUE(find_condition(object, "Running"));
  EXPECT_FALSE(find_condition(object, "Running")->status);
  EXPECT_EQ(find_condition(object, "Running")->message, "m");
  EXPECT_FALSE(has_condition(object, "Running"));
  EXPECT_TRUE(has_condition(object, "Succeeded"));
  EXPECT_FALSE(find_condition(object, "Failed"));
}

TEST(LastCondition, IsTheLastThatHolds) {
  const auto last = [](const char* conditions) {
    return last_condition_type({{"status", {{"conditions", Json::parse(conditions)}}}});
  };
  EXPECT_EQ(last(R"([{"type":"Created","status":"True"},{"type":"Running","status":"False"}])"),
            "Created");
  EXPECT_EQ(last(R"([{"type":"Created","status":"True"},{"type":"Running","status":"True"}])"),
            "Running");
  EXPECT_EQ(last("[]"), "");
  EXPECT_EQ(last("[3, null]"), "");
  EXPECT_EQ(last_condition_type(Json()), "");
}

}  // namespace
}  // namespace mizan::resources
