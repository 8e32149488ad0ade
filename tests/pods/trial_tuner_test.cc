// The tuner between trials, pods and the Job controller, on a store in memory; the node's part is a
// stand-in.
#include "pods/tuner/trial_tuner.h"

#include <boost/asio/co_spawn.hpp>

#include "tests/pods/mebibyte.h"
#include "tests/pods/node_fixture.h"

namespace mizan::pods {
namespace {

class TrialTunerTest : public ::testing::Test {
 protected:
  TrialTunerTest()
      : experiments(memory.store, store::Selection({"kubeflow.org", "experiments"}),
                    resources::read_experiment),
        trials(memory.store, store::Selection({"kubeflow.org", "trials"}), resources::read_trial),
        pods(memory.store, store::Selection({"", "pods"}), nullptr),
        tuner({.store = memory.store,
               .experiments = experiments,
               .trials = trials,
               .pods = pods,
               .recorder = recorder,
               .clock = clock,
               .usage = [this](std::string, std::string) { return usage(); },
               .node = [this] { return node; }}) {
    tuner.listen([this](const controller::Request& request) { enqueued.push_back(request); });
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
    co_return std::vector<ContainerUse>{{.container = "main",
                                         .cpu_nanocores = 0,
                                         .memory_bytes = used,
                                         .anonymous_bytes = used,
                                         .cpu_nanoseconds = cpu.used_nanoseconds,
                                         .cpu_periods = cpu.periods,
                                         .throttled_periods = cpu.throttled_periods,
                                         .throttled_nanoseconds = cpu.throttled_nanoseconds}};
  }

  void add_experiment(const std::string& mode, const Json& more = Json::object()) {
    Json object = Json::parse(R"({"metadata": {"name": "e"}, "spec": {
      "parameters": [{"name": "size", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "900"}}],
      "trialPods": {"resize": {"maxAllowed": {"memory": "1Gi"}, "oomRetries": 2}}}})");
    object["spec"]["trialPods"]["resize"]["mode"] = mode;
    object["spec"]["trialPods"].merge_patch(more);
    object["spec"]["parallelTrialCount"] = 2;
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
    Json pod{
        {"status", {{"phase", "Failed"}, {"containerStatuses", Json::array({std::move(status)})}}}};
    return std::make_shared<const Json>(std::move(pod));
  }
  void teach() {
    for (int i = 1; i <= 8; ++i) add_trial("t" + std::to_string(i), i * 10, 100 + i * 10);
    add_trial("new", 45, 0);
  }

  /// What the Job controller and the node do: the pod is made, sized, and runs.
  void run_pod(const std::string& trial, Json pod = new_pod(), const std::string& name = "p") {
    pod["metadata"]["name"] = name;
    pod["metadata"]["labels"] = job_of(trial)["metadata"]["labels"];
    tuner.size(job_of(trial), {}, pod);
    const Json resources = pod["spec"]["containers"][0]["resources"];
    auto made = memory.run(memory.store.create({"", "pods"}, "default", std::move(pod), {}));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    Json main{{"name", "main"},
              {"resources", resources},
              {"state", {{"running", {{"startedAt", format_rfc3339(clock.now())}}}}}};
    set_status(name, {{"phase", "Running"}, {"containerStatuses", Json::array({std::move(main)})}});
  }
  void set_status(const std::string& name, Json status) {
    Json body{{"status", std::move(status)}};
    auto said = memory.run(memory.store.patch(store::Key({"", "pods"}, "default", name), "status",
                                              store::Patch(store::PatchType::kMerge, body), {}));
    ASSERT_TRUE(said.has_value()) << said.error().message;
    pods.observe(said->object);
  }
  void end_pod(const std::string& name, const char* phase, std::int64_t peak,
               const char* reason = "Completed") {
    Json main = pod_of(name)["status"]["containerStatuses"][0];
    const std::string now = format_rfc3339(clock.now());
    main["state"] = {{"terminated", {{"reason", reason}, {"startedAt", now}, {"finishedAt", now}}}};
    main["peakMemoryBytes"] = peak;
    set_status(name, {{"phase", phase}, {"containerStatuses", Json::array({std::move(main)})}});
  }
  void look(const std::string& name = "p") {
    const auto again = memory.run(tuner.reconcile({"default", name}));
    ASSERT_TRUE(again.has_value()) << again.error().message;
  }
  Json pod_of(const std::string& name = "p") {
    return **memory.run(memory.store.get(store::Key({"", "pods"}, "default", name)));
  }
  Json trial_named(const std::string& name = "new") {
    return **memory.run(memory.store.get(store::Key({"kubeflow.org", "trials"}, "default", name)));
  }
  Json resources_of_trial(const std::string& name = "new") {
    return trial_named(name)["status"]["resources"];
  }

  mizan::testing::MemoryStore memory;
  RememberingRecorder recorder;
  controller::Informer<resources::Experiment> experiments;
  controller::Informer<resources::Trial> trials;
  controller::Informer<Json> pods;
  SystemClock clock;
  std::vector<controller::Request> enqueued;
  std::int64_t used = 0;
  CpuCounters cpu;
  TrialSize node;  // 0: nothing is known of it
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
  run_pod("new");
  used = 480 * kMib;
  look();

  EXPECT_EQ(limit_of(pod_of()), "624Mi");
  EXPECT_EQ(recorder.count("ResizeRequested"), 1U);
  EXPECT_EQ(string_at(trial_named(), "status.resources.allocated.memory"), "512Mi");
  EXPECT_EQ(string_at(trial_named(), "status.resources.start"), "cold");

  Json main = pod_of()["status"]["containerStatuses"][0];
  main["resources"] = pod_of()["spec"]["containers"][0]["resources"];
  set_status("p", {{"containerStatuses", Json::array({main})},
                   {"observedGeneration", pod_of()["metadata"]["generation"]}});
  look();
  EXPECT_EQ(recorder.count("Resized"), 1U);
  EXPECT_EQ(string_at(trial_named(), "status.resources.allocated.memory"), "624Mi");
  EXPECT_EQ(resources_of_trial()["resizes"], 1);
}

