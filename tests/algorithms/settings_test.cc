// Settings by table: values, defaults, messages.
#include "algorithms/settings.h"

#include <gtest/gtest.h>

#include <array>

#include "algorithms/nearest_name.h"

namespace mizan::algorithms {
namespace {

constexpr std::array<std::string_view, 2> kWords = {"ipop", "none"};
const std::array kSpecs = {
    SettingSpec{.name = "random_state",
                .type = SettingType::kInt,
                .min = 0,
                .max = 100,
                .words = {},
                .otherwise = "",
                .range_text = "should be greater than or equal to zero",
                .meaning = "",
                .note = ""},
    SettingSpec{.name = "gamma",
                .type = SettingType::kNumber,
                .min = 0,
                .max = 1,
                .min_open = true,
                .max_open = true,
                .words = {},
                .otherwise = "0.25",
                .range_text = "should be in the range of (0, 1)",
                .meaning = "",
                .note = ""},
    SettingSpec{.name = "restart_strategy",
                .type = SettingType::kWord,
                .words = kWords,
                .otherwise = "none",
                .range_text = "",
                .meaning = "",
                .note = ""},
    SettingSpec{.name = "acq_optimizer",
                .type = SettingType::kText,
                .words = {},
                .otherwise = "",
                .range_text = "",
                .meaning = "",
                .use = SettingUse::kIgnored,
                .note = "ignored; gradients are always used"},
};

ParsedSettings parse(std::vector<NamedText> given) {
  return parse_settings("cmaes", kSpecs, given);
}

TEST(SettingsTest, FillsInDefaultsAndReadsWhatIsGiven) {
  const ParsedSettings parsed = parse({{"random_state", "7"}, {"restart_strategy", "ipop"}});
  EXPECT_TRUE(parsed.errors.empty());
  EXPECT_EQ(parsed.settings.integer("random_state"), 7);
  EXPECT_EQ(parsed.settings.number("gamma"), 0.25);
  EXPECT_EQ(parsed.settings.text("restart_strategy"), "ipop");
  EXPECT_FALSE(parse({}).settings.has("random_state"));
}

TEST(SettingsTest, SaysWhatIsWrongAndWhatWouldBeRight) {
  const std::array<std::pair<NamedText, std::string>, 7> cases = {{
      {{"random_state", "-1"}, "random_state should be greater than or equal to zero, got -1"},
      {{"random_state", "1.5"}, "random_state must be a whole number, got \"1.5\""},
      {{"random_state", "seven"}, "random_state must be a whole number, got \"seven\""},
      {{"gamma", "1"}, "gamma should be in the range of (0, 1), got 1"},
      {{"gamma", "nan"}, "gamma must be a number, got \"nan\""},
      {{"restart_strategy", "bipop"},
       "restart_strategy \"bipop\" is not supported; it can be ipop, none"},
      {{"randomstate", "1"},
       "unknown setting randomstate for algorithm cmaes (did you mean \"random_state\"?); it has "
       "random_state, gamma, "
       "restart_strategy, acq_optimizer"},
  }};
  for (const auto& [given, message] : cases) {
    const ParsedSettings parsed = parse({given});
    ASSERT_EQ(parsed.errors.size(), 1U) << given.value;
    EXPECT_EQ(parsed.errors[0].message, message);
  }
}

TEST(SettingsTest, ReportsEveryErrorAtItsPlace) {
  const ParsedSettings parsed = parse({{"gamma", "2"}, {"random_state", "3"}, {"nonsense", ""}});
  ASSERT_EQ(parsed.errors.size(), 2U);
  EXPECT_EQ(parsed.errors[0].index, 0U);
  EXPECT_FALSE(parsed.errors[0].at_name);
  EXPECT_EQ(parsed.errors[1].index, 2U);
  EXPECT_TRUE(parsed.errors[1].at_name);
}

TEST(SettingsTest, WarnsOfIgnoredAndRepeatedSettings) {
  const ParsedSettings parsed =
      parse({{"acq_optimizer", "auto"}, {"gamma", "0.1"}, {"gamma", "0.2"}});
  EXPECT_EQ(parsed.warnings,
            (std::vector<std::string>{
                "setting acq_optimizer of algorithm cmaes: ignored; gradients are always used",
                "setting gamma is given twice; the last value, 0.2, counts"}));
  EXPECT_EQ(parsed.settings.number("gamma"), 0.2);
}

TEST(SettingsTest, HashesByContent) {
  EXPECT_EQ(parse({{"gamma", "0.5"}}).settings.hash(), parse({{"gamma", "5e-1"}}).settings.hash());
  EXPECT_NE(parse({{"gamma", "0.5"}}).settings.hash(), parse({}).settings.hash());
}

TEST(NearestNameTest, FindsWhatAMisspeltNameStandsFor) {
  const std::array<std::string_view, 4> names = {"random", "grid", "tpe", "bayesianoptimization"};
  EXPECT_EQ(nearest_name("radnom", names), "random");
  EXPECT_EQ(nearest_name("gird", names), "grid");
  EXPECT_EQ(nearest_name("bayesianoptimisation", names), "bayesianoptimization");
  EXPECT_EQ(nearest_name("hyperband", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name_hint("pte", names), " (did you mean \"tpe\"?)");
  EXPECT_EQ(nearest_name_hint("xyz", names), "");
}

}  // namespace
}  // namespace mizan::algorithms
