// What can't run is refused at its path; what runs but is odd is taken with a warning.
#include "resources/validate.h"

#include <gtest/gtest.h>

#include "resources/field_error.h"
#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

std::vector<std::string> error_paths(const Json& object, const ValidationContext& context = {}) {
  std::vector<std::string> paths;
  for (const FieldError& error : validate_experiment(object, nullptr, context).errors)
    paths.push_back(error.path);
  return paths;
}

std::string said(const Json& object) {
  return join(validate_experiment(object, nullptr, {}).errors);
}
std::vector<std::string> warnings(const Json& object) {
  return validate_experiment(object, nullptr, {}).warnings;
}
using Paths = std::vector<std::string>;

TEST(ValidateExperiment, TakesWhatIsRight) {
  Json object = experiment();
  default_experiment(object);
  EXPECT_EQ(said(object), "");
  EXPECT_TRUE(warnings(object).empty());
  EXPECT_EQ(said(client_experiment()), "");
  EXPECT_TRUE(warnings(client_experiment()).empty());
}

TEST(ValidateExperiment, RefusesAtThePathOfTheFault) {
  const struct {
    const char* pointer;
    const char* value;
    Paths paths;
  } cases[] = {
      {"/metadata/name", "\"1demo\"", {"metadata.name"}},
      {"/metadata/name", "\"demo_\"", {"metadata.name"}},
      {"/metadata/name", "\"a123456789012345678901234567890123456789012\"", {"metadata.name"}},
      {"/spec/maxFailedTrialCount", "-1", {"spec.maxFailedTrialCount"}},
      {"/spec/maxTrialCount", "0", {"spec.maxTrialCount"}},
      {"/spec/parallelTrialCount", "0", {"spec.parallelTrialCount"}},
      {"/spec/maxDurationSeconds", "0", {"spec.maxDurationSeconds"}},
      {"/spec/stopWhen", "{}", {"spec.stopWhen.noImprovementTrials"}},
      {"/spec/stopWhen",
       R"({"noImprovementTrials":3,"minImprovement":-1})",
       {"spec.stopWhen.minImprovement"}},
      {"/spec/objective", "null", {"spec.objective"}},
      {"/spec/objective/type", "\"best\"", {"spec.objective.type"}},
      {"/spec/objective/type", "null", {"spec.objective.type"}},
      {"/spec/objective/objectiveMetricName", "\"\"", {"spec.objective.objectiveMetricName"}},
      {"/spec/objective/additionalMetricNames",
       R"(["loss"])",
       {"spec.objective.additionalMetricNames[0]"}},
      {"/spec/earlyStopping", "{}", {"spec.earlyStopping.algorithmName"}},
      {"/spec/algorithm/algorithmSettings",
       R"([{"name":"a","value":"1"},{"name":"a","value":"2"}])",
       {"spec.algorithm.algorithmSettings[1].name"}},
      {"/spec/resumePolicy", "\"Sometimes\"", {"spec.resumePolicy"}},
      {"/spec/nasConfig", "{}", {"spec.nasConfig"}},
      {"/spec/warmStart",
       R"({"fromExperiments":[{"name":"demo"}]})",
       {"spec.warmStart.fromExperiments[0].name"}},
      {"/spec/parameters/0/name",
       "\"layers\"",
       {"spec.parameters[1].name", "spec.trialTemplate.trialParameters[0].reference"}},
      {"/spec/parameters/0/parameterType", "\"float\"", {"spec.parameters[0].parameterType"}},
      {"/spec/parameters/0/parameterType", "\"unknown\"", {"spec.parameters[0].parameterType"}},
      {"/spec/parameters/0/parameterType", "null", {"spec.parameters[0].parameterType"}},
      {"/spec/parameters/0/feasibleSpace/distribution",
       "\"gauss\"",
       {"spec.parameters[0].feasibleSpace.distribution"}},
      {"/spec/parameters/0/feasibleSpace/distribution",
       "3",
       {"spec.parameters[0].feasibleSpace.distribution"}},
      {"/spec/parameters/0/feasibleSpace/min", "\"0.5\"", {"spec.parameters[0].feasibleSpace.max"}},
      {"/spec/parameters/0/feasibleSpace/min", "null", {"spec.parameters[0].feasibleSpace.min"}},
      {"/spec/parameters/0/feasibleSpace/max", "\"\"", {"spec.parameters[0].feasibleSpace.max"}},
      {"/spec/parameters/0/feasibleSpace/max", "\"ten\"", {"spec.parameters[0].feasibleSpace.max"}},
      {"/spec/parameters/0/feasibleSpace/max", "\"inf\"", {"spec.parameters[0].feasibleSpace.max"}},
      {"/spec/parameters/0/feasibleSpace/max",
       "\"1e999\"",
       {"spec.parameters[0].feasibleSpace.max"}},
      {"/spec/parameters/0/feasibleSpace/max",
       "\"0.1 \"",
       {"spec.parameters[0].feasibleSpace.max"}},
      {"/spec/parameters/0/feasibleSpace/step", "\"0\"", {"spec.parameters[0].feasibleSpace.step"}},
      {"/spec/parameters/0/feasibleSpace/step",
       "\"-0.1\"",
       {"spec.parameters[0].feasibleSpace.step"}},
      {"/spec/parameters/0/feasibleSpace/step", "\"1\"", {"spec.parameters[0].feasibleSpace.step"}},
      {"/spec/parameters/0/feasibleSpace/step",
       "\"1e-300\"",
       {"spec.parameters[0].feasibleSpace.step"}},
      {"/spec/parameters/0/feasibleSpace/list",
       R"(["1"])",
       {"spec.parameters[0].feasibleSpace.list"}},
      {"/spec/parameters/0/feasibleSpace",
       R"({"min":"0","max":"1","distribution":"logUniform"})",
       {"spec.parameters[0].feasibleSpace.min"}},
      {"/spec/parameters/0/feasibleSpace",
       R"({"min":"-1","max":"1","distribution":"logNormal"})",
       {"spec.parameters[0].feasibleSpace.min"}},
      {"/spec/parameters/1/feasibleSpace/max", "\"5.5\"", {"spec.parameters[1].feasibleSpace.max"}},
      {"/spec/parameters/1/feasibleSpace/max",
       "\"1e300\"",
       {"spec.parameters[1].feasibleSpace.max"}},
      {"/spec/parameters/2/feasibleSpace/list", "[]", {"spec.parameters[2].feasibleSpace.list"}},
      {"/spec/parameters/2/feasibleSpace/list",
       R"(["1","two"])",
       {"spec.parameters[2].feasibleSpace.list[1]"}},
      {"/spec/parameters/2/feasibleSpace/min", "\"1\"", {"spec.parameters[2].feasibleSpace.min"}},
      {"/spec/parameters/3/feasibleSpace/list",
       R"(["a","b","a"])",
       {"spec.parameters[3].feasibleSpace.list[2]"}},
      {"/spec/parameters/3/feasibleSpace/step", "\"1\"", {"spec.parameters[3].feasibleSpace.step"}},
  };
  for (const auto& [pointer, value, paths] : cases) {
    const Json object = experiment_with(pointer, Json::parse(value));
    EXPECT_EQ(error_paths(object), paths) << pointer << " = " << value << ": " << said(object);
  }
}

