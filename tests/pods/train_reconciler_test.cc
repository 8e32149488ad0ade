// A TrainJob on a store in memory: what is made, what is made once, what is waited for.
#include "pods/train/train_reconciler.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <list>

#include "pods/job/job_reconciler.h"
#include "resources/condition.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "tests/pods/node_fixture.h"
#include "tests/support/memory_store.h"

namespace mizan::pods {
namespace {

using resources::kTrainJobs;
const resources::ResourceId kRuntimes{"trainer.kubeflow.org", "clustertrainingruntimes"};
using resources::kJobs;

class TrainReconcilerTest : public ::testing::Test {
 protected:
  TrainReconcilerTest() {
    reconciler.report_to({.address = "https://here",
                          .ca_certificate = "PEM",
                          .token = [](const std::string& ns, const std::string& name,
                                      const std::string&) { return ns + "/" + name; }});
    reconciler.listen([this](const controller::Request& request) { asked.push_back(request); });
    for (auto* each : {&train_jobs, &cluster_runtimes, &runtimes, &jobs}) {
      ++running;
      boost::asio::co_spawn(memory.io, each->run(),
                            [this](const std::exception_ptr&) { --running; });
      memory.run(each->wait_until_synced());
    }
  }
  ~TrainReconcilerTest() override {
    for (auto* each : {&train_jobs, &cluster_runtimes, &runtimes, &jobs}) each->stop();
    while (running > 0) memory.run_ready();
  }

  void create(const resources::ResourceId& id, const std::string& ns, const char* text) {
    auto made = memory.run(memory.store.create(id, ns, Json::parse(text), {}));
    ASSERT_TRUE(made) << made.error().message;
    memory.run_ready();
  }
  void create_runtime() {
    create(kRuntimes, "",
           R"({"metadata": {"name": "plain"}, "spec": {"template": {"spec": {"replicatedJobs": [
      {"name": "node", "template": {"metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}},
       "spec": {"template": {"spec": {"containers": [{"name": "node", "command": ["true"]}]}}}}}]}}}})");
  }
  void create_train_job() {
    create(kTrainJobs, "default",
           R"({"metadata": {"name": "t"}, "spec": {"runtimeRef": {"name": "plain"}}})");
  }
  Result<controller::RequeueAfter> reconcile() {
    auto done = memory.run(reconciler.reconcile(controller::Request("default", "t")));
    memory.run_ready();
    return done;
  }
  Json get(const resources::ResourceId& id, const std::string& name) {
    auto found = memory.run(memory.store.get(store::Key(id, "default", name)));
    return found ? **found : Json();
  }
  void end_job(const std::string& type) {
    Json change;
    change["status"]["conditions"] =
        Json::array({{{"type", type}, {"status", "True"}, {"reason", "R"}, {"message", "M"}}});
    auto done = memory.run(
        memory.store.patch(store::Key(kJobs, "default", "t-node-0"), "status",
                           store::Patch(store::PatchType::kMerge, std::move(change)), {}));
    ASSERT_TRUE(done);
    memory.run_ready();
  }

  mizan::testing::MemoryStore memory;
  RememberingRecorder recorder;
  controller::Informer<Json> train_jobs{memory.store, store::Selection(kTrainJobs), {}};
  controller::Informer<Json> cluster_runtimes{memory.store, store::Selection(kRuntimes), {}};
  controller::Informer<Json> runtimes{
      memory.store, store::Selection({"trainer.kubeflow.org", "trainingruntimes"}), {}};
  controller::Informer<Json> jobs{memory.store, store::Selection(kJobs), {}, controller_uid_index};
  TrainReconciler reconciler{{.store = memory.store,
                              .clock = memory.clock,
                              .recorder = recorder,
                              .train_jobs = train_jobs,
                              .cluster_runtimes = cluster_runtimes,
                              .runtimes = runtimes,
                              .jobs = jobs}};
  std::list<controller::Request> asked;
  int running = 0;
};

TEST_F(TrainReconcilerTest, MakesItsJobAndTheSecretThatItReportsWithOnce) {
  create_runtime();
  create_train_job();
  for (int again = 0; again < 3; ++again) ASSERT_TRUE(reconcile());

  const Json job = get(kJobs, "t-node-0");
  ASSERT_TRUE(job.is_object());
  EXPECT_EQ(resources::controller_of(job)->name, "t");
  const Json secret = get({"", "secrets"}, "t-trainer-token");
  EXPECT_EQ(secret["stringData"]["token"], "default/t");
  EXPECT_EQ(resources::controller_of(secret)->kind, "TrainJob");
  EXPECT_EQ(recorder.count("SuccessfulCreate"), 1U);
  end_job("Complete");
  ASSERT_TRUE(reconcile());
  EXPECT_TRUE(resources::has_condition(get(kTrainJobs, "t"), "Complete"));
}

TEST_F(TrainReconcilerTest, IsAskedAgainWhenItsRuntimeOrItsJobChanges) {
  create_train_job();
  ASSERT_TRUE(reconcile());
  EXPECT_EQ(resources::find_condition(get(kTrainJobs, "t"), "Created")->reason,
            "TrainingRuntimeNotFound");
  asked.clear();
  create_runtime();
  EXPECT_FALSE(asked.empty());
  ASSERT_TRUE(reconcile());
  asked.clear();
  end_job("Failed");
  EXPECT_FALSE(asked.empty());
  ASSERT_TRUE(reconcile());
  EXPECT_TRUE(resources::has_condition(get(kTrainJobs, "t"), "Failed"));
}

TEST_F(TrainReconcilerTest, WaitsForTheJobOfAnEarlierOneToGo) {
  create_runtime();
  create(kJobs, "default", R"({"metadata": {"name": "t-node-0"}, "spec": {"template": {"spec": {
    "containers": [{"name": "x"}]}}}})");
  create_train_job();

  const auto refused = reconcile();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kConflict) << "quiet, and tried again";
  ASSERT_TRUE(memory.run(memory.store.remove(store::Key(kJobs, "default", "t-node-0"), {})));
  memory.run_ready();
  ASSERT_TRUE(reconcile());
  EXPECT_EQ(resources::controller_of(get(kJobs, "t-node-0"))->name, "t");
}

TEST_F(TrainReconcilerTest, LeavesWhatTheTrainingToldOfItself) {
  create_runtime();
  create_train_job();
  ASSERT_TRUE(reconcile());
  Json told;
  told["status"]["trainerStatus"] = {{"progressPercentage", 50},
                                     {"lastUpdatedTime", "2026-11-23T20:00:00Z"}};
  ASSERT_TRUE(
      memory.run(memory.store.patch(store::Key(kTrainJobs, "default", "t"), "status",
                                    store::Patch(store::PatchType::kMerge, std::move(told)), {})));
  end_job("Complete");
  ASSERT_TRUE(reconcile());
  EXPECT_EQ(get(kTrainJobs, "t")["status"]["trainerStatus"]["progressPercentage"], 50);
}

}  // namespace
}  // namespace mizan::pods