TEST_F(TrialTunerTest, LearnsWhatTheTrialUsedAtItsEndAndWhatWasSaved) {
  add_experiment("Initial");
  add_trial("new", 45, 0);
  run_pod("new");
  look();
  end_pod("p", "Succeeded", 200 * kMib);
  look();

  const Json told = resources_of_trial();
  EXPECT_EQ(told["peak"]["memory"], "200Mi");
  EXPECT_EQ(told["attempts"], 1);
  ASSERT_TRUE(told["runs"].contains("p")) << told;
  EXPECT_FALSE(told.contains("throttledSeconds")) << "nobody looked";
  const auto experiment =
      memory.run(memory.store.get(store::Key({"kubeflow.org", "experiments"}, "default", "e")));
  EXPECT_EQ((**experiment)["status"]["savings"]["trials"], 1);
  const std::string version = resources::resource_version_of(trial_named());
  look();
  EXPECT_EQ(resources::resource_version_of(trial_named()), version) << "told once";
}

TEST_F(TrialTunerTest, TheTrialSaysWhatWasPredictedAndByHowMuchEvidence) {
  add_experiment("Recommend");
  teach();
  run_pod("new");
  look();
  const Json predicted = resources_of_trial()["predicted"];
  EXPECT_EQ(predicted["evidence"], 8);
  EXPECT_TRUE(predicted.contains("basis")) << predicted;
  EXPECT_EQ(resources_of_trial()["requested"]["memory"], "512Mi");
}

