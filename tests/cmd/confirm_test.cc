// `mizan confirm`: which points are run again, and what is made of their values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/mizan/confirm_plan.h"
#include "cmd/mizan/confirm_result.h"
#include "resources/validate.h"

namespace mizan::cmd {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json experiment() {
  return Json::parse(
      R"({"metadata": {"name": "e", "namespace": "default", "labels": {"team": "a"}}, "spec": {
    "objective": {"type": "minimize", "goal": 0.1, "objectiveMetricName": "loss"},
    "algorithm": {"algorithmName": "tpe"}, "parallelTrialCount": 2, "maxTrialCount": 30, "maxFailedTrialCount": 3,
    "earlyStopping": {"algorithmName": "medianstop"},
    "parameters": [
      {"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.001", "max": "0.1", "distribution": "logUniform"}},
      {"name": "layers", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "6"}},
      {"name": "opt", "parameterType": "categorical", "feasibleSpace": {"list": ["sgd", "adam"]}}],
    "trialTemplate": {"primaryContainerName": "main",
      "trialParameters": [{"name": "lr", "reference": "lr"}, {"name": "layers", "reference": "layers"},
                          {"name": "opt", "reference": "opt"}],
      "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {"restartPolicy": "Never",
        "containers": [{"name": "main", "image": "i", "command": ["train", "${trialParameters.lr}",
          "${trialParameters.layers}", "${trialParameters.opt}"]}]}}}}}}})");
}

Json trial(const std::string& name, double loss, const std::string& lr,
           const std::string& state = "Succeeded") {
  return {{"name", name},
          {"state", state},
          {"objective", loss},
          {"assignments", {{"lr", lr}, {"layers", "3"}, {"opt", "adam"}}}};
}

std::vector<Json> trials() {
  return {trial("e-a", 0.5, "0.02"), trial("e-b", 0.2, "0.03"), trial("e-c", 0.1, "0.04", "Failed"),
          trial("e-d", 0.3, "0.03"), trial("e-e", 0.4, "0.05")};
}

ConfirmPlan plan_of(const Json& object, const ConfirmRequest& request = {}) {
  auto plan = plan_confirmation(object, trials(), request);
  if (!plan) throw std::runtime_error(plan.error().message);
  return *std::move(plan);
}

TEST(ConfirmPlanTest, TakesTheBestDistinctConfigurationsThatSucceeded) {
  const ConfirmPlan plan = plan_of(experiment(), {.top = 2});

  ASSERT_EQ(plan.configurations.size(), 3U);
  EXPECT_EQ(plan.configurations[0].origin, "e-b");
  EXPECT_EQ(plan.configurations[1].origin, "e-e") << "e-d is the same point as e-b";
  Json upwards = experiment();
  upwards["spec"]["objective"]["type"] = "maximize";
  EXPECT_EQ(plan_of(upwards, {.top = 1}).configurations[0].origin, "e-a");
}

TEST(ConfirmPlanTest, TheDefaultIsGivenOrTheFirstPointOrTheMiddle) {
  const Assignments middle = plan_of(experiment()).configurations.back().assignments;
  EXPECT_EQ(middle, (Assignments{{"lr", "0.01"}, {"layers", "4"}, {"opt", "sgd"}}));

  Json begun = experiment();
  begun["spec"]["initialTrials"] = {
      {{"assignments", {{"lr", "0.05"}, {"layers", 2}, {"opt", "sgd"}}}}};
  EXPECT_EQ(plan_of(begun).configurations.back().assignments.at("layers"), "2");

  const auto given = plan_of(begun, {.standard = {{"lr", "0.07"}}}).configurations.back();
  EXPECT_EQ(given.assignments.at("lr"), "0.07");
  EXPECT_EQ(given.assignments.at("layers"), "2");
}

