// The tuner between trials, pods and the Job controller, on a store in memory; the node's part is a
// stand-in.
#include "pods/tuner/trial_tuner.h"

#include <boost/asio/co_spawn.hpp>

#include "tests/pods/node_fixture.h"

namespace mizan::pods {
namespace {

constexpr std::int64_t kMib = 1LL << 20U;

class TrialTunerTest : public ::testing::Test {
 protected:
  TrialTunerTest()
      : experiments(memory.store, store::Selection({"kubeflow.org", "experiments"}),
                    resources::read_experiment),
        trials(memory.store, store::Selection({"kubeflow.org", "trials"}), resources::read_trial),
        pods(memory.store, store::Selection({"", "pods"}), nullptr),
        tuner({memory.store, experiments, trials, pods, recorder,
               [this](std::string, std::string) { return usage(); }}) {
    tuner.listen([](const controller::Request&) {});
    run(experiments);
    run(trials);
    run(pods);
  }
  ~TrialTunerTest() override {
    experiments.stop();
    trials.stop();
    pods.stop();
    mizan::testing::run_until(memory.io, [this] { return running == 0; });
  }

  template <class T>
  void run(controller::Informer<T>& informer) {
    ++running;
    boost::asio::co_spawn(memory.io, informer.run(),
                          [this](const std::exception_ptr&) { --running; });
    memory.run(informer.wait_until_synced());
  }
  Task<Result<std::vector<ContainerUse>>> usage() {
    co_return std::vector<ContainerUse>{{"main", 0, used, used}};
  }

  void add_experiment(const std::string& mode) {
    Json object = Json::parse(R"({"metadata": {"name": "e"}, "spec": {
      "parameters": [{"name": "size", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "900"}}],
      "trialPods": {"resize": {"maxAllowed": {"memory": "1Gi"}, "oomRetries": 2}}}})");
    object["spec"]["trialPods"]["resize"]["mode"] = mode;
    auto made = memory.run(
        memory.store.create({"kubeflow.org", "experiments"}, "default", std::move(object), {}));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    mizan::testing::run_until(memory.io,
                              [&] { return experiments.get("default", "e") != nullptr; });
  }
  /// With `peak` MiB in its status when that is above 0.
  void add_trial(const std::string& name, int size, std::int64_t peak) {
    Json object{
        {"metadata", {{"name", name}, {"labels", {{"katib.kubeflow.org/experiment", "e"}}}}},
        {"spec",
         {{"parameterAssignments",
           Json::array({{{"name", "size"}, {"value", std::to_string(size)}}})},
          {"primaryContainerName", "main"}}}};
    auto made = memory.run(
        memory.store.create({"kubeflow.org", "trials"}, "default", std::move(object), {}));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    if (peak > 0) {
      Json body{{"status", {{"resources", {{"peak", {{"memory", std::to_string(peak) + "Mi"}}}}}}}};
      auto said = memory.run(
          memory.store.patch(store::Key({"kubeflow.org", "trials"}, "default", name), "status",
                             store::Patch(store::PatchType::kMerge, std::move(body)), {}));
      ASSERT_TRUE(said.has_value()) << said.error().message;
    }
    mizan::testing::run_until(memory.io, [&] {
      const auto known = trials.get("default", name);
      return known && (peak <= 0 || find(known->raw, "status.resources.peak") != nullptr);
    });
  }
  static Json job_of(const std::string& trial) {
    return {{"metadata",
             {{"name", trial},
              {"namespace", "default"},
              {"labels",
               {{"katib.kubeflow.org/experiment", "e"}, {"katib.kubeflow.org/trial", trial}}}}}};
  }
  static Json new_pod() {
    return Json::parse(R"({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "main",
      "resources": {"requests": {"memory": "256Mi"}, "limits": {"memory": "512Mi"}}}]}})");
  }
  static std::string limit_of(const Json& pod) {
    return string_at(pod["spec"]["containers"][0], "resources.limits.memory");
  }
  static std::shared_ptr<const Json> killed_pod(const char* limit) {
    Json status{{"name", "main"},
                {"resources", {{"limits", {{"memory", limit}}}}},
                {"state", {{"terminated", {{"reason", "OOMKilled"}}}}}};
    Json pod{{"status", {{"containerStatuses", Json::array({std::move(status)})}}}};
    return std::make_shared<const Json>(std::move(pod));
  }
  void teach() {
    for (int i = 1; i <= 8; ++i) add_trial("t" + std::to_string(i), i * 10, 100 + i * 10);
    add_trial("new", 45, 0);
  }

  mizan::testing::MemoryStore memory;
  RememberingRecorder recorder;
  controller::Informer<resources::Experiment> experiments;
  controller::Informer<resources::Trial> trials;
  controller::Informer<Json> pods;
  std::int64_t used = 0;
  int running = 0;
  TrialTuner tuner;
};