TEST_F(TrialTunerTest, AKilledRunHasNoPeak) {
  add_experiment("Initial");
  add_trial("new", 45, 0);
  run_pod("new");
  end_pod("p", "Failed", 500 * kMib, "OOMKilled");
  look();
  EXPECT_FALSE(resources_of_trial().contains("peak"));
  EXPECT_EQ(resources_of_trial()["runs"]["p"]["ended"], "OOMKilled");
}

TEST_F(TrialTunerTest, SizesCpuByWhatTrialsUsed) {
  add_experiment("Initial",
                 Json::parse(R"({"resize": {"controlledResources": ["cpu", "memory"]}})"));
  for (int i = 1; i <= 20; ++i) {
    const std::string name = "t" + std::to_string(i);
    add_trial(name, i * 4, 100 + i * 10);
    Json body =
        Json::parse(R"({"status": {"conditions": [{"type": "Succeeded", "status": "True"}]}})");
    body["status"]["resources"] = {{"seconds", 10},
                                   {"throttledSeconds", 0},
                                   {"allocated", {{"cpu", "1"}}},
                                   {"peak", {{"cpu", std::to_string(i * 20) + "m"}}}};
    auto said = memory.run(
        memory.store.patch(store::Key({"kubeflow.org", "trials"}, "default", name), "status",
                           store::Patch(store::PatchType::kMerge, std::move(body)), {}));
    ASSERT_TRUE(said.has_value()) << said.error().message;
    trials.observe(said->object);
  }
  add_trial("new", 60, 0);
  Json pod = new_pod();
  pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "500m";
  pod["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "1";
  tuner.size(job_of("new"), {}, pod);

  const Json& resources = pod["spec"]["containers"][0]["resources"];
  const auto limit = resources::Quantity::from_json(resources["limits"]["cpu"])->milli();
  EXPECT_GE(limit, 300);
  EXPECT_LE(limit, 450);
  EXPECT_NEAR(
      static_cast<double>(resources::Quantity::from_json(resources["requests"]["cpu"])->milli()),
      static_cast<double>(limit) / 2, 10);
}

TEST(CpuNeededTest, IsMoreWhereTheLimitHeldItBack) {
  const auto needed = [](double throttled) {
    return cpu_needed({{"seconds", 10},
                       {"throttledSeconds", throttled},
                       {"allocated", {{"cpu", "500m"}}},
                       {"peak", {{"cpu", "480m"}}}});
  };
  EXPECT_EQ(needed(0.5), 480);
  EXPECT_EQ(needed(3), 650);
  EXPECT_EQ(cpu_needed(Json::object()), 0);
}

TEST_F(TrialTunerTest, BoostsTheStartAndRemembersWhatToGoBackTo) {
  add_experiment(
      "InPlace",
      Json::parse(R"({"resize": {"startupBoost": {"cpuFactor": 2, "durationSeconds": 0}}})"));
  add_trial("new", 45, 0);
  Json plain = new_pod();
  plain["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "500m";
  tuner.size(job_of("new"), {}, plain);
  EXPECT_EQ(string_at(plain["spec"]["containers"][0], "resources.limits.cpu"), "500m")
      << "a boost of no time is none";
}

TEST_F(TrialTunerTest, EndsTheBoostInPlace) {
  add_experiment(
      "InPlace",
      Json::parse(R"({"resize": {"startupBoost": {"cpuFactor": 2, "durationSeconds": 1}}})"));
  add_trial("new", 45, 0);
  Json pod = new_pod();
  pod["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "500m";
  pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "100m";
  run_pod("new", std::move(pod));
  const auto limit = [this] {
    return string_at(pod_of()["spec"]["containers"][0], "resources.limits.cpu");
  };
  EXPECT_EQ(limit(), "1");
  mizan::testing::run_until(memory.io, [&] {
    look();
    return limit() == "500m";
  });
  EXPECT_EQ(recorder.count("ResizeRequested"), 1U);
  EXPECT_EQ(resources_of_trial()["cpuLimits"][0]["cpu"], "1");
}

TEST_F(TrialTunerTest, ATrialThatWasKilledWithAllThatIsAllowedIsInfeasible) {
  add_experiment("Initial");
  add_trial("new", 45, 0);
  EXPECT_TRUE(tuner.admits(job_of("new"), {killed_pod("512Mi")}));
  EXPECT_FALSE(tuner.admits(job_of("new"), {killed_pod("1Gi")}));
  ASSERT_EQ(enqueued.back().name, "trial/new");
  EXPECT_TRUE(tuner.need(*experiments.get("default", "e"), *trials.get("default", "new"), {}, 0)
                  .impossible.empty());
}

TEST_F(TrialTunerTest, NoMoreThanANodeHas) {
  node.memory = 300 * kMib;
  add_experiment("Initial");
  add_trial("new", 45, 0);
  Json pod = new_pod();
  tuner.size(job_of("new"), {}, pod);
  EXPECT_EQ(limit_of(pod), "300Mi");
  EXPECT_FALSE(tuner.admits(job_of("new"), {killed_pod("300Mi")}));
  const auto need =
      tuner.need(*experiments.get("default", "e"), *trials.get("default", "new"), {}, 300 * kMib);
  EXPECT_NE(need.impossible.find("no node has more than 300 MiB"), std::string::npos)
      << need.impossible;
}

TEST_F(TrialTunerTest, ATrialThatIsSureToNeedMoreIsNotTried) {
  add_experiment("Initial", Json::parse(R"({"resize": {"maxAllowed": {"memory": "200Mi"}}})"));
  for (int i = 1; i <= 12; ++i) add_trial("t" + std::to_string(i), i * 5, 100 + i * 5);
  add_trial("small", 45, 0);
  add_trial("large", 800, 0);
  EXPECT_TRUE(tuner.admits(job_of("small"), {}));
  EXPECT_FALSE(tuner.admits(job_of("large"), {}));
  Json body = Json::parse(R"({"status": {"conditions": [{"type": "Created", "status": "True"}]}})");
  auto said = memory.run(
      memory.store.patch(store::Key({"kubeflow.org", "trials"}, "default", "large"), "status",
                         store::Patch(store::PatchType::kMerge, std::move(body)), {}));
  trials.observe(said->object);
  look("trial/large");

  EXPECT_EQ(trials.get("default", "large")->state, resources::TrialState::kInfeasible);
  const Json large = trial_named("large");
  EXPECT_EQ(large["status"]["conditions"].back()["reason"], "ResourceLimit");
  EXPECT_NE(string_at(large, "status.why").find("maxAllowed.memory is 200 MiB"), std::string::npos)
      << large["status"];
  EXPECT_EQ(recorder.count("TrialInfeasible"), 1U);
}

TEST_F(TrialTunerTest, MakesAPodAnewWhenTheNodeHasNoRoom) {
  add_experiment("InPlaceOrRecreate", Json::parse(R"({"resize": {"deferredTimeoutSeconds": 0}})"));
  add_trial("new", 45, 0);
  run_pod("new");
  used = 480 * kMib;
  look();
  EXPECT_EQ(limit_of(pod_of()), "624Mi");
  set_status(
      "p",
      Json::parse(
          R"({"conditions": [{"type": "PodResizePending", "status": "True", "reason": "Deferred", "message": "full"}]})"));
  look();

  EXPECT_EQ(recorder.count("ResizeDeferred"), 1U);
  EXPECT_EQ(recorder.count("PodReplaced"), 1U);
  EXPECT_FALSE(memory.run(memory.store.get(store::Key({"", "pods"}, "default", "p"))).has_value());
  EXPECT_EQ(resources_of_trial()["wished"]["memory"], "624Mi");
  EXPECT_EQ(resources_of_trial()["runs"]["p"]["ended"], "Replaced");
  Json next = new_pod();
  tuner.size(job_of("new"), {}, next);
  EXPECT_EQ(limit_of(next), "624Mi");
}

TEST_F(TrialTunerTest, LeavesAPodToWhoeverElseResizesIt) {
  add_experiment("InPlace");
  add_trial("new", 45, 0);
  Json created =
      Json::parse(R"({"status": {"conditions": [{"type": "Created", "status": "True"}]}})");
  auto said = memory.run(
      memory.store.patch(store::Key({"kubeflow.org", "trials"}, "default", "new"), "status",
                         store::Patch(store::PatchType::kMerge, std::move(created)), {}));
  trials.observe(said->object);
  run_pod("new");
  look();
  Json body = Json::parse(R"({"spec": {"containers": [{"name": "main", "resources":
    {"requests": {"memory": "300Mi"}, "limits": {"memory": "600Mi"}}}]}})");
  store::WriteOptions options;
  options.field_manager = "kubectl-patch";
  auto other = memory.run(memory.store.patch(
      store::Key({"", "pods"}, "default", "p"), "resize",
      store::Patch(store::PatchType::kStrategic, std::move(body)), std::move(options)));
  ASSERT_TRUE(other.has_value()) << other.error().message;
  pods.observe(other->object);
  used = 500 * kMib;
  look();
  look();

  EXPECT_EQ(recorder.count("ResizingLeftToOthers"), 1U);
  EXPECT_EQ(recorder.count("ResizeRequested"), 0U);
  EXPECT_NE(string_at(trial_named(), "status.why").find("left to kubectl-patch"),
            std::string::npos);
  EXPECT_EQ(limit_of(pod_of()), "600Mi");
}

