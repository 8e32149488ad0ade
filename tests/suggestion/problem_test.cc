// Experiments as problems: every form of parameter, every fault at its path.
#include "suggestion/problem.h"

#include <gtest/gtest.h>

#include "suggestion/assignment.h"
#include "tests/support/experiment_json.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::experiment_json;
using mizan::testing::int_parameter;
using mizan::testing::list_parameter;

resources::Experiment read(const std::vector<Json>& parameters) {
  return resources::read_experiment(experiment_json("e", parameters));
}

Json conditional(Json parameter, const std::string& parent, const Json& values) {
  parameter["activeWhen"] = {{"parameter", parent}, {"in", values}};
  return parameter;
}

TEST(ProblemTest, TakesEveryFormOfParameter) {
  Json lr = double_parameter("lr", "0.0001", "0.1");
  lr["feasibleSpace"]["distribution"] = "logUniform";
  const auto problem = make_problem(read({lr, int_parameter("layers", "1", "5"),
                                          list_parameter("batch", "discrete", {"64", "16"}),
                                          list_parameter("opt", "categorical", {"sgd", "adam"})}));
  ASSERT_TRUE(problem.has_value());
  ASSERT_EQ(problem->space.size(), 4U);
  EXPECT_EQ(problem->space[0].distribution, algorithms::Distribution::kLogUniform);
  EXPECT_EQ(problem->space[2].numbers, (std::vector<double>{16, 64}));
  EXPECT_EQ(problem->objectives[0].name, "loss");
  EXPECT_EQ(problem->parallelism, 3U);
}

TEST(ProblemTest, ReportsEveryFaultAtItsPath) {
  const auto problem =
      make_problem(read({double_parameter("a", "1", "0"), int_parameter("b", "x", "2.5"),
                         list_parameter("c", "discrete", {}), Json{{"name", "d"}}}));
  ASSERT_FALSE(problem.has_value());
  std::vector<std::string> paths;
  for (const FieldError& error : problem.error().fields) paths.push_back(error.path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{
                "spec.parameters[0].feasibleSpace.max", "spec.parameters[1].feasibleSpace.min",
                "spec.parameters[1].feasibleSpace.max", "spec.parameters[2].feasibleSpace.list",
                "spec.parameters[3].parameterType"}));
}

TEST(ProblemTest, ReadsConditionsAndRefusesThoseThatCanNotHold) {
  const Json kernel = list_parameter("kernel", "categorical", {"rbf", "linear"});
  const auto good = make_problem(
      read({conditional(double_parameter("gamma", "0", "1"), "kernel", {"rbf"}), kernel}));
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->space[0].condition, (algorithms::Condition{1, {0}}));

  const auto bad =
      make_problem(read({conditional(double_parameter("gamma", "0", "1"), "kernel", {"poly"}),
                         conditional(double_parameter("c", "0", "1"), "nobody", {"x"}), kernel,
                         conditional(int_parameter("k", "1", "2"), "k", {"1"})}));
  ASSERT_FALSE(bad.has_value());
  ASSERT_EQ(bad.error().fields.size(), 2U);
  EXPECT_EQ(bad.error().fields[0].path, "spec.parameters[0].activeWhen.in[0]");
  EXPECT_EQ(bad.error().fields[1].path, "spec.parameters[1].activeWhen.parameter");

  const auto cycle = make_problem(read({conditional(int_parameter("k", "1", "2"), "k", {"1"})}));
  ASSERT_FALSE(cycle.has_value());
  EXPECT_EQ(cycle.error().fields[0].path, "spec.parameters[0].activeWhen");
}

TEST(ProblemTest, FlipsTheSignOfAMaximisedObjective) {
  resources::Objective objective;
  EXPECT_EQ(loss_sign(objective), 1);
  objective.type = resources::ObjectiveType::kMaximize;
  EXPECT_EQ(loss_sign(objective), -1);
}

TEST(AssignmentTest, GoesToTextAndBackExactly) {
  const auto problem = *make_problem(
      read({double_parameter("x", "0", "1"), double_parameter("s", "0.1", "0.9", "0.1"),
            conditional(int_parameter("n", "1", "9"), "opt", {"adam"}),
            list_parameter("opt", "categorical", {"sgd", "adam"})}));
  const algorithms::Point point{{0.1 + 0.2, 0.3, algorithms::kInactive, 0}};

  const auto assignments = assignments_of(problem.space, point);

  EXPECT_EQ(assignments, (std::vector<resources::Assignment>{
                             {"x", "0.30000000000000004"}, {"s", "0.3"}, {"opt", "sgd"}}));
  EXPECT_EQ(point_of(problem.space, assignments), point);
}

TEST(AssignmentTest, MarksWhatTheSpaceDoesNotKnow) {
  const auto problem = *make_problem(
      read({list_parameter("opt", "categorical", {"sgd"}), int_parameter("n", "1", "9")}));
  const algorithms::Point point =
      point_of(problem.space, {{"opt", "adam"}, {"extra", "1"}, {"n", "50"}});
  EXPECT_EQ(point, (algorithms::Point{{algorithms::kUnknownValue, 50}}));
  EXPECT_FALSE(problem.space.contains(point));
}

}  // namespace
}  // namespace mizan::suggestion