TEST_F(TrialTunerTest, LeavesPodsAsTheTemplateSaysUntilItKnowsMore) {
  add_experiment("Initial");
  add_trial("new", 45, 0);
  Json pod = new_pod();
  tuner.size(job_of("new"), {}, pod);

  EXPECT_EQ(limit_of(pod), "512Mi");
  EXPECT_EQ(pod["metadata"]["annotations"][kSampleAnnotation], "true");
}

TEST_F(TrialTunerTest, SizesToWhatIsPredictedAndKeepsTheRatio) {
  add_experiment("Initial");
  teach();
  Json pod = new_pod();
  tuner.size(job_of("new"), {}, pod);

  const auto limit = resources::Quantity::parse(limit_of(pod))->units();
  EXPECT_GE(limit, 145 * kMib);
  EXPECT_LE(limit, 230 * kMib);
  const auto request = resources::Quantity::parse(
                           string_at(pod["spec"]["containers"][0], "resources.requests.memory"))
                           ->units();
  EXPECT_NEAR(static_cast<double>(request), static_cast<double>(limit) / 2, kMib);
}

TEST_F(TrialTunerTest, RecommendAndOffChangeNothing) {
  add_experiment("Recommend");
  teach();
  Json pod = new_pod();
  tuner.size(job_of("new"), {}, pod);

  EXPECT_EQ(limit_of(pod), "512Mi");
  const Json note =
      Json::parse(pod["metadata"]["annotations"][kSizedAnnotation].get<std::string>());
  EXPECT_EQ(note["evidence"], 8);
  EXPECT_EQ(tuner.oom_retries(job_of("new")), 0);
}

TEST_F(TrialTunerTest, GivesAKilledTrialMoreAndSaysSo) {
  add_experiment("Initial");
  add_trial("new", 45, 0);
  EXPECT_EQ(tuner.oom_retries(job_of("new")), 2);
  Json second = new_pod(), third = new_pod();
  tuner.size(job_of("new"), {killed_pod("512Mi")}, second);
  tuner.size(job_of("new"), {killed_pod("512Mi"), killed_pod("900Mi")}, third);

  EXPECT_EQ(limit_of(second), "615Mi");
  EXPECT_EQ(limit_of(third), "1Gi") << "no more than is allowed";
  EXPECT_EQ(recorder.count("OOMRetry"), 2U);
}

TEST_F(TrialTunerTest, RaisesARunningPodThatIsNearlyFull) {
  add_experiment("InPlace");
  add_trial("new", 45, 0);
  Json pod = new_pod();
  pod["metadata"]["labels"] = job_of("new")["metadata"]["labels"];
  tuner.size(job_of("new"), {}, pod);
  (void)memory.run(memory.store.create({"", "pods"}, "default", pod, {}));
  Json body = Json::parse(R"({"status": {"phase": "Running", "containerStatuses": [{"name": "main",
    "resources": {"requests": {"memory": "256Mi"}, "limits": {"memory": "512Mi"}}}]}})");
  (void)memory.run(memory.store.patch(store::Key({"", "pods"}, "default", "p"), "status",
                                      store::Patch(store::PatchType::kMerge, body), {}));
  const auto phase = [&] {
    const auto seen = pods.get("default", "p");
    return seen ? string_at(*seen, "status.phase") : "";
  };
  mizan::testing::run_until(memory.io, [&] { return phase() == "Running"; });
  used = 480 * kMib;

  const auto again = memory.run(tuner.reconcile({"default", "p"}));

  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(again->has_value()) << "it goes on looking";
  const auto resized = memory.run(memory.store.get(store::Key({"", "pods"}, "default", "p")));
  EXPECT_EQ(limit_of(**resized), "624Mi");
  EXPECT_EQ(recorder.count("ResizeRequested"), 1U);
  const auto trial =
      memory.run(memory.store.get(store::Key({"kubeflow.org", "trials"}, "default", "new")));
  EXPECT_EQ(string_at(**trial, "status.resources.allocated.memory"), "512Mi");
}

}  // namespace
}  // namespace mizan::pods
