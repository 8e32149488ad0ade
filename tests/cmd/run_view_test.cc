// What mizan run prints.
#include "cmd/mizan/run_view.h"

#include <gtest/gtest.h>

namespace mizan::cmd {
namespace {

const Json kExperiment = Json::parse(R"({
  "namespace": "default", "name": "first", "state": "Succeeded", "message": "max trial count has reached",
  "objective": {"metric": "loss", "type": "minimize"},
  "parameters": [{"name": "lr"}, {"name": "layers"}],
  "counts": {"total": 4, "max": 4, "running": 1, "succeeded": 2, "failed": 1},
  "best": {"trial": "first-b", "value": 0.25, "assignments": {"lr": "0.1", "layers": "3"}}})");

Json trial(const char* name, const char* state, Json objective, const char* lr,
           const char* why = "") {
  return {{"name", name},
          {"state", state},
          {"objective", std::move(objective)},
          {"why", why},
          {"assignments", {{"lr", lr}, {"layers", "3"}}}};
}

TEST(RunViewTest, TheBarShowsWhatIsDoneRunningFailedAndBest) {
  EXPECT_EQ(progress_line(kExperiment, 200),
            "[##################......] 3/4 trials  1 running  1 failed  best loss=0.25");
}

TEST(RunViewTest, TheBarIsCutToTheTerminal) {
  EXPECT_EQ(progress_line(kExperiment, 10), "[#########");
}

TEST(RunViewTest, WithoutABudgetThereIsACount) {
  Json open = kExperiment;
  open["counts"]["max"] = nullptr;
  open["best"] = nullptr;
  EXPECT_EQ(progress_line(open, 200), "3 trials  1 running  1 failed");
}

TEST(RunViewTest, AFinishedTrialIsOneLine) {
  EXPECT_EQ(trial_line(kExperiment, trial("first-b", "Succeeded", 0.25, "0.1"), true),
            "[3/4] first-b Succeeded  loss=0.25 (best)  layers=3 lr=0.1");
  EXPECT_EQ(trial_line(kExperiment, trial("first-c", "Failed", nullptr, "9", "exit code 3"), false),
            "[3/4] first-c Failed  exit code 3  layers=3 lr=9");
}

TEST(RunViewTest, TheTableRanksByTheObjectiveAndSaysWhyTrialsFailed) {
  const std::vector<Json> trials{trial("first-a", "Succeeded", 0.5, "0.01"),
                                 trial("first-b", "Succeeded", 0.25, "0.1"),
                                 trial("first-c", "Failed", nullptr, "9", "exit code 3")};

  EXPECT_EQ(result_text(kExperiment, trials, 10),
            "TRIAL    STATE      loss  lr    layers\n"
            "first-b  Succeeded  0.25  0.1   3\n"
            "first-a  Succeeded  0.5   0.01  3\n"
            "1 x Failed: exit code 3\n"
            "\n"
            "Experiment default/first Succeeded: max trial count has reached\n"
            "Best trial first-b: loss=0.25\n"
            "  layers=3 lr=0.1\n");
}

TEST(RunViewTest, AMaximisedObjectiveRanksTheOtherWayAndLongTablesAreCut) {
  Json experiment = kExperiment;
  experiment["objective"]["type"] = "maximize";
  const std::vector<Json> trials{trial("a", "Succeeded", 1, "1"), trial("b", "Succeeded", 3, "1"),
                                 trial("c", "Succeeded", 2, "1")};
  const std::string text = result_text(experiment, trials, 1);
  EXPECT_NE(text.find("b      Succeeded  3"), std::string::npos) << text;
  EXPECT_NE(text.find("... and 2 more"), std::string::npos) << text;
}

TEST(RunViewTest, WithoutAValueItSaysSo) {
  Json experiment = kExperiment;
  experiment["best"] = nullptr;
  EXPECT_NE(result_text(experiment, {}, 5).find("No trial gave a value of loss."),
            std::string::npos);
}

}  // namespace
}  // namespace mizan::cmd
