// CMA-ES over mixed spaces: what it finds, what it never gives up, when it starts again.
#include "algorithms/cmaes/cma_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "algorithms/registry.h"
#include "algorithms/unit_interval.h"

namespace mizan::algorithms {
namespace {

using UnitLoss = std::function<double(const std::vector<double>&)>;

SearchSpace space_of(std::vector<Parameter> parameters) {
  return *SearchSpace::make(std::move(parameters));
}

// Runs `search` for `draws` results; returns the best loss. Coordinates are rounded to levels
// first.
double run_cma(CmaSearch& search, const SearchSpace& space, const UnitLoss& loss,
               std::uint64_t draws) {
  double best = 1e300;
  for (std::uint64_t i = 0; i < draws; ++i) {
    const std::vector<double> u = space.to_unit(space.from_unit(search.sample(i, 0)));
    const double value = loss(u);
    best = std::min(best, value);
    search.learn(u, {i, 0, value});
  }
  return best;
}

double bowl(const std::vector<double>& u) {
  double sum = 0;
  for (const double x : u) sum += (x - 0.7) * (x - 0.7);
  return sum;
}

TEST(CmaSearchTest, FindsTheMiddleOfABowlWithin300Draws) {
  const SearchSpace space =
      space_of({*make_double("a", {"0", "1", ""}, Distribution::kUniform),
                *make_double("b", {"1", "1000", ""}, Distribution::kLogUniform),
                *make_double("c", {"-1", "1", ""}, Distribution::kNormal)});
  CmaSearch search(space, {.seed = 4});
  EXPECT_LT(run_cma(search, space, bowl, 300), 1e-6);
}

TEST(CmaSearchTest, FindsTheBestIntegersThoughTheyAreFarFromTheStart) {
  std::vector<Parameter> parameters;
  for (const char* name : {"a", "b", "c"})
    parameters.push_back(*make_int(name, {"0", "30", ""}, Distribution::kUniform));
  parameters.push_back(*make_int("d", {"0", "1", ""}, Distribution::kUniform));
  const SearchSpace space = space_of(std::move(parameters));
  const std::vector<double> best = space.to_unit({{28, 2, 17, 1}});
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CmaSearch search(space, {.seed = seed});
    const double loss = run_cma(
        search, space,
        [&](const std::vector<double>& u) {
          double sum = 0;
          for (std::size_t i = 0; i < u.size(); ++i) sum += std::fabs(u[i] - best[i]);
          return sum;
        },
        600);
    found += loss < 1e-9 ? 1 : 0;
  }
  EXPECT_GE(found, 9);
}

TEST(CmaSearchTest, NeverSettlesOnOneIntegerForGood) {
  const SearchSpace space = space_of({*make_int("a", {"0", "9", ""}, Distribution::kUniform),
                                      *make_double("x", {"0", "1", ""}, Distribution::kUniform)});
  CmaSearch search(space, {.restarts = Restarts::kNone, .seed = 1});
  run_cma(
      search, space, [](const auto& u) { return std::fabs(u[0] - 0.35) + std::fabs(u[1] - 0.5); },
      400);
  std::size_t others = 0;
  for (std::uint64_t draw = 1000; draw < 2000; ++draw) {
    const Point point = space.from_unit(search.sample(draw, 0));
    others += point.values[0] == 3 ? 0 : 1;
  }
  EXPECT_GT(others, 20U);
}

TEST(CmaSearchTest, LearnsWhichCategoryIsBestAndKeepsTryingTheOthers) {
  const SearchSpace space = space_of({*make_categorical("w", {"a", "b", "c", "d"}),
                                      *make_double("x", {"0", "1", ""}, Distribution::kUniform)});
  CmaSearch search(space, {.restarts = Restarts::kNone, .seed = 2});
  const auto loss = [](const std::vector<double>& u) {
    return (u[0] > 0.5 && u[0] < 0.75 ? 0 : 1) + u[1];
  };
  run_cma(search, space, loss, 200);
  const std::vector<double> p = search.probabilities(0);
  ASSERT_EQ(p.size(), 4U);
  EXPECT_GT(p[2], 0.8);
  EXPECT_GT(*std::min_element(p.begin(), p.end()), 0.01);
  EXPECT_TRUE(search.probabilities(1).empty());
}

TEST(CmaSearchTest, StartsAgainOnceConvergedAndOnlyWhenTold) {
  const SearchSpace space = space_of({*make_double("a", {"0", "1", ""}, Distribution::kUniform),
                                      *make_double("b", {"0", "1", ""}, Distribution::kUniform)});
  CmaSearch staying(space, {.restarts = Restarts::kNone, .seed = 3});
  run_cma(staying, space, bowl, 1500);
  EXPECT_EQ(staying.restarts(), 0U);
  CmaSearch doubling(space, {.restarts = Restarts::kIpop, .seed = 3});
  run_cma(doubling, space, bowl, 1500);
  EXPECT_GE(doubling.restarts(), 1U);
  EXPECT_GE(doubling.distribution()->constants().population,
            4U << std::min<std::size_t>(doubling.restarts(), 8));
  CmaSearch both(space, {.restarts = Restarts::kBipop, .seed = 3});
  run_cma(both, space, bowl, 3000);
  EXPECT_GE(both.restarts(), 2U);
}

TEST(CmaSearchTest, EscapesAWideTrapByRestarting) {
  // A bowl at 0.75 and a deeper, narrower one at 0.15.
  const SearchSpace space = space_of({*make_double("a", {"0", "1", ""}, Distribution::kUniform),
                                      *make_double("b", {"0", "1", ""}, Distribution::kUniform)});
  const auto loss = [](const std::vector<double>& u) {
    double wide = 0.5, deep = 0;
    for (const double x : u) {
      wide += (x - 0.75) * (x - 0.75);
      deep += 20 * (x - 0.15) * (x - 0.15);
    }
    return std::min(wide, deep);
  };
  CmaSearch search(space, {.seed = 5});
  EXPECT_LT(run_cma(search, space, loss, 3000), 1e-3);
}

TEST(CmaSearchTest, RanksCompletedBeforeStoppedBeforeFailed) {
  const SearchSpace space = space_of({*make_double("a", {"0", "1", ""}, Distribution::kUniform)});
  CmaSearch search(space, {.restarts = Restarts::kNone, .seed = 6});
  // Completed ones lie at 0.6, stopped and failed ones with better numbers at 0.1.
  for (std::uint64_t i = 0; i < 40; ++i) {
    const bool is_complete = i % 2 == 0;
    const std::vector<double> u = {is_complete ? 0.6 : 0.1};
    search.learn(u,
                 {i, is_complete ? 0 : 1 + static_cast<int>(i / 2 % 2), is_complete ? 5.0 : -5.0});
  }
  EXPECT_GT(search.distribution()->mean()[0], 0.5);
}

TEST(CmaSearchTest, TakesALargerGenerationWhenMoreTrialsRunAtOnce) {
  const SearchSpace space = space_of({*make_double("a", {"0", "1", ""}, Distribution::kUniform)});
  EXPECT_EQ(CmaSearch(space, {.least_population = 40}).distribution()->constants().population, 40U);
}

TEST(CmaesTest, IsRefusedConditionsAndWarnsWithoutNumbers) {
  Problem problem;
  problem.objectives = {{"loss"}};
  problem.space = space_of({*make_categorical("w", {"a", "b"})});
  const Algorithm& row = *find_algorithm("cmaes");
  const Settings settings = parse_settings("cmaes", row.settings, {}).settings;
  const Findings findings = check_problem(row, problem, settings, 0);
  EXPECT_TRUE(findings.errors.empty());
  ASSERT_EQ(findings.warnings.size(), 1U);

  Parameter child = *make_double("x", {"0", "1", ""}, Distribution::kUniform);
  child.condition = Condition{0, {0}};
  problem.space = space_of({*make_categorical("w", {"a", "b"}), child});
  ASSERT_EQ(check_problem(row, problem, settings, 0).errors.size(), 1U);
}

TEST(CmaesTest, SaysWhatIsWrongWithASetting) {
  const Algorithm& row = *find_algorithm("cmaes");
  const auto message = [&](const char* name, const char* value) {
    const std::vector<NamedText> given = {{name, value}};
    const auto parsed = parse_settings("cmaes", row.settings, given);
    return parsed.errors.empty() ? std::string() : parsed.errors[0].message;
  };
  EXPECT_EQ(message("sigma", "0.2"), "");
  EXPECT_EQ(message("sigma", "-1"), "sigma should be greater than zero, got -1");
  EXPECT_EQ(message("restart_strategy", "bipop"), "");
  EXPECT_EQ(message("restart_strategy", "often"),
            "restart_strategy \"often\" is not supported; it can be none, None, ipop, bipop");
  EXPECT_EQ(message("random_state", "-2"),
            "random_state should be greater than or equal to zero, got -2");
}

}  // namespace
}  // namespace mizan::algorithms
