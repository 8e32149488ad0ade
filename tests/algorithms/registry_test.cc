// The registry's rows: findable, documented, and refusing what they can't do.
#include "algorithms/registry.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mizan::algorithms {
namespace {

TEST(RegistryTest, ListsRowsByNameWithASummaryAndAMaker) {
  const auto names = algorithm_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const Algorithm& row : builtin_algorithms()) {
    EXPECT_FALSE(row.summary.empty()) << row.name;
    ASSERT_NE(row.make, nullptr) << row.name;
    EXPECT_NE(row.make(), nullptr) << row.name;
    EXPECT_EQ(find_algorithm(row.name), &row);
    EXPECT_TRUE(resolve(row).runs_as.empty()) << row.name;
  }
  EXPECT_EQ(find_algorithm("nonsense"), nullptr);
}

TEST(RegistryTest, HasSettingsWhoseDefaultsAreValidAndThatSayWhatTheyMean) {
  for (const Algorithm& row : builtin_algorithms()) {
    for (const SettingSpec& spec : row.settings) {
      EXPECT_FALSE(spec.meaning.empty()) << row.name << " " << spec.name;
      if (spec.otherwise.empty()) continue;
      const std::vector<NamedText> given = {{std::string(spec.name), std::string(spec.otherwise)}};
      EXPECT_TRUE(parse_settings(row.name, row.settings, given).errors.empty())
          << row.name << " " << spec.name;
    }
  }
}

TEST(RegistryTest, RefusesByCapability) {
  Problem problem;
  Parameter child = *make_categorical("child", {"a"});
  child.condition = Condition{1, {0}};
  problem.space = *SearchSpace::make({child, *make_categorical("w", {"a", "b"}),
                                      *make_double("x", {"0", "1", ""}, Distribution::kUniform)});
  problem.objectives = {{"a"}, {"b"}};
  problem.constraints = {{"c"}};
  problem.fidelity_parameter = 2;
  Algorithm row = *find_algorithm("grid");
  row.can = {.categorical = false, .continuous = false};

  const Findings findings = check_problem(row, problem, {}, 0);

  std::vector<std::string> messages;
  for (const auto& fault : findings.errors) messages.push_back(fault.message);
  EXPECT_EQ(messages, (std::vector<std::string>{
                          "algorithm grid can't work with more than one objective",
                          "algorithm grid can't work with constraints",
                          "algorithm grid can't work with conditional parameters (activeWhen)",
                          "algorithm grid can't work with a fidelity parameter",
                          "algorithm grid can't work with the categorical parameter \"child\"",
                          "algorithm grid can't work with the categorical parameter \"w\"",
                          "algorithm grid can't work with \"x\": a double needs a step here, all "
                          "parameters must have countable "
                          "values"}));
}

}  // namespace
}  // namespace mizan::algorithms