TEST(ValidateExperiment, SaysWhatWouldBeRight) {
  EXPECT_EQ(said(experiment_with("/spec/parameters/0/feasibleSpace/min", "0.5")),
            "spec.parameters[0].feasibleSpace.max: Invalid value: \"0.1\": must not be less than "
            "feasibleSpace.min, 0.5");
  EXPECT_EQ(said(experiment_with("/spec/parameters/2/feasibleSpace/list", Json::array())),
            "spec.parameters[2].feasibleSpace.list: Required value: at least one value for "
            "parameterType: discrete");
  EXPECT_EQ(said(experiment_with("/spec/parallelTrialCount", 0)),
            "spec.parallelTrialCount: Invalid value: 0: must be greater than 0; to pause the "
            "experiment set spec.suspend");
  EXPECT_EQ(said(experiment_with("/spec/parameters/1/feasibleSpace/step", "9")),
            "spec.parameters[1].feasibleSpace.step: Invalid value: \"9\": is more than max - min, "
            "so 1 would be the only "
            "value; use a step of at most 4");
}

TEST(ValidateExperiment, SaysEverythingAtOnce) {
  Json object = experiment();
  object["spec"]["parallelTrialCount"] = 0;
  object["spec"]["parameters"][0]["feasibleSpace"]["min"] = "9";
  object["spec"]["parameters"][2]["feasibleSpace"]["list"] = Json::array();
  object["spec"]["trialTemplate"]["trialParameters"].erase(1);
  default_experiment(object);
  EXPECT_EQ(error_paths(object),
            (Paths{"spec.parallelTrialCount", "spec.parameters[0].feasibleSpace.max",
                   "spec.parameters[2].feasibleSpace.list", "spec.trialTemplate.trialParameters",
                   "spec.parameters[1].name"}));
}

