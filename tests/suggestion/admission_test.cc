// What algorithms refuse and warn of, with the words that users see.
#include "suggestion/admission.h"

#include <gtest/gtest.h>

#include "tests/support/experiment_json.h"

namespace mizan::suggestion {
namespace {

using mizan::testing::double_parameter;
using mizan::testing::experiment_json;
using mizan::testing::int_parameter;
using mizan::testing::list_parameter;

Json settings(const std::string& name, const std::string& value) {
  return Json{{{"name", name}, {"value", value}}};
}

resources::Admission::Verdict check(const Json& experiment) {
  return check_algorithm(resources::read_experiment(experiment));
}

std::string first_error(const Json& experiment) {
  const auto verdict = check(experiment);
  return verdict.errors.empty() ? "taken"
                                : verdict.errors[0].path + ": " + verdict.errors[0].message;
}

const std::vector<Json> kSpace = {double_parameter("lr", "0", "1")};
const std::vector<Json> kGrid = {int_parameter("n", "1", "3"),
                                 list_parameter("w", "categorical", {"a", "b"})};

TEST(AdmissionTest, TakesWhatCanRunWithoutAWord) {
  for (const char* name : {"random", "auto", ""}) {
    const auto verdict = check(experiment_json("e", kSpace, name));
    EXPECT_TRUE(verdict.errors.empty()) << name;
    EXPECT_TRUE(verdict.warnings.empty()) << name;
  }
  EXPECT_EQ(first_error(experiment_json("e", kSpace, "random", settings("random_state", "7"))),
            "taken");
}

TEST(AdmissionTest, NamesTheNearestAlgorithmAndAllThatExist) {
  EXPECT_EQ(first_error(experiment_json("e", kSpace, "radnom")).substr(0, 100),
            "spec.algorithm.algorithmName: unknown algorithm name radnom (did you mean "
            "\"random\"?); there are auto");
}

TEST(AdmissionTest, RefusesSettingsAtTheirPlace) {
  EXPECT_EQ(first_error(experiment_json("e", kSpace, "random", settings("seed", "1"))),
            "spec.algorithm.algorithmSettings[0].name: unknown setting seed for algorithm random; "
            "it has random_state");
  EXPECT_EQ(first_error(experiment_json("e", kSpace, "random", settings("random_state", "-1"))),
            "spec.algorithm.algorithmSettings[0].value: random_state should be greater than or "
            "equal to zero, got -1");
}

TEST(AdmissionTest, RefusesAGridOverADoubleWithoutStep) {
  EXPECT_EQ(first_error(experiment_json("e", kSpace, "grid")),
            "spec.algorithm: algorithm grid can't work with \"lr\": a double needs a step here, "
            "all parameters must "
            "have countable values");
}

TEST(AdmissionTest, WarnsOfABudgetBeyondTheGrid) {
  Json experiment = experiment_json("e", kGrid, "grid");
  experiment["spec"]["maxTrialCount"] = 7;
  const auto verdict = check(experiment);
  EXPECT_TRUE(verdict.errors.empty());
  ASSERT_EQ(verdict.warnings.size(), 1U);
  EXPECT_EQ(verdict.warnings[0],
            "Max Trial Count: 7 > all possible search combinations: 6; the experiment ends when "
            "the grid is used up");
}

TEST(AdmissionTest, WarnsOfElasticityThatTheAlgorithmDoesNotBear) {
  for (const auto& [name, warnings] : {std::pair("random", 0U), std::pair("cmaes", 1U)}) {
    Json elastic = experiment_json(
        "e", {double_parameter("a", "0", "1"), double_parameter("b", "0", "1")}, name);
    elastic["spec"]["trialPods"]["elasticParallelism"]["max"] = 8;
    EXPECT_EQ(check(elastic).warnings.size(), warnings) << name;
  }
}

TEST(AdmissionTest, ReportsFaultsOfTheSpaceAndOfTheAlgorithmTogether) {
  const auto verdict = check(experiment_json("e", {double_parameter("lr", "1", "0")}, "nonsense"));
  ASSERT_EQ(verdict.errors.size(), 2U);
  EXPECT_EQ(verdict.errors[0].path, "spec.algorithm.algorithmName");
  EXPECT_EQ(verdict.errors[1].path, "spec.parameters[0].feasibleSpace.max");
}

TEST(AdmissionTest, ChecksInitialTrialsAgainstTheSpace) {
  Json experiment = experiment_json("e", kGrid);
  experiment["spec"]["initialTrials"] = {
      {{"assignments", {{"n", "9"}, {"x", "1"}}}},
      {{"assignments", {{"n", "2"}, {"w", "a"}}}, {"metrics", {{"other", 1}}}},
      {{"assignments", {{"n", "2"}, {"w", "a"}}}, {"metrics", {{"loss", 1}}}}};
  const auto verdict = check(experiment);
  std::vector<std::string> texts;
  for (const FieldError& error : verdict.errors) texts.push_back(error.path + ": " + error.message);
  EXPECT_EQ(
      texts,
      (std::vector<std::string>{
          "spec.initialTrials[0].assignments[n]: \"9\" is not in the parameter's feasible space",
          "spec.initialTrials[0].assignments[x]: is no parameter of this experiment",
          "spec.initialTrials[0].assignments[w]: must have a value",
          "spec.initialTrials[1].metrics[loss]: an imported trial must have a value of the "
          "objective"}));
}

TEST(AdmissionTest, SaysWhatBecomesOfEarlyStoppingAndArchitectureSearch) {
  Json stopping = experiment_json("e", kSpace);
  stopping["spec"]["earlyStopping"] = {{"algorithmName", "medianstop"}};
  EXPECT_TRUE(check(stopping).warnings.empty());
  EXPECT_TRUE(check(stopping).errors.empty());
  stopping["spec"]["earlyStopping"]["algorithmSettings"] = {
      {{"name", "start_step"}, {"value", "0"}}};
  EXPECT_EQ(first_error(stopping),
            "spec.earlyStopping.algorithmSettings[0].value: start_step must be greater or equal "
            "than one (>=1), got 0");
  stopping["spec"]["earlyStopping"]["algorithmName"] = "medianstopp";
  EXPECT_EQ(first_error(stopping),
            "spec.earlyStopping.algorithmName: unknown early stopping algorithm medianstopp (did "
            "you mean "
            "\"medianstop\"?); there are asha, medianstop");
  Json nas = experiment_json("e", {});
  nas["spec"]["nasConfig"] = {{"graphConfig", Json::object()}};
  EXPECT_EQ(first_error(nas),
            "spec.nasConfig: architecture search isn't supported; use spec.parameters");
}

}  // namespace
}  // namespace mizan::suggestion