TEST(ConfirmPlanTest, EveryRepeatHasOneSeedForAllAndReachesTheTrials) {
  const ConfirmPlan plan = plan_of(experiment(), {.top = 1, .repeats = 2});

  const Json& points = plan.experiment["spec"]["initialTrials"];
  ASSERT_EQ(points.size(), 4U);
  const std::vector<std::pair<const char*, const char*>> wanted = {
      {"0.03", "1"}, {"0.01", "1"}, {"0.03", "2"}, {"0.01", "2"}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(points[i]["assignments"]["lr"], wanted[i].first) << i;
    EXPECT_EQ(points[i]["assignments"]["mizan-seed"], wanted[i].second) << i;
  }
  const Json& env = plan.experiment["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]
                                   ["spec"]["containers"][0]["env"];
  EXPECT_EQ(env,
            Json::parse(R"([{"name": "MIZAN_SEED", "value": "${trialParameters.mizanSeed}"}])"));
}

TEST(ConfirmPlanTest, NothingEndsItEarly) {
  const ConfirmPlan plan = plan_of(experiment());

  const Json& spec = plan.experiment["spec"];
  EXPECT_FALSE(spec["objective"].contains("goal"));
  for (const char* key : {"earlyStopping", "maxFailedTrialCount"}) EXPECT_FALSE(spec.contains(key));
  EXPECT_EQ(spec["maxTrialCount"], 20);
  EXPECT_EQ(spec["algorithm"]["algorithmName"], "random");
  EXPECT_EQ(plan.experiment["metadata"]["labels"]["team"], "a");
}

TEST(ConfirmPlanTest, TheExperimentIsRightAsItStands) {
  Json made = plan_of(experiment()).experiment;
  made["metadata"]["name"] = "e-confirm";
  const resources::Admission row = resources::experiment_admission({});
  row.apply_defaults(made);
  const auto verdict = row.validate(made, nullptr);
  std::vector<std::string> said = verdict.warnings;
  for (const FieldError& error : verdict.errors) said.push_back(error.path + ": " + error.message);
  EXPECT_THAT(said, IsEmpty());
}

TEST(ConfirmPlanTest, AParameterCanBeTheSeed) {
  Json seeded = experiment();
  seeded["spec"]["parameters"].push_back(Json::parse(
      R"({"name": "seed", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "2"}})"));
  std::vector<Json> with_seeds = trials();
  for (Json& one : with_seeds) one["assignments"]["seed"] = "7";

  const auto plan =
      plan_confirmation(seeded, with_seeds, {.top = 1, .repeats = 3, .seed_parameter = "seed"});

  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->experiment["spec"]["initialTrials"][4]["assignments"]["seed"], "3");
  EXPECT_EQ(plan->experiment["spec"]["parameters"][3]["feasibleSpace"]["max"], "3");
  EXPECT_FALSE(plan->experiment["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]
                               ["containers"][0]
                                   .contains("env"));
}

TEST(ConfirmPlanTest, SaysWhyThereIsNothingToConfirm) {
  Json client = experiment();
  client["spec"]["trialTemplate"] = {{"client", Json::object()}};
  Json config_map = experiment();
  config_map["spec"]["trialTemplate"].erase("trialSpec");
  const Assignments best{{"lr", "0.03"}, {"layers", "3"}, {"opt", "adam"}};
  const struct {
    Json object;
    std::vector<Json> trials;
    ConfirmRequest request;
    const char* says;
  } cases[] = {
      {client, trials(), {}, "run by a client"},
      {experiment(), {}, {}, "no trial of it has succeeded"},
      {config_map, trials(), {}, "--seed-parameter"},
      {experiment(), trials(), {.standard = {{"rate", "1"}}}, "there are lr, layers, opt"},
      {experiment(), trials(), {.top = 1, .standard = best}, "is the default"},
      {experiment(), trials(), {.seed_parameter = "seed"}, "there are lr, layers, opt"},
      {experiment(), trials(), {.repeats = 5, .seed_parameter = "opt"}, "too few for 5 repeats"},
  };
  for (const auto& one : cases) {
    const auto plan = plan_confirmation(one.object, one.trials, one.request);
    ASSERT_FALSE(plan) << one.says;
    EXPECT_THAT(plan.error().message, HasSubstr(one.says));
  }
}

TEST(ConfirmResultTest, TheIntervalIsStudents) {
  // By hand: mean 2, standard deviation 1, t(0.975; 2) = 4.302653.
  const auto interval = paired_interval({1, 2, 3});
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->mean, 2);
  EXPECT_NEAR(interval->low, 2 - 4.302653 / std::sqrt(3.0), 1e-5);
  EXPECT_NEAR(interval->high, 2 + 4.302653 / std::sqrt(3.0), 1e-5);
  EXPECT_FALSE(paired_interval({1}));
}

Json repeat(int index, double loss) {
  return {{"index", index}, {"state", "Succeeded"}, {"objective", loss}};
}

TEST(ConfirmResultTest, WhatTheRepeatsHaveInCommonDoesNotCount) {
  const ConfirmPlan plan = plan_of(experiment(), {.top = 1, .repeats = 3});
  // The default is worse by 0.1 each time, although the repeats differ by far more.
  const std::vector<Json> values = {repeat(0, 1.00), repeat(1, 1.10), repeat(2, 5.00),
                                    repeat(3, 5.11), repeat(4, 9.00), repeat(5, 9.09)};

  const auto compared = compare(plan, values);

  ASSERT_EQ(compared.size(), 2U);
  ASSERT_TRUE(compared[0].against_default);
  EXPECT_EQ(compared[0].against_default->pairs, 3U);
  EXPECT_NEAR(compared[0].against_default->mean, -0.1, 1e-9);
  EXPECT_EQ(verdict_of(compared[0], false), "better");
  EXPECT_EQ(verdict_of(compared[0], true), "worse");
  EXPECT_FALSE(compared[1].against_default);
  const std::string text = confirmation_text(compared, "loss", false);
  EXPECT_THAT(text, HasSubstr("better"));
  EXPECT_THAT(text, HasSubstr("layers=3 lr=0.03 opt=adam (e-b)"));
  EXPECT_EQ(confirmation_json(compared, "loss", false)["configurations"][1]["default"], true);
}

TEST(ConfirmResultTest, ARepeatThatFailedIsLeftOutOfItsPairOnly) {
  const ConfirmPlan plan = plan_of(experiment(), {.top = 1, .repeats = 3});
  Json failed = repeat(2, 0);
  failed["state"] = "Failed";
  const std::vector<Json> values = {repeat(0, 1.0), repeat(1, 2.0), failed,
                                    repeat(3, 2.5), repeat(4, 1.5), repeat(5, 2.0)};

  const auto compared = compare(plan, values);

  EXPECT_EQ(compared[0].values.size(), 2U);
  EXPECT_EQ(compared[1].values.size(), 3U);
  ASSERT_TRUE(compared[0].against_default);
  EXPECT_EQ(compared[0].against_default->pairs, 2U);
  EXPECT_EQ(verdict_of(compared[0], false), "no clear difference");
}

}  // namespace
}  // namespace mizan::cmd
