// The GJSON subset, as a table, and what it says about paths that it doesn't take.
#include "experiment/condition_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mizan::experiment {
namespace {

const Json kJob = Json::parse(R"({
  "status": {
    "succeeded": 1, "phase": "Succeeded", "ready": true, "none": null, "empty": [],
    "odd.key": "dotted",
    "numbers": [3, 1, 2],
    "conditions": [
      {"type": "SuccessCriteriaMet", "status": "True", "reason": "CompletionsReached"},
      {"type": "Complete", "status": "True", "reason": "CompletionsReached", "message": "Reached expected number of succeeded pods"},
      {"type": "Failed", "status": "False"}
    ],
    "replicas": [{"name": "a", "state": {"code": 0}}, {"name": "b", "state": {"code": 7}}, {"name": "c"}]
  }})");

struct Case {
  const char* path;
  const char* result;  // JSON; empty: nothing there
};

class EvaluateTest : public ::testing::TestWithParam<Case> {};

TEST_P(EvaluateTest, GivesWhatGjsonGives) {
  const auto parsed = ConditionExpression::parse(GetParam().path);
  ASSERT_TRUE(parsed) << parsed.error().message;

  const std::optional<Json> result = parsed->evaluate(kJob);

  EXPECT_EQ(result ? result->dump() : "",
            *GetParam().result ? Json::parse(GetParam().result).dump() : "")
      << GetParam().path;
}

INSTANTIATE_TEST_SUITE_P(
    Table, EvaluateTest,
    ::testing::Values(
        Case{"status.phase", "\"Succeeded\""}, Case{"status.nothing", ""},
        Case{"status.phase.deeper", ""}, Case{R"(status.odd\.key)", "\"dotted\""},
        Case{"status.numbers.1", "1"}, Case{"status.numbers.7", ""}, Case{"status.numbers.#", "3"},
        Case{"status.empty.#", "0"}, Case{"status|phase", "\"Succeeded\""},
        Case{"status.conditions.#.type", R"(["SuccessCriteriaMet","Complete","Failed"])"},
        Case{"status.replicas.#.state.code", "[0,7]"}, Case{"status.replicas.#.state.code|0", "0"},
        Case{R"(status.conditions.#(type=="Failed").status)", "\"False\""},
        Case{R"(status.conditions.#(type=="Absent").status)", ""},
        Case{R"(status.conditions.#(type=="Absent")#)", "[]"},
        Case{R"(status.conditions.#(status=="True")#.type)",
             R"(["SuccessCriteriaMet","Complete"])"},
        Case{R"(status.conditions.#(type=="Failed")#|#(status=="True")#)", "[]"},
        Case{R"(status.conditions.#(type=="Failed")#.#(status=="True")#)", "[]"},
        Case{R"(status.conditions.#(type=="Failed")#|0)", R"({"type":"Failed","status":"False"})"},
        Case{R"(status.conditions.#(message).type)", "\"Complete\""},
        Case{R"(status.conditions.#(type%"Comp*").type)", "\"Complete\""},
        Case{R"(status.conditions.#(type!%"*C*")#.type)", R"(["Failed"])"},
        Case{R"(status.conditions.#( type == "Failed" ).status)", "\"False\""},
        Case{"status.numbers.#(>1)#", "[3,2]"}, Case{"status.numbers.#(<=1)", "1"},
        Case{"status.numbers.#(!=3)#", "[1,2]"},
        Case{R"(status.replicas.#(state.code>=1).name)", "\"b\""},
        Case{R"(status.replicas.#(state.code=="7"))", ""},  // a string is not a number
        Case{"status.[@this].#(succeeded==1).phase", "\"Succeeded\""},
        Case{"status.[@this].#(ready==true).phase", "\"Succeeded\""},
        Case{"status.[@this].#(none==null).phase", "\"Succeeded\""},
        Case{"status.[@this].#(succeeded==2)", ""}, Case{"@this.status.phase", "\"Succeeded\""},
        Case{"status.[phase,succeeded,absent]", R"(["Succeeded",1])"}));

struct Holds {
  const char* path;
  bool holds;
};

TEST(ConditionExpressionTest, HoldsForObjectsAndFilledArraysOnly) {
  for (const Holds& one :
       {Holds{R"(status.conditions.#(type=="Complete")#|#(status=="True")#)", true},
        Holds{R"(status.conditions.#(type=="Failed")#|#(status=="True")#)", false},
        Holds{R"(status.[@this].#(phase=="Succeeded")#)", true},
        Holds{R"(status.[@this].#(phase=="Failed")#)", false},
        Holds{R"(status.[@this].#(succeeded==1))", true},
        Holds{"status.succeeded", false},  // a scalar never counts
        Holds{"status.ready", false}, Holds{"status.empty", false}, Holds{"status.absent", false},
        Holds{"status", true}}) {
    EXPECT_EQ(ConditionExpression::parse(one.path)->test(kJob).holds, one.holds) << one.path;
  }
}

TEST(ConditionExpressionTest, TellsReasonAndMessageOfTheFirstMatch) {
  const auto verdict =
      ConditionExpression::parse(R"(status.conditions.#(type=="Complete")#|#(status=="True")#)")
          ->test(kJob);

  EXPECT_EQ(verdict.reason, "CompletionsReached");
  EXPECT_EQ(verdict.message, "Reached expected number of succeeded pods");
}

TEST(ConditionExpressionTest, SaysWhereAPathStopsBeingOne) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "empty"},
      {"status.", "at character 8: expected a key"},
      {R"(status.#(type=="Complete")", "expected ) at the end of the query"},
      {R"(status.#(type=="Complete)#)", "no closing quote"},
      {R"(status.#(type==Complete)#)", "expected a string in double quotes"},
      {R"(status.#(type == ))", "expected a string in double quotes"},
      {R"(status.#(type ~ "x"))", "expected one of == !="},
      {"status.*", "wildcards"},
      {"status.@reverse", "only @this"},
      {"status.[@this", "expected ]"},
      {R"(status\)", "backslash"}};
  for (const auto& [path, message] : cases) {
    const auto parsed = ConditionExpression::parse(path);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().code, Code::kInvalid);
    EXPECT_THAT(parsed.error().message, ::testing::HasSubstr(message)) << path;
  }
}

TEST(ConditionExpressionTest, RefusesEndlessNestingAndLength) {
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += "#(a";
  EXPECT_FALSE(ConditionExpression::parse(nested));
  EXPECT_FALSE(ConditionExpression::parse(std::string(100'000, 'a')));
}

TEST(ConditionExpressionTest, TakesAnyDocument) {
  const auto condition =
      ConditionExpression::parse(R"(status.conditions.#(type=="Complete")#|#(status=="True")#)");
  for (const char* text :
       {"null", "[]", "3", "\"x\"", R"({"status":null})", R"({"status":{"conditions":{}}})",
        R"({"status":{"conditions":[null,1,"x",[],{"type":3}]}})"}) {
    EXPECT_FALSE(condition->test(Json::parse(text)).holds) << text;
  }
}

}  // namespace
}  // namespace mizan::experiment