TEST(ValidateExperiment, NeedsASearchSpace) {
  EXPECT_EQ(error_paths(experiment_with("/spec/parameters", Json::array())), Paths{"spec"});
}

TEST(ValidateExperiment, WarnsOfWhatIsOdd) {
  const struct {
    const char* pointer;
    const char* value;
    const char* warning;
  } cases[] = {
      {"/spec/maxFailedTrialCount", "20",
       "spec.maxFailedTrialCount: 20 is more than spec.maxTrialCount (12)"},
      {"/spec/parallelTrialCount", "20",
       "spec.parallelTrialCount: 20 is more than spec.maxTrialCount (12)"},
      {"/spec/parameters/0/feasibleSpace/max", "\"0.01\"",
       "spec.parameters[0].feasibleSpace: min and max are the same"},
      {"/spec/parameters/0/feasibleSpace/distribution", "\"unknown\"",
       "spec.parameters[0].feasibleSpace.distribution: unknown counts as uniform"},
      {"/spec/parameters/3/feasibleSpace/distribution", "\"normal\"",
       "spec.parameters[3].feasibleSpace.distribution: normal has no effect"},
      {"/spec/parameters/2/feasibleSpace/list", R"(["1","1.0"])",
       "spec.parameters[2].feasibleSpace.list[1]: 1.0 is there twice"},
      {"/spec/parameters/0/inactiveValue", "\"x\"",
       "spec.parameters[0].inactiveValue: has no effect without activeWhen"},
      {"/spec/objective/metricStrategies", R"([{"name":"los","value":"min"}])",
       "spec.objective.metricStrategies[0].name: \"los\" is no metric"},
      {"/spec/objective/metricStrategies", R"([{"name":"loss","value":"mean"}])",
       "spec.objective.metricStrategies[0].value: \"mean\" counts as latest"},
      {"/spec/objective/additionalMetricNames", R"(["a","a"])",
       "spec.objective.additionalMetricNames[1]: \"a\" is there twice"},
  };
  for (const auto& [pointer, value, warning] : cases) {
    const Json object = experiment_with(pointer, Json::parse(value));
    EXPECT_EQ(said(object), "") << pointer;
    ASSERT_EQ(warnings(object).size(), 1U) << pointer << " = " << value;
    EXPECT_TRUE(warnings(object)[0].starts_with(warning)) << warnings(object)[0];
  }
}

// Katib refuses these; they run.
TEST(ValidateExperiment, TakesTheExamplesThatKatibShipsAndRefuses) {
  EXPECT_EQ(said(experiment_with("/spec/maxTrialCount", 2)), "")
      << "simple-pbt: maxFailedTrialCount 3 of 2";
}

