// Jobs on the embedded node: controller, node and shims together.
#include "controller/controller.h"
#include "pods/job/job_reconciler.h"
#include "tests/pods/node_fixture.h"

namespace mizan::pods {
namespace {

Json a_job(const std::string& name, const std::string& script) {
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", name}}},
          {"spec", {{"backoffLimit", 0}, {"template", {{"spec", a_pod("x", script)["spec"]}}}}}};
}

class JobNodeTest : public NodeTest {
 protected:
  void SetUp() override {
    start();
    jobs = std::make_unique<controller::Informer<Json>>(
        memory.store, store::Selection({"batch", "jobs"}), nullptr);
    job_pods = std::make_unique<controller::Informer<Json>>(
        memory.store, store::Selection({"", "pods"}), nullptr, controller_uid_index);
    JobTiming timing;
    timing.backoff_base = std::chrono::seconds(0);
    reconciler =
        std::make_unique<JobReconciler>(memory.store, clock, recorder, *jobs, *job_pods, timing);
    controller::Controller::Options options;
    options.name = "job";
    controller = std::make_unique<controller::Controller>(memory.io.get_executor(), *reconciler,
                                                          std::move(options));
    reconciler->listen([this](const controller::Request& job) { controller->enqueue(job); });
    for (auto* each : {jobs.get(), job_pods.get()}) {
      ++running;
      boost::asio::co_spawn(memory.io, each->run(),
                            [this](const std::exception_ptr&) { --running; });
      memory.run(each->wait_until_synced());
    }
    controller->start();
  }
  void TearDown() override {
    memory.run(controller->stop());
    jobs->stop();
    job_pods->stop();
    wait_until([this] { return running == 0; });
  }
  void submit(Json object) {
    auto made =
        memory.run(memory.store.create({"batch", "jobs"}, "default", std::move(object), {}));
    ASSERT_TRUE(made.has_value()) << made.error().message;
  }
  Json job(const std::string& name) {
    auto got = memory.run(memory.store.get(store::Key({"batch", "jobs"}, "default", name)));
    return got ? **got : Json();
  }
  void wait_for_condition(const std::string& name, const std::string& type) {
    wait_until([&] {
      const Json object = job(name);
      const Json* conditions = find(object, "status.conditions");
      if (conditions == nullptr) return false;
      return std::ranges::any_of(*conditions, [&](const Json& each) {
        return each["type"] == type && each["status"] == "True";
      });
    });
  }
  std::unique_ptr<controller::Informer<Json>> jobs, job_pods;
  std::unique_ptr<JobReconciler> reconciler;
  std::unique_ptr<controller::Controller> controller;
  int running = 0;
};

TEST_F(JobNodeTest, CompletesAJob) {
  submit(a_job("j", "echo done"));
  wait_for_condition("j", "Complete");

  EXPECT_EQ(job("j")["status"]["succeeded"], 1);
  EXPECT_TRUE(recorder.has("SuccessfulCreate"));
}

TEST_F(JobNodeTest, FailsAJobWhosePodFails) {
  submit(a_job("j", "exit 1"));
  wait_for_condition("j", "Failed");

  EXPECT_EQ(job("j")["status"]["failed"], 1);
}

TEST_F(JobNodeTest, TriesAgainUpToTheBackoffLimit) {
  Json object = a_job("j", "exit 1");
  object["spec"]["backoffLimit"] = 2;
  submit(object);
  wait_for_condition("j", "Failed");

  EXPECT_EQ(job("j")["status"]["failed"], 3);
}

TEST_F(JobNodeTest, EndsAJobAtItsDeadline) {
  Json object = a_job("j", "sleep 1000");
  object["spec"]["activeDeadlineSeconds"] = 1;
  submit(object);
  wait_for_condition("j", "Failed");

  wait_until([this] { return node->running_pods() == 0; });
}

}  // namespace
}  // namespace mizan::pods
