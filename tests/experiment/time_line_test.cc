// What happened, in order, and the sentence above it.
#include "experiment/time_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/experiment/builders.h"

namespace mizan::experiment {
namespace {

using ::testing::HasSubstr;

Json failed_trial() {
  Json trial = testing::trial_object("t");
  trial["status"] =
      Json::parse(R"({"why": "Its command ended with exit code 3; it said last: \"oops\".",
    "conditions": [
      {"type": "Created", "status": "True", "reason": "TrialCreated", "message": "Trial is created", "lastTransitionTime": "2026-11-23T20:00:01Z"},
      {"type": "Running", "status": "False", "reason": "TrialRunning", "message": "Trial is running", "lastTransitionTime": "2026-11-23T20:00:09Z"},
      {"type": "Failed", "status": "True", "reason": "TrialFailed", "message": "Trial has failed. Its command ended with exit code 3; it said last: \"oops\".", "lastTransitionTime": "2026-11-23T20:00:09Z"}]})");
  return trial;
}

StorySources sources() {
  StorySources told;
  told.object = failed_trial();
  told.pods.push_back(
      Json::parse(R"({"metadata": {"name": "t-abc", "creationTimestamp": "2026-11-23T20:00:02Z"},
    "status": {"phase": "Failed",
      "conditions": [{"type": "PodResizePending", "status": "True", "reason": "Deferred", "message": "no room", "lastTransitionTime": "2026-11-23T20:00:05Z"}],
      "containerStatuses": [{"name": "main", "state": {"terminated": {"exitCode": 3, "reason": "Error",
        "startedAt": "2026-11-23T20:00:03Z", "finishedAt": "2026-11-23T20:00:08Z"}}}]}})"));
  told.events.push_back(
      Json::parse(R"({"reason": "JobCreated", "message": "Job t has been created", "count": 2,
    "lastTimestamp": "2026-11-23T20:00:01Z", "involvedObject": {"kind": "Trial", "name": "t"}})"));
  told.log_tail = "epoch 1\n\noops\n";
  return told;
}

TEST(TimeLineTest, TellsInOrderWhatHappenedToATrial) {
  EXPECT_EQ(
      to_text(tell_story(sources())),
      "Trial t of experiment e: Failed\n"
      "Trial has failed. Its command ended with exit code 3; it said last: \"oops\".\n"
      "\n"
      "  2026-11-23T20:00:00Z  Trial: made\n"
      "  2026-11-23T20:00:01Z  Trial: Created (TrialCreated: Trial is created)\n"
      "  2026-11-23T20:00:01Z  Trial t: JobCreated: Job t has been created (2 times)\n"
      "  2026-11-23T20:00:02Z  Pod t-abc: made\n"
      "  2026-11-23T20:00:03Z  Pod t-abc, container main: started\n"
      "  2026-11-23T20:00:05Z  Pod t-abc: PodResizePending (Deferred: no room)\n"
      "  2026-11-23T20:00:08Z  Pod t-abc, container main: ended with exit code 3 (Error)\n"
      "  2026-11-23T20:00:09Z  Trial: Failed (TrialFailed: Trial has failed. Its command ended "
      "with exit code 3; it said last: \"oops\".)\n"
      "\n"
      "It said last:\n"
      "  epoch 1\n"
      "  oops\n");
}

TEST(TimeLineTest, WhatWaitsStandsAtTheEnd) {
  StorySources told;
  told.object = testing::trial_object("t");
  told.pods.push_back(
      Json::parse(R"({"metadata": {"name": "t-abc"}, "status": {"containerStatuses": [
    {"name": "main", "state": {"waiting": {"reason": "NoCommandOnHost", "message": "no command"}}}]}})"));
  const Story story = tell_story(told);
  EXPECT_EQ(story.title, "Trial t of experiment e: Pending");
  EXPECT_EQ(story.sentence, "Nothing has happened to it yet.");
  EXPECT_EQ(story.steps.back().text, "waits (NoCommandOnHost: no command)");
}

TEST(TimeLineTest, AnExperimentTellsOfItsTrialsThatEndedBadly) {
  StorySources told;
  told.object = Json::parse(
      R"({"kind": "Experiment", "metadata": {"name": "e"}, "status": {"why": "2 of 3 trials failed.",
    "conditions": [{"type": "Failed", "status": "True", "reason": "ExperimentFailed", "message": "Experiment has failed"}]}})");
  told.trials = {failed_trial(),
                 testing::with_conditions(testing::trial_object("good"), {"Succeeded"})};
  const Story story = tell_story(told);
  EXPECT_EQ(story.sentence, "Experiment has failed. 2 of 3 trials failed.");
  const std::string text = to_text(story);
  EXPECT_THAT(text, HasSubstr("Trial t: Failed: Its command ended with exit code 3"));
  EXPECT_EQ(text.find("good"), std::string::npos);
}

TEST(TimeLineTest, StrangeObjectsDoNoHarm) {
  for (const char* object : {"{}", "[]", "null", R"({"status": {"conditions": [1, {}, null]}})"}) {
    StorySources told;
    told.object = Json::parse(object);
    told.pods.push_back(Json::parse(object));
    told.events.push_back(Json::parse(object));
    told.trials.push_back(Json::parse(object));
    EXPECT_FALSE(to_text(tell_story(told)).empty()) << object;
  }
}

}  // namespace
}  // namespace mizan::experiment