TEST_F(TrialTunerTest, AWarmPodBeginsAnewWithItsNextTrial) {
  add_experiment("InPlace");
  add_trial("new", 45, 0);
  add_trial("next", 50, 0);
  run_pod("new");
  look();
  Json body;
  body["metadata"]["labels"]["katib.kubeflow.org/trial"] = "next";
  auto moved = memory.run(memory.store.patch(store::Key({"", "pods"}, "default", "p"), "",
                                             store::Patch(store::PatchType::kMerge, body), {}));
  pods.observe(moved->object);
  look();

  EXPECT_TRUE(resources_of_trial("new")["runs"].contains("p"));
  EXPECT_EQ(string_at(trial_named("next"), "status.resources.allocated.memory"), "512Mi");
  EXPECT_EQ(find(trial_named("next"), "status.resources.predicted"), nullptr)
      << "what was predicted was for the one before";
  end_pod("p", "Succeeded", 200 * kMib);
  look();
  EXPECT_TRUE(resources_of_trial("next")["runs"].contains("p"));
  EXPECT_FALSE(resources_of_trial("next").contains("peak"))
      << "the pod's peak is not that of one trial";
}

TEST_F(TrialTunerTest, WinsSlotsWithTheMemoryThatItSaves) {
  const Json elastic = Json::parse(R"({"elasticParallelism": {"max": 6}})");
  add_experiment("Initial", elastic);
  teach();
  const auto experiment = experiments.get("default", "e");
  const auto at_once = [&](std::int64_t completed) {
    return tuner.trials_at_once(*experiment, completed).value_or(-1);
  };
  EXPECT_EQ(at_once(0), 2);
  // The eight taught trials are not completed here: they count as active, at what they would get.
  EXPECT_LE(at_once(100), 6);
  Json off = experiment->raw;
  off["spec"]["trialPods"].erase("elasticParallelism");
  EXPECT_EQ(tuner.trials_at_once(resources::read_experiment(off), 100), std::nullopt);
  Json cmaes = experiment->raw;
  cmaes["spec"]["algorithm"]["algorithmName"] = "cmaes";
  EXPECT_EQ(tuner.trials_at_once(resources::read_experiment(cmaes), 100), std::nullopt)
      << "its row says that more trials at once harm it";
}

}  // namespace
}  // namespace mizan::pods