TEST(ConditionalParameters, AreTakenWhenTheParentCanHaveTheValue) {
  for (const auto& [parent, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"optimizer", "adam"}, {"units", "32"}, {"units", "32.0"}, {"layers", "5"}}) {
    Json object = experiment();
    object["spec"]["parameters"][0]["activeWhen"] = {{"parameter", parent}, {"in", {value}}};
    default_experiment(object);
    EXPECT_EQ(said(object), "") << parent;
  }
}

TEST(ConditionalParameters, AreRefusedWhenTheyCanNeverHold) {
  const auto paths = [](const char* condition) {
    return error_paths(experiment_with("/spec/parameters/0/activeWhen", Json::parse(condition)));
  };
  const std::string base = "spec.parameters[0].activeWhen";
  EXPECT_EQ(paths(R"({"parameter":"nosuch","in":["a"]})"), Paths{base + ".parameter"});
  EXPECT_EQ(paths(R"({"parameter":"lr","in":["0.1"]})"), Paths{base + ".parameter"}) << "itself";
  EXPECT_EQ(paths(R"({"parameter":"","in":["a"]})"), Paths{base + ".parameter"});
  EXPECT_EQ(paths(R"({"parameter":"optimizer","in":[]})"), Paths{base + ".in"});
  EXPECT_EQ(paths(R"({"parameter":"optimizer","in":["adam","rmsprop"]})"), Paths{base + ".in[1]"});
  EXPECT_EQ(paths(R"({"parameter":"layers","in":["6"]})"), Paths{base + ".in[0]"});
  EXPECT_EQ(paths(R"({"parameter":"layers","in":["many"]})"), Paths{base + ".in[0]"});
}

TEST(ConditionalParameters, DoNotHangOnADouble) {
  EXPECT_EQ(error_paths(experiment_with("/spec/parameters/1/activeWhen",
                                        Json::parse(R"({"parameter":"lr","in":["0.05"]})"))),
            Paths{"spec.parameters[1].activeWhen.parameter"});
}

TEST(ConditionalParameters, MayNotGoInACircle) {
  Json object = experiment();
  object["spec"]["parameters"][1]["activeWhen"] =
      Json::parse(R"({"parameter":"units","in":["16"]})");
  object["spec"]["parameters"][2]["activeWhen"] =
      Json::parse(R"({"parameter":"optimizer","in":["adam"]})");
  object["spec"]["parameters"][3]["activeWhen"] =
      Json::parse(R"({"parameter":"layers","in":["2"]})");
  object["spec"]["parameters"][0]["activeWhen"] =
      Json::parse(R"({"parameter":"layers","in":["2"]})");
  default_experiment(object);
  EXPECT_EQ(error_paths(object), (Paths{"spec.parameters[1].activeWhen.parameter",
                                        "spec.parameters[2].activeWhen.parameter",
                                        "spec.parameters[3].activeWhen.parameter"}))
      << "the first hangs on the circle but is not in it";
}

TEST(ConditionalParameters, MayLeaveTheirParentOutOfTheTemplate) {
  Json object = experiment();
  object["spec"]["parameters"].push_back(Json::parse(
      R"({"name":"switch","parameterType":"categorical","feasibleSpace":{"list":["on","off"]}})"));
  default_experiment(object);
  EXPECT_EQ(error_paths(object), Paths{"spec.parameters[4].name"}) << "nobody uses it";
  object["spec"]["parameters"][0]["activeWhen"] =
      Json::parse(R"({"parameter":"switch","in":["on"]})");
  EXPECT_EQ(said(object), "");
  EXPECT_EQ(warnings(object).size(), 1U);
}

