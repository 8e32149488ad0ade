// A TrainJob at one moment: which Jobs are made, and what its conditions say.
#include "pods/train/train_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/condition.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Time kNow = *parse_rfc3339("2026-11-23T20:00:00Z");

class Scene {
 public:
  Scene() {
    job_ = Json::parse(R"({"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob",
      "metadata": {"name": "t", "namespace": "default", "uid": "uid-t"}, "spec": {"runtimeRef": {"name": "plain"}}})");
    runtime = Json::parse(R"({"spec": {"template": {"spec": {"replicatedJobs": [
      {"name": "data", "template": {"spec": {"template": {"spec": {"containers": [{"name": "data"}]}}}}},
      {"name": "node", "dependsOn": [{"name": "data", "status": "Complete"}], "template": {
        "metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}},
        "spec": {"template": {"spec": {"containers": [{"name": "node"}]}}}}}]}}}})");
  }

  /// `condition` empty: it runs.
  Scene& job(const std::string& name, const std::string& condition = "",
             const std::string& reason = "R", const std::string& message = "M") {
    Json made{{"kind", "Job"}, {"metadata", {{"name", name}}}, {"status", {{"active", 1}}}};
    if (!condition.empty()) {
      made["status"] = {
          {"conditions",
           {{{"type", condition}, {"status", "True"}, {"reason", reason}, {"message", message}}}}};
    }
    jobs_.push_back(std::make_shared<const Json>(std::move(made)));
    return *this;
  }
  TrainPlan plan() const {
    const TrainView view{.train_job = job_,
                         .runtime = runtime.is_null() ? nullptr : &runtime,
                         .jobs = jobs_,
                         .reporting = {},
                         .now = kNow};
    return plan_train(view);
  }
  /// What it is once the plan is applied.
  Json after(const TrainPlan& plan) const {
    Json object = job_;
    if (!plan.status.is_null()) object["status"] = plan.status;
    return object;
  }
  Json& spec() { return job_["spec"]; }
  void keep(const TrainPlan& plan) { job_ = after(plan); }

  Json runtime;

 private:
  Json job_;
  std::vector<std::shared_ptr<const Json>> jobs_;
};

std::vector<std::string> names(const std::vector<Json>& objects) {
  std::vector<std::string> found;
  for (const Json& object : objects) found.push_back(resources::name_of(object));
  return found;
}

TEST(TrainPlanTest, MakesTheJobsThatDependOnNothing) {
  Scene scene;
  const TrainPlan plan = scene.plan();

  EXPECT_THAT(names(plan.create), ElementsAre("t-data-0"));
  EXPECT_TRUE(resources::has_condition(scene.after(plan), "Created"));
}

TEST(TrainPlanTest, MakesTheNextOnceWhatItDependsOnIsComplete) {
  Scene running;
  running.job("t-data-0");
  EXPECT_THAT(running.plan().create, IsEmpty());

  Scene done;
  done.job("t-data-0", "Complete");
  EXPECT_THAT(names(done.plan().create), ElementsAre("t-node-0"));
}

TEST(TrainPlanTest, IsCompleteWithTheLastJob) {
  Scene scene;
  scene.job("t-data-0", "Complete").job("t-node-0", "Complete");
  const TrainPlan plan = scene.plan();

  EXPECT_TRUE(resources::has_condition(scene.after(plan), "Complete"));
  EXPECT_EQ(plan.status["jobsStatus"][1]["succeeded"], 1);
  EXPECT_FALSE(plan.status["conditions"][0].contains("lastUpdateTime"));
  scene.keep(plan);
  EXPECT_TRUE(scene.plan().status.is_null()) << "the end is the end";
}

TEST(TrainPlanTest, FailsWithTheReasonOfTheJobAndEndsTheOthers) {
  Scene scene;
  scene.job("t-data-0").job("t-node-0", "Failed", "BackoffLimitExceeded", "too often");
  const TrainPlan plan = scene.plan();

  const auto failed = resources::find_condition(scene.after(plan), "Failed");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->reason, "BackoffLimitExceeded");
  EXPECT_EQ(failed->message, "Job t-node-0 has failed: too often");
  EXPECT_THAT(plan.remove, ElementsAre("t-data-0"));
}

TEST(TrainPlanTest, WaitsForItsRuntimeAndSaysSoOnce) {
  Scene scene;
  scene.runtime = nullptr;
  const TrainPlan plan = scene.plan();

  const auto created = resources::find_condition(scene.after(plan), "Created");
  ASSERT_TRUE(created);
  EXPECT_FALSE(created->status);
  EXPECT_THAT(created->message, HasSubstr("no ClusterTrainingRuntime called plain"));
  EXPECT_EQ(plan.events.size(), 1U);
  scene.keep(plan);
  EXPECT_THAT(scene.plan().events, IsEmpty());
}

TEST(TrainPlanTest, RefusesWhatIsNoRuntimeOrCanNotRunHere) {
  Scene foreign;
  foreign.spec()["runtimeRef"]["kind"] = "SlurmRuntime";
  Scene wide;
  wide.spec()["trainer"]["numNodes"] = 2;
  for (const Scene* scene : {&foreign, &wide}) {
    const TrainPlan plan = scene->plan();
    const auto failed = resources::find_condition(scene->after(plan), "Failed");
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->reason, "TrainingRuntimeNotSupported");
    EXPECT_THAT(plan.create, IsEmpty());
  }
}

TEST(TrainPlanTest, SuspendingReachesItsJobs) {
  Scene scene;
  scene.spec()["suspend"] = true;
  EXPECT_EQ(scene.plan().create.at(0)["spec"]["suspend"], true);
  scene.job("t-data-0");
  const TrainPlan held = scene.plan();
  EXPECT_THAT(held.suspend, ElementsAre(std::pair<std::string, bool>("t-data-0", true)));
  EXPECT_TRUE(resources::has_condition(scene.after(held), "Suspended"));

  scene.keep(held);
  scene.spec()["suspend"] = false;
  const Json resumed = scene.after(scene.plan());
  EXPECT_FALSE(resources::has_condition(resumed, "Suspended"));
  EXPECT_EQ(resources::find_condition(resumed, "Suspended")->reason, "Resumed");
}

TEST(TrainPlanTest, LeavesWhatAnotherManages) {
  Scene scene;
  scene.spec()["managedBy"] = "kueue.x-k8s.io/multikueue";
  const TrainPlan plan = scene.plan();
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_TRUE(plan.status.is_null());
}

}  // namespace
}  // namespace mizan::pods
