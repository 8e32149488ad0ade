// Parameters in all of Katib's forms: what is refused, and values as levels and text.
#include "algorithms/parameter.h"

#include <gtest/gtest.h>

#include <limits>

namespace mizan::algorithms {
namespace {

struct Refusal {
  const char* what;
  Result<Parameter> parameter;
  const char* path;
  const char* message;
};

TEST(ParameterTest, RefusesWhatCanNotBeSearchedAndSaysWhatWouldBeRight) {
  const Distribution uniform = Distribution::kUniform, log = Distribution::kLogUniform;
  const Refusal cases[] = {
      {"min above max", make_double("x", {"1", "0.1", ""}, uniform), "max",
       "must not be less than min (1), got 0.1"},
      {"no number", make_double("x", {"a", "1", ""}, uniform), "min",
       "must be a number, got \"a\""},
      {"empty max", make_double("x", {"0", "", ""}, uniform), "max", "must be a number, got \"\""},
      {"infinite", make_double("x", {"0", "inf", ""}, uniform), "max",
       "must be a number, got \"inf\""},
      {"too wide", make_double("x", {"-1e308", "1e308", ""}, uniform), "max",
       "is too far from min: the width of the range is not a finite number"},
      {"log from zero", make_double("x", {"0", "1", ""}, log), "min",
       "must be greater than 0 for a log distribution, got 0"},
      {"log int from zero", make_int("x", {"0", "9", ""}, log), "min",
       "must be greater than 0 for a log distribution, got 0"},
      {"zero step", make_double("x", {"0", "1", "0"}, uniform), "step",
       "must be a number greater than 0, got \"0\""},
      {"fraction for int", make_int("x", {"1", "2.5", ""}, uniform), "max",
       "must be a whole number for parameterType int, got \"2.5\""},
      {"fraction step for int", make_int("x", {"1", "9", "0.5"}, uniform), "step",
       "must be a whole number for parameterType int, got \"0.5\""},
      {"huge int", make_int("x", {"1", "1e17", ""}, uniform), "max",
       "must lie within -2^53 and 2^53, got \"1e17\""},
      {"empty discrete", make_discrete("x", {}), "list", "must name at least one number"},
      {"word in discrete", make_discrete("x", {"1", "two"}), "list[1]",
       "must be a number for parameterType discrete, got \"two\"; use categorical for words"},
      {"empty categorical", make_categorical("x", {}), "list", "must name at least one value"},
      {"category twice", make_categorical("x", {"a", "b", "a"}), "list[2]",
       "\"a\" is in the list already"},
  };
  for (const Refusal& c : cases) {
    ASSERT_FALSE(c.parameter.has_value()) << c.what;
    ASSERT_EQ(c.parameter.error().fields.size(), 1U) << c.what;
    EXPECT_EQ(c.parameter.error().fields[0].path, c.path) << c.what;
    EXPECT_EQ(c.parameter.error().fields[0].message, c.message) << c.what;
  }
}

TEST(ParameterTest, ReportsEveryErrorOfARange) {
  const auto parameter = make_double("x", {"a", "b", "c"}, Distribution::kUniform);
  ASSERT_FALSE(parameter.has_value());
  EXPECT_EQ(parameter.error().fields.size(), 3U);
}

TEST(ParameterTest, GivesIntsAStepOfOne) {
  const Parameter p = *make_int("n", {"-2", "2", ""}, Distribution::kUniform);
  EXPECT_EQ(level_count(p), 5U);
  EXPECT_EQ(value_text(p, -2), "-2");
  EXPECT_EQ(level_of(p, 0.5), std::nullopt);
}

TEST(ParameterTest, KeepsDiscreteNumbersInOrderAndTheirTextVerbatim) {
  const Parameter p = *make_discrete("batch", {"64", "1e-3", "0.50", "16", "0.5"});
  ASSERT_EQ(p.numbers, (std::vector<double>{0.001, 0.5, 16, 64}));
  EXPECT_EQ(value_text(p, 0.001), "1e-3");
  EXPECT_EQ(value_text(p, 0.5), "0.50");
  EXPECT_EQ(parse_value(p, "0.5"), 0.5);
  EXPECT_EQ(snap(p, 20), 16);
  EXPECT_EQ(snap(p, 50), 64);
}

TEST(ParameterTest, TakesCategoriesByText) {
  const Parameter p = *make_categorical("kernel", {"rbf", "linear"});
  EXPECT_EQ(parse_value(p, "linear"), 1);
  EXPECT_EQ(parse_value(p, "poly"), std::nullopt);
  EXPECT_EQ(value_text(p, 1), "linear");
  EXPECT_EQ(value_text(p, 7), "");
  EXPECT_FALSE(is_value_of(p, 0.5));
  EXPECT_FALSE(is_value_of(p, -std::numeric_limits<double>::infinity()));
}

TEST(ParameterTest, CountsARangeOfOneNumberAsOneValue) {
  const Parameter p = *make_double("x", {"0.25", "0.25", ""}, Distribution::kLogNormal);
  EXPECT_EQ(level_count(p), 1U);
  EXPECT_EQ(level_value(p, 0), 0.25);
  EXPECT_TRUE(is_value_of(p, 0.25));
  EXPECT_FALSE(is_value_of(p, 0.26));
}

TEST(ParameterTest, ReadsNumbersOutsideTheRangeAndSnapsThemIntoIt) {
  const Parameter p = *make_double("x", {"0", "1", ""}, Distribution::kUniform);
  EXPECT_EQ(parse_value(p, "3.5"), 3.5);
  EXPECT_FALSE(is_value_of(p, 3.5));
  EXPECT_EQ(snap(p, 3.5), 1);
  EXPECT_EQ(value_text(p, 3.5), "3.5");
}

}  // namespace
}  // namespace mizan::algorithms