TEST(InitialTrials, MustBePointsOfTheSpace) {
  const auto paths = [](const char* trial) {
    return error_paths(experiment_with("/spec/initialTrials", Json::array({Json::parse(trial)})));
  };
  const char* right =
      R"({"assignments":{"lr":"0.05","layers":"2","units":"16","optimizer":"sgd"}})";
  EXPECT_EQ(paths(right), Paths{});
  const std::string base = "spec.initialTrials[0].assignments";
  EXPECT_EQ(paths(R"({"assignments":{"lr":"0.05","layers":"2","units":"16"}})"),
            Paths{base + ".optimizer"});
  EXPECT_EQ(paths(R"({"assignments":{"lr":"0.5","layers":"x","units":"17","optimizer":"s"}})"),
            (Paths{base + ".lr", base + ".layers", base + ".units", base + ".optimizer"}));
  EXPECT_EQ(
      paths(
          R"({"assignments":{"lr":"0.05","layers":"2","units":"16","optimizer":"sgd","more":"1"}})"),
      Paths{base + ".more"});
}

TEST(InitialTrials, NeedTheObjectiveWhenTheyAreKnownResults) {
  Json trial = Json::parse(
      R"({"assignments":{"lr":"0.05","layers":"2","units":"16","optimizer":"sgd"},"metrics":{"accuracy":1}})");
  EXPECT_EQ(error_paths(experiment_with("/spec/initialTrials", Json::array({trial}))),
            Paths{"spec.initialTrials[0].metrics.loss"});
  trial["metrics"]["loss"] = 0.5;
  EXPECT_EQ(error_paths(experiment_with("/spec/initialTrials", Json::array({trial}))), Paths{});
}

TEST(InitialTrials, LeaveOutWhatIsNotActive) {
  Json object = experiment();
  object["spec"]["parameters"][0]["activeWhen"] =
      Json::parse(R"({"parameter":"optimizer","in":["sgd"]})");
  object["spec"]["initialTrials"] =
      Json::parse(R"([{"assignments":{"layers":"2","units":"16","optimizer":"adam"}}])");
  default_experiment(object);
  EXPECT_EQ(said(object), "");
  object["spec"]["initialTrials"][0]["assignments"]["optimizer"] = "sgd";
  EXPECT_EQ(error_paths(object), Paths{"spec.initialTrials[0].assignments.lr"});
}

/// As suggestion/ answers: about the algorithm, and about parameters that form no space.
Admission::Verdict say_no(const Experiment& read) {
  EXPECT_EQ(read.name, "demo");
  return {{{FieldReason::kInvalid, "spec.algorithm.algorithmName", "no such algorithm"},
           {FieldReason::kInvalid, "spec.parameters[0].feasibleSpace", "is no space"}},
          {"odd"}};
}

TEST(AlgorithmChecks, AreAdded) {
  ValidationContext context;
  context.check_algorithm = say_no;
  Json object = experiment();
  default_experiment(object);
  EXPECT_EQ(error_paths(object, context),
            (Paths{"spec.algorithm.algorithmName", "spec.parameters[0].feasibleSpace"}));
  EXPECT_EQ(validate_experiment(object, nullptr, context).warnings,
            std::vector<std::string>{"odd"});
}

TEST(AlgorithmChecks, DoNotRepeatWhatIsWrongWithTheSpace) {
  ValidationContext context;
  context.check_algorithm = say_no;
  EXPECT_EQ(error_paths(experiment_with("/spec/parameters/0/feasibleSpace/max", "x"), context),
            (Paths{"spec.parameters[0].feasibleSpace.max", "spec.algorithm.algorithmName"}));
  EXPECT_EQ(error_paths(experiment_with("/spec/parameters", Json::array()), context),
            (Paths{"spec", "spec.algorithm.algorithmName"}));
}

TEST(ExperimentAdmission, DefaultsAndValidates) {
  const Admission admission = experiment_admission({});
  Json object = experiment();
  admission.apply_defaults(object);
  EXPECT_EQ(object["spec"]["resumePolicy"], "Never");
  EXPECT_TRUE(admission.validate(object, nullptr).errors.empty());
}

}  // namespace
}  // namespace mizan::resources
