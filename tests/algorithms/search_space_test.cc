// Conditions, counting and positions.
#include "algorithms/search_space.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/random_problems.h"

namespace mizan::algorithms {
namespace {

Parameter words(std::string name, std::vector<std::string> list) {
  return *make_categorical(std::move(name), std::move(list));
}
Parameter whole(std::string name, std::string_view min, std::string_view max) {
  return *make_int(std::move(name), {min, max, ""}, Distribution::kUniform);
}
Parameter under(std::size_t parent, std::vector<double> values, Parameter child) {
  child.condition = Condition{parent, std::move(values)};
  return child;
}

// kernel: rbf -> gamma (3 values); poly -> degree (2) -> degree 2: coef (4); linear: nothing.
SearchSpace conditional_space() {
  return *SearchSpace::make({under(1, {0}, whole("gamma", "1", "3")),
                             words("kernel", {"rbf", "linear", "poly"}),
                             under(1, {2}, whole("degree", "1", "2")),
                             under(2, {2}, whole("coef", "1", "4")), whole("c", "1", "5")});
}

TEST(SearchSpaceTest, CountsConditionalPointsOnce) {
  EXPECT_EQ(conditional_space().cardinality(), (3U + 1U + (1U + 4U)) * 5U);
}

TEST(SearchSpaceTest, ListsEveryPointAtOnePosition) {
  const SearchSpace space = conditional_space();
  std::set<std::vector<std::string>> seen;
  for (std::uint64_t i = 0; i < *space.cardinality(); ++i) {
    const Point point = space.at_position(i);
    ASSERT_TRUE(space.contains(point));
    ASSERT_EQ(space.position_of(point), i);
    std::vector<std::string> texts;
    for (std::size_t p = 0; p < space.size(); ++p)
      texts.push_back(point.is_active(p) ? value_text(space[p], point.values[p]) : "");
    EXPECT_TRUE(seen.insert(texts).second);
  }
}

TEST(SearchSpaceTest, ListsPositionsOfRandomSpacesConsistently) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Problem problem =
        testing::random_problem(seed, {.conditions = true, .continuous = false});
    const SearchSpace& space = problem.space;
    ASSERT_TRUE(space.is_finite());
    const std::uint64_t size = *space.cardinality();
    for (std::uint64_t i = 0; i < size; i += 1 + size / 50) {
      const Point point = space.at_position(i);
      ASSERT_TRUE(space.contains(point)) << seed;
      ASSERT_EQ(space.position_of(point), i) << seed;
    }
  }
}

TEST(SearchSpaceTest, CountsPastTwoToTheSixtyTwoAsMany) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 30; ++i) parameters.push_back(whole("x" + std::to_string(i), "1", "100"));
  const SearchSpace space = *SearchSpace::make(std::move(parameters));
  EXPECT_EQ(space.cardinality(), SearchSpace::kManyPoints);
  EXPECT_EQ(space.at_position(101).values[29], 2);
  EXPECT_EQ(space.at_position(101).values[28], 2);
  EXPECT_EQ(space.position_of(space.at_position(123456)), 123456U);
  Point last{std::vector<double>(30, 100.0)};
  EXPECT_EQ(space.position_of(last), std::nullopt);
}

TEST(SearchSpaceTest, KnowsNoCardinalityOfAContinuum) {
  const SearchSpace space = *SearchSpace::make(
      {*make_double("x", {"0", "1", ""}, Distribution::kUniform), words("w", {"a"})});
  EXPECT_EQ(space.cardinality(), std::nullopt);
  EXPECT_EQ(space.position_of(Point{{0.5, 0}}), std::nullopt);
}

TEST(SearchSpaceTest, ContainsOnlyPointsWhoseActiveParametersHaveValues) {
  const SearchSpace space = conditional_space();
  EXPECT_TRUE(space.contains({{kInactive, 1, kInactive, kInactive, 5}}));
  EXPECT_TRUE(space.contains({{2, 0, kInactive, kInactive, 5}}));
  EXPECT_FALSE(space.contains({{kInactive, 0, kInactive, kInactive, 5}})) << "gamma is missing";
  EXPECT_FALSE(space.contains({{2, 1, kInactive, kInactive, 5}})) << "gamma is switched off";
  EXPECT_FALSE(space.contains({{kInactive, 2, 2, kInactive, 5}})) << "coef is missing";
  EXPECT_FALSE(space.contains({{kInactive, 1, kInactive, kInactive, 6}})) << "c is outside";
  EXPECT_FALSE(space.contains({{kInactive, kUnknownValue, kInactive, kInactive, 5}}))
      << "no such kernel";
  EXPECT_FALSE(space.contains({{1}})) << "wrong size";
}

TEST(SearchSpaceTest, SnapsToTheNearestPoint) {
  const SearchSpace space = conditional_space();
  const Point snapped = space.snapped({{kInactive, 0, 1, 3, 9.7}});
  EXPECT_TRUE(space.contains(snapped));
  EXPECT_EQ(snapped, (Point{{2, 0, kInactive, kInactive, 5}}));
}

TEST(SearchSpaceTest, SwitchesParametersOffInUnitCoordinatesToo) {
  const SearchSpace space = conditional_space();
  const Point point = space.from_unit(std::vector<double>{0.9, 0.5, 0.1, 0.1, 0.1});
  EXPECT_EQ(point, (Point{{kInactive, 1, kInactive, kInactive, 1}}));
  EXPECT_TRUE(std::isnan(space.to_unit(point)[0]));
}

TEST(SearchSpaceTest, RefusesConditionsThatCanNotBeMet) {
  const auto refusal = [](std::vector<Parameter> parameters) {
    const auto made = SearchSpace::make(std::move(parameters));
    return made ? std::string("taken")
                : made.error().fields.at(0).path + " " + made.error().fields.at(0).message;
  };
  EXPECT_EQ(refusal({whole("a", "1", "2"), whole("a", "1", "2")}),
            "parameters[1].name \"a\" is the name of an earlier parameter");
  EXPECT_EQ(refusal({under(7, {1}, whole("a", "1", "2"))}),
            "parameters[0].activeWhen names no parameter of the space");
  EXPECT_EQ(refusal({under(0, {1}, whole("a", "1", "2"))}),
            "parameters[0].activeWhen forms a cycle: a parameter can't depend on itself");
  EXPECT_EQ(refusal({under(1, {1}, whole("a", "1", "2")), under(0, {1}, whole("b", "1", "2"))}),
            "parameters[0].activeWhen forms a cycle: a parameter can't depend on itself");
  EXPECT_EQ(refusal({whole("a", "1", "2"), under(0, {9}, whole("b", "1", "2"))}),
            "parameters[1].activeWhen lists a value that \"a\" can't have");
  EXPECT_EQ(refusal({*make_double("a", {"0", "1", ""}, Distribution::kUniform),
                     under(0, {0.5}, whole("b", "1", "2"))}),
            "parameters[1].activeWhen \"a\" has no step: only a parameter with countable values "
            "can switch others on");
}

TEST(SearchSpaceTest, RefusesACycleThatAnotherParameterHangsFrom) {
  const auto made =
      SearchSpace::make({under(1, {1}, whole("a", "1", "2")), under(2, {1}, whole("b", "1", "2")),
                         under(1, {1}, whole("c", "1", "2"))});
  EXPECT_FALSE(made.has_value());
}

}  // namespace
}  // namespace mizan::algorithms
