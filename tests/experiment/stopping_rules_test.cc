// Early-stopping rules of a trial's own, as Katib tests them.
#include "experiment/stopping_rules.h"

#include <gtest/gtest.h>

#include "tests/experiment/builders.h"

namespace mizan::experiment {
namespace {

struct Rule {
  const char* name;
  const char* value;
  const char* comparison;
  int start_step = 0;
};

resources::Trial trial_with(const std::vector<Rule>& rules, const char* type = "minimize") {
  Json object = testing::trial_object("t");
  object["spec"]["objective"]["type"] = type;
  for (const Rule& rule : rules) {
    object["spec"]["earlyStoppingRules"].push_back({{"name", rule.name},
                                                    {"value", rule.value},
                                                    {"comparison", rule.comparison},
                                                    {"startStep", rule.start_step}});
  }
  return resources::read_trial(object);
}

/// How many values of `said` ("loss=1") were taken when the rules wanted the end; 0: never.
std::size_t stopped_at(const resources::Trial& trial, const std::vector<std::string>& said) {
  StoppingRules rules(trial);
  for (std::size_t i = 0; i < said.size(); ++i) {
    const std::size_t equals = said[i].find('=');
    rules.add({said[i].substr(0, equals), said[i].substr(equals + 1), std::nullopt, std::nullopt});
    if (!rules.verdict().empty()) return i + 1;
  }
  return 0;
}

TEST(StoppingRulesTest, StopWhenEveryRuleHasHeld) {
  const struct {
    const char* what;
    std::vector<Rule> rules;
    const char* type;
    std::vector<std::string> said;
    std::size_t stopped;
  } cases[] = {
      {"no rules", {}, "minimize", {"loss=9"}, 0},
      {"too high", {{"loss", "2", "greater"}}, "minimize", {"loss=3"}, 1},
      {"never", {{"loss", "2", "greater"}}, "minimize", {"loss=1", "loss=1"}, 0},
      {"the best so far counts",
       {{"loss", "2", "greater", 3}},
       "minimize",
       {"loss=1", "loss=5", "loss=5"},
       0},
      {"not before its step",
       {{"loss", "2", "greater", 3}},
       "minimize",
       {"loss=5", "loss=4", "loss=3"},
       3},
      {"an additional metric after its step goes on being tested",
       {{"acc", "0.5", "less", 2}},
       "minimize",
       {"acc=0.1", "acc=0.9", "acc=0.2"},
       3},
      {"other metrics don't count as steps",
       {{"loss", "2", "greater", 2}},
       "minimize",
       {"loss=5", "acc=1", "loss=5"},
       3},
      {"maximize takes the highest",
       {{"loss", "0.5", "less"}},
       "maximize",
       {"loss=0.7", "loss=0.1"},
       0},
      {"maximize stops the low", {{"loss", "0.5", "less"}}, "maximize", {"loss=0.4"}, 1},
      {"equal", {{"acc", "1", "equal"}}, "minimize", {"acc=0.5", "acc=1.0"}, 2},
      {"both",
       {{"loss", "2", "greater"}, {"acc", "0.5", "less"}},
       "minimize",
       {"loss=3", "loss=3", "acc=0.1"},
       3},
      {"each may hold at its own time",
       {{"acc", "0.5", "less"}, {"f1", "0.5", "less"}},
       "minimize",
       {"acc=0.1", "acc=0.9", "f1=0.2"},
       3},
      {"what is no number is passed over",
       {{"loss", "2", "greater"}},
       "minimize",
       {"loss=nan", "loss=?", "loss=3"},
       3},
      {"infinity counts", {{"loss", "2", "greater"}}, "minimize", {"loss=inf"}, 1},
      {"a bound that is no number never holds",
       {{"loss", "soon", "greater"}},
       "minimize",
       {"loss=3"},
       0},
      {"an unknown comparison never holds", {{"loss", "1", "near"}}, "minimize", {"loss=1"}, 0},
  };
  for (const auto& one : cases)
    EXPECT_EQ(stopped_at(trial_with(one.rules, one.type), one.said), one.stopped) << one.what;
}

TEST(StoppingRulesTest, SayWhyInASentence) {
  StoppingRules rules(trial_with({{"loss", "2", "greater"}}));
  rules.add({"loss", "3", std::nullopt, std::nullopt});
  EXPECT_EQ(rules.verdict(), "loss is 3 at report 1, which is greater than 2 (earlyStoppingRules)");
}

}  // namespace
}  // namespace mizan::experiment
