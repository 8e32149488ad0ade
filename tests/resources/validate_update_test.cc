// What may change in an Experiment that exists.
#include <gtest/gtest.h>

#include "resources/condition.h"
#include "resources/field_error.h"
#include "resources/validate.h"
#include "tests/resources/fixtures.h"

namespace mizan::resources {
namespace {

using Paths = std::vector<std::string>;

Json stored() {
  Json object = experiment();
  default_experiment(object);
  return object;
}

Json ended(const char* type, const char* reason, const char* policy, int trials = 12) {
  Json object = stored();
  object["spec"]["resumePolicy"] = policy;
  set_condition(object["status"]["conditions"], {type, true, reason, ""},
                *parse_rfc3339("2026-01-01T00:00:00Z"));
  object["status"]["trials"] = trials;
  return object;
}

Paths error_paths(const Json& object, const Json& old) {
  Paths paths;
  for (const FieldError& error : validate_experiment(object, &old, {}).errors)
    paths.push_back(error.path);
  return paths;
}

Paths paths_after(const Json& old, const char* pointer, const Json& value) {
  Json object = old;
  object[Json::json_pointer(pointer)] = value;
  default_experiment(object);
  return error_paths(object, old);
}

TEST(ValidateUpdate, LetsTheBudgetAndThePauseChange) {
  EXPECT_EQ(paths_after(stored(), "/spec/parallelTrialCount", 5), Paths{});
  EXPECT_EQ(paths_after(stored(), "/spec/maxTrialCount", 50), Paths{});
  EXPECT_EQ(paths_after(stored(), "/spec/maxFailedTrialCount", 0), Paths{});
  EXPECT_EQ(paths_after(stored(), "/spec/maxDurationSeconds", 60), Paths{});
  EXPECT_EQ(paths_after(stored(), "/spec/suspend", true), Paths{});
  EXPECT_EQ(paths_after(stored(), "/spec/stopWhen", {{"noImprovementTrials", 5}}), Paths{});
}

TEST(ValidateUpdate, ChecksTheNewValues) {
  EXPECT_EQ(paths_after(stored(), "/spec/parallelTrialCount", 0), Paths{"spec.parallelTrialCount"});
}

TEST(ValidateUpdate, NamesEachFieldThatCannotChange) {
  Json object = stored();
  object["spec"]["objective"]["goal"] = 0.5;
  object["spec"]["algorithm"]["algorithmName"] = "grid";
  object["spec"]["maxTrialCount"] = 20;
  EXPECT_EQ(error_paths(object, stored()), (Paths{"spec.algorithm", "spec.objective"}));
  const Json old = stored();
  EXPECT_EQ(validate_experiment(object, &old, {}).errors[0].message,
            "Forbidden: can't be changed: only spec.parallelTrialCount, spec.maxTrialCount, "
            "spec.maxFailedTrialCount, "
            "spec.maxDurationSeconds, spec.stopWhen and spec.suspend are editable; make another "
            "experiment instead");
}

TEST(ValidateUpdate, NeverStandsInTheWayOfMetadataAndStatus) {
  Json old = stored();
  old["spec"]["parallelTrialCount"] = 0;  // stored when rules were others
  old["spec"].erase("objective");
  Json object = old;
  object["metadata"]["finalizers"] = Json::array();
  object["status"]["trials"] = 3;
  EXPECT_EQ(error_paths(object, old), Paths{});
}

TEST(ValidateUpdate, TakesDefaultsThatAnOlderVersionDidNotStore) {
  const Json old = experiment();  // no defaults
  Json object = old;
  default_experiment(object);
  EXPECT_EQ(error_paths(object, old), Paths{});
}

TEST(ValidateUpdate, TreatsNullAsAbsent) {
  Json object = stored();
  object["spec"]["earlyStopping"] = nullptr;
  EXPECT_EQ(error_paths(object, stored()), Paths{});
}

TEST(ValidateUpdate, LetsAnExperimentGoOnThatRanOutOfTrials) {
  for (const char* policy : {"LongRunning", "FromVolume"}) {
    EXPECT_EQ(paths_after(ended("Succeeded", "ExperimentMaxTrialsReached", policy),
                          "/spec/maxTrialCount", 13),
              Paths{});
    EXPECT_EQ(paths_after(ended("Succeeded", "ExperimentMaxTrialsReached", policy),
                          "/spec/maxTrialCount", 11),
              Paths{"spec.maxTrialCount"})
        << "12 there are";
  }
}

TEST(ValidateUpdate, RefusesToGoOnOtherwise) {
  EXPECT_EQ(paths_after(ended("Succeeded", "ExperimentMaxTrialsReached", "Never"),
                        "/spec/maxTrialCount", 50),
            Paths{"spec.resumePolicy"});
  EXPECT_EQ(paths_after(ended("Succeeded", "ExperimentGoalReached", "LongRunning"),
                        "/spec/maxTrialCount", 50),
            Paths{"spec.resumePolicy"});
  EXPECT_EQ(
      paths_after(ended("Failed", "ExperimentFailed", "LongRunning"), "/spec/maxTrialCount", 50),
      Paths{"spec.resumePolicy"});
}

// Katib refuses it: there maxTrialCount must exceed the trials made even while the experiment runs.
TEST(ValidateUpdate, LetsARunningExperimentEndEarlier) {
  Json old = stored();
  old["status"]["trials"] = 10;
  EXPECT_EQ(paths_after(old, "/spec/maxTrialCount", 5), Paths{});
}

}  // namespace
}  // namespace mizan::resources
