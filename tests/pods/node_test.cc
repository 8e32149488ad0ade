// The embedded node from Pod object to process and back.
#include "pods/node/cgroup_files.h"
#include "pods/node/cgroup_mounts.h"
#include "pods/shim/process_tree.h"
#include "tests/pods/node_fixture.h"

namespace mizan::pods {
namespace {

TEST_F(NodeTest, RunsAPodToSuccessAndWritesWhatKubeletWrites) {
  start();
  create(a_pod("a", "echo hello"));
  wait_for_phase("a", "Succeeded");

  const Json done = pod("a");
  EXPECT_EQ(string_at(done, "spec.nodeName"), "test-node");
  EXPECT_EQ(string_at(done, "status.qosClass"), "BestEffort");
  EXPECT_NE(string_at(done, "status.startTime"), "");
  EXPECT_EQ(terminated(done)["exitCode"], 0);
  EXPECT_EQ(terminated(done)["reason"], "Completed");
  EXPECT_EQ(log("a").value_or("?"), "hello\n");
  EXPECT_EQ(recorder.count("ImageNotPulled"), 1U);
}

TEST_F(NodeTest, WritesAShortPodOnce) {
  config.running_delay = std::chrono::seconds(10);
  start();
  const Json made = create(a_pod("a", "true"));
  wait_for_phase("a", "Succeeded");

  const auto before = std::stoull(resources::resource_version_of(made));
  EXPECT_EQ(std::stoull(resources::resource_version_of(pod("a"))), before + 1);
}

TEST_F(NodeTest, SaysWhatRuns) {
  start();
  create(a_pod("a", "sleep 1000"));
  wait_for_phase("a", "Running");

  const Json running = pod("a");
  EXPECT_NE(string_at(running["status"]["containerStatuses"][0], "state.running.startedAt"), "");
  EXPECT_EQ(running["status"]["containerStatuses"][0]["ready"], true);
  EXPECT_EQ(node->running_pods(), 1U);
  auto usage = memory.run(node->usage("default", "a"));
  ASSERT_TRUE(usage.has_value()) << usage.error().message;
  ASSERT_EQ(usage->size(), 1U);
  EXPECT_EQ((*usage)[0].container, "main");
}

TEST_F(NodeTest, ReportsFailuresInStatusAndEvents) {
  start();
  create(a_pod("fails", "exit 3"));
  Json missing = a_pod("missing", "");
  missing["spec"]["containers"][0]["command"] = {"no-such-command"};
  create(missing);
  wait_for_phase("fails", "Failed");
  wait_for_phase("missing", "Failed");

  EXPECT_EQ(terminated(pod("fails"))["exitCode"], 3);
  EXPECT_EQ(terminated(pod("fails"))["reason"], "Error");
  EXPECT_EQ(terminated(pod("missing"))["reason"], "StartError");
  EXPECT_EQ(terminated(pod("missing"))["exitCode"], 128);
  EXPECT_TRUE(recorder.has("Failed"));
}

TEST_F(NodeTest, WaitsWithAReasonForAContainerWithoutACommand) {
  start();
  Json imageless = a_pod("a", "");
  imageless["spec"]["containers"][0].erase("command");
  create(imageless);
  wait_until([&] { return recorder.has("NoCommandOnHost"); });
  wait_until([&] { return pod("a")["status"].contains("containerStatuses"); });

  EXPECT_EQ(phase("a"), "Pending");
  EXPECT_EQ(string_at(pod("a")["status"]["containerStatuses"][0], "state.waiting.reason"),
            "NoCommandOnHost");
}

TEST_F(NodeTest, EndsAPodAtItsDeadline) {
  start();
  Json slow = a_pod("a", "sleep 1000");
  slow["spec"]["activeDeadlineSeconds"] = 1;
  create(slow);
  wait_for_phase("a", "Failed");

  EXPECT_EQ(string_at(pod("a"), "status.reason"), "DeadlineExceeded");
  EXPECT_TRUE(recorder.has("DeadlineExceeded"));
}

TEST_F(NodeTest, KillsWhatPassesItsMemoryLimitAndSaysSo) {
  start();
  Json greedy = a_pod("a", "exec perl -e '$x = \"a\" x 200_000_000; sleep 1000'");
  greedy["spec"]["containers"][0]["resources"]["limits"] = {{"memory", "64Mi"}};
  create(greedy);
  wait_for_phase("a", "Failed");

  EXPECT_EQ(terminated(pod("a"))["reason"], "OOMKilled");
  EXPECT_EQ(terminated(pod("a"))["exitCode"], 137);
  EXPECT_EQ(string_at(pod("a"), "status.qosClass"), "Burstable");
  EXPECT_TRUE(recorder.has("OOMKilling"));
}

TEST_F(NodeTest, KillsWhatPassesItsMemoryLimitWithoutCgroupsToo) {
  config.use_cgroups = false;
  start();
  Json greedy = a_pod("a", "exec perl -e '$x = \"a\" x 200_000_000; sleep 1000'");
  greedy["spec"]["containers"][0]["resources"]["limits"] = {{"memory", "64Mi"}};
  create(greedy);
  wait_for_phase("a", "Failed");

  EXPECT_EQ(terminated(pod("a"))["reason"], "OOMKilled");
  const auto got = memory.run(memory.store.get(store::Key({"", "nodes"}, "", "test-node")));
  bool said = false;
  for (const Json& condition : (**got)["status"]["conditions"])
    said = said || (condition["type"] == "CgroupsUnavailable" && condition["status"] == "True");
  EXPECT_TRUE(said);
}

TEST_F(NodeTest, DeletesGracefully) {
  start();
  create(a_pod("a", "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.02; done"));
  wait_until([&] { return log("a").value_or("") == "ready\n"; });
  wait_for_phase("a", "Running");
  store::LogOptions follow;
  follow.follow = true;
  auto stream = memory.run(node->logs().open("default", "a", follow));
  ASSERT_TRUE(stream.has_value());

  EXPECT_NE(string_at(remove("a"), "metadata.deletionTimestamp"), "");
  wait_until_gone("a");

  std::string all;
  while (true) {
    auto some = memory.run((*stream)->next());
    if (!some || some->empty()) break;
    all += *some;
  }
  EXPECT_EQ(all, "ready\nbye\n");
  EXPECT_TRUE(recorder.has("Killing"));
}

TEST_F(NodeTest, KillsAtTheEndOfTheGraceAndRemovesTheFolder) {
  start();
  const Json made = create(a_pod("a", "trap '' TERM; echo $$$$; while :; do sleep 0.02; done"));
  wait_until([&] { return !log("a").value_or("").empty(); });
  wait_for_phase("a", "Running");
  const pid_t process = std::stoi(*log("a"));

  remove("a", 1);
  wait_until_gone("a");
  wait_until([&] { return !std::filesystem::exists(folder(made)); });

  EXPECT_EQ(start_time_of(process), 0U);
}

TEST_F(NodeTest, KillsAtOnceWhatIsDeletedWithoutGrace) {
  start();
  const Json made = create(a_pod("a", "trap '' TERM; echo $$$$; while :; do sleep 0.02; done"));
  wait_until([&] { return !log("a").value_or("").empty(); });
  const pid_t process = std::stoi(*log("a"));

  remove("a", 0);
  wait_until([&] { return !std::filesystem::exists(folder(made)); });

  EXPECT_EQ(start_time_of(process), 0U);
  EXPECT_EQ(node->running_pods(), 0U);
}

TEST_F(NodeTest, KeepsPodsPendingUntilTheyFitAndStartsTheLongestWaitingFirst) {
  config.size.cpu = "1";
  start();
  const auto with_cpu = [](Json pod, const char* cpu) {
    pod["spec"]["containers"][0]["resources"]["requests"] = {{"cpu", cpu}};
    return pod;
  };
  create(with_cpu(a_pod("first", "trap 'exit 0' TERM; while :; do sleep 0.02; done"), "800m"));
  wait_for_phase("first", "Running");
  create(with_cpu(a_pod("second", "true"), "500m"));
  wait_until([&] { return recorder.has("FailedScheduling"); });
  wait_until([&] { return pod("second")["status"].contains("conditions"); });

  const Json waiting = pod("second");
  EXPECT_EQ(string_at(waiting, "status.phase"), "Pending");
  EXPECT_EQ(string_at(waiting, "spec.nodeName"), "");
  EXPECT_EQ(waiting["status"]["conditions"][0]["reason"], "Unschedulable");
  EXPECT_EQ(waiting["status"]["conditions"][0]["message"],
            "0/1 nodes are available: 1 Insufficient cpu.");

  remove("first");
  wait_for_phase("second", "Succeeded");
}

TEST_F(NodeTest, SaysWhenAPodCanNeverRunHere) {
  config.size.memory = "1Gi";
  start();
  Json huge = a_pod("a", "true");
  huge["spec"]["containers"][0]["resources"]["requests"] = {{"memory", "64Gi"}};
  create(huge);
  wait_until([&] { return pod("a")["status"].contains("conditions"); });

  EXPECT_EQ(pod("a")["status"]["conditions"][0]["message"],
            "0/1 nodes are available: 1 Insufficient memory. It can never run here: it requests "
            "64Gi of memory, and "
            "the node has 1Gi.");
}

TEST_F(NodeTest, TakesItsRunningPodsBackAfterARestart) {
  start();
  create(a_pod("a", "echo started; while test ! -e go; do sleep 0.02; done; echo done"));
  wait_for_phase("a", "Running");

  restart();
  EXPECT_EQ(node->running_pods(), 1U);
  std::ofstream(work_folder("a") + "/go") << "";
  wait_for_phase("a", "Succeeded");

  EXPECT_EQ(log("a").value_or("?"), "started\ndone\n");
}

TEST_F(NodeTest, SeesPodsThatEndedWhileNoServerRan) {
  start();
  create(a_pod("a", "while test ! -e go; do sleep 0.02; done; exit 5"));
  wait_for_phase("a", "Running");
  stop(EmbeddedNode::Pods::kKeepRunning);
  std::ofstream(work_folder("a") + "/go") << "";
  wait_until([&] { return std::filesystem::exists(folder(pod("a")) + "/exit.json"); });

  start();
  wait_for_phase("a", "Failed");

  EXPECT_EQ(terminated(pod("a"))["exitCode"], 5);
}

TEST_F(NodeTest, KillsPodsThatWereDeletedWhileNoServerRan) {
  start();
  const Json made = create(a_pod("a", "echo $$$$; exec sleep 1000"));
  wait_until([&] { return !log("a").value_or("").empty(); });
  const pid_t process = std::stoi(*log("a"));
  stop(EmbeddedNode::Pods::kKeepRunning);
  EXPECT_NE(start_time_of(process), 0U);
  remove("a", 0);

  start();
  wait_until([&] { return !std::filesystem::exists(folder(made)); });

  EXPECT_EQ(start_time_of(process), 0U);
}

TEST_F(NodeTest, FailsPodsOfAnEarlierBoot) {
  start();
  create(a_pod("a", "sleep 1000"));
  wait_for_phase("a", "Running");
  stop(EmbeddedNode::Pods::kKeepRunning);
  const std::string claim = folder(pod("a")) + "/claim";
  int shim = 0;
  std::ifstream(claim) >> shim;
  ASSERT_GT(shim, 1);
  ::kill(shim, SIGKILL);
  std::ofstream(claim) << "1 1 another-boot\n";

  start();
  wait_for_phase("a", "Failed");

  EXPECT_EQ(string_at(pod("a"), "status.reason"), "NodeReboot");
  EXPECT_EQ(terminated(pod("a"))["exitCode"], 137);
}

TEST_F(NodeTest, FailsPodsWhoseClaimWasLostWithThePower) {
  const Json made = create(a_pod("a", "true"));
  config.data_dir = std::filesystem::canonical(config.data_dir);
  PodPlan plan;
  plan.launch.uid = resources::uid_of(made);
  plan.launch.folder = folder(made);
  plan.launch.boot_id = "another-boot";
  ASSERT_TRUE(prepare_folder(plan).has_value());

  start();
  wait_for_phase("a", "Failed");

  EXPECT_EQ(string_at(pod("a"), "status.reason"), "NodeReboot");
}

TEST_F(NodeTest, FailsAPodWhoseShimWasKilledAndEndsWhatItRan) {
  start();
  create(a_pod("a", "setsid sleep 1000 & echo $!; exec sleep 1001"));
  wait_for_phase("a", "Running");
  wait_until([&] { return !log("a").value_or("").empty(); });
  const pid_t leftover = std::stoi(*log("a"));
  int shim = 0;
  std::ifstream(folder(pod("a")) + "/claim") >> shim;

  ::kill(shim, SIGKILL);
  wait_for_phase("a", "Failed");

  EXPECT_EQ(string_at(pod("a"), "status.reason"), "ShimLost");
  wait_until([&] { return start_time_of(leftover) == 0; });
}

TEST_F(NodeTest, NeverStartsAPodTwiceWhateverTheServerForgot) {
  start();
  create(a_pod("a", "echo run >> $HOME/ledger; sleep 1000"));
  wait_until([&] { return std::filesystem::exists(work_folder("a") + "/ledger"); });
  stop(EmbeddedNode::Pods::kKeepRunning);
  // As if the server had died before it wrote that the pod runs.
  auto got = memory.run(memory.store.get(store::Key({"", "pods"}, "default", "a")));
  Json body{
      {"status", {{"phase", "Pending"}, {"containerStatuses", nullptr}, {"conditions", nullptr}}}};
  (void)memory.run(memory.store.patch(store::Key({"", "pods"}, "default", "a"), "status",
                                      store::Patch(store::PatchType::kMerge, std::move(body)), {}));

  start();
  wait_for_phase("a", "Running");

  std::ifstream ledger(work_folder("a") + "/ledger");
  std::string runs((std::istreambuf_iterator<char>(ledger)), {});
  EXPECT_EQ(runs, "run\n");
}

TEST_F(NodeTest, StopsAndRemovesPodsOfControllersWhenTheServerEndsWithItsTrials) {
  start();
  Json owned = a_pod("owned", "sleep 1000");
  owned["metadata"]["ownerReferences"] = Json::array({Json{{"apiVersion", "batch/v1"},
                                                           {"kind", "Job"},
                                                           {"name", "j"},
                                                           {"uid", "u"},
                                                           {"controller", true}}});
  create(owned);
  create(a_pod("bare", "sleep 1000"));
  wait_for_phase("owned", "Running");
  wait_for_phase("bare", "Running");

  stop(EmbeddedNode::Pods::kStop);

  EXPECT_TRUE(pod("owned").is_null());
  start();
  wait_for_phase("bare", "Failed");
}

TEST_F(NodeTest, StartsFailedContainersAgain) {
  start();
  Json again = a_pod(
      "a",
      "n=$(cat count 2>/dev/null || echo 0); echo run $n; echo $((n + 1)) > count; test $n = 2");
  again["spec"]["restartPolicy"] = "OnFailure";
  create(again);
  wait_for_phase("a", "Succeeded");

  EXPECT_EQ(pod("a")["status"]["containerStatuses"][0]["restartCount"], 2);
  EXPECT_EQ(pod("a")["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"], 1);
  EXPECT_EQ(log("a").value_or("?"), "run 2\n");
  store::LogOptions previous;
  previous.previous = true;
  EXPECT_EQ(log("a", previous).value_or("?"), "run 1\n");
}

TEST_F(NodeTest, WaitsForAMissingConfigMapAndGoesOnWhenItComes) {
  start();
  Json with_config = a_pod("a", "echo $GREETING; cat /etc/greetings/formal");
  with_config["spec"]["containers"][0]["env"] = Json::array(
      {Json{{"name", "GREETING"},
            {"valueFrom", {{"configMapKeyRef", {{"name", "greetings"}, {"key", "informal"}}}}}}});
  with_config["spec"]["containers"][0]["volumeMounts"] =
      Json::array({Json{{"name", "g"}, {"mountPath", "/etc/greetings"}}});
  with_config["spec"]["volumes"] =
      Json::array({Json{{"name", "g"}, {"configMap", {{"name", "greetings"}}}}});
  create(with_config);
  wait_until([&] { return recorder.has("FailedMount") || recorder.has("Failed"); });
  EXPECT_EQ(phase("a"), "Pending");

  Json config_map{{"metadata", {{"name", "greetings"}}},
                  {"data", {{"informal", "hi"}, {"formal", "good day"}}}};
  ASSERT_TRUE(
      memory.run(memory.store.create({"", "configmaps"}, "default", std::move(config_map), {}))
          .has_value());
  wait_for_phase("a", "Succeeded");

  EXPECT_EQ(log("a").value_or("?"), "hi\ngood day\n");
}

TEST_F(NodeTest, RefusesHostPathsUnlessAllowed) {
  start();
  Json host = a_pod("a", "true");
  host["spec"]["volumes"] = Json::array({Json{{"name", "h"}, {"hostPath", {{"path", "/etc"}}}}});
  create(host);
  wait_for_phase("a", "Failed");

  EXPECT_EQ(string_at(pod("a"), "status.reason"), "HostPathForbidden");
}

TEST_F(NodeTest, LeavesNoCgroupBehind) {
  start();
  const CgroupMounts mounts = this_machines_cgroup_mounts();
  const auto memory_mount = mounts.v1.find("memory");
  if (memory_mount == mounts.v1.end() || ::geteuid() != 0)
    GTEST_SKIP() << "no cgroup v1 to look at";
  const std::string root = memory_mount->second + "/" +
                           cgroup_name(std::filesystem::canonical(config.data_dir).string());
  create(a_pod("a", "sleep 1000"));
  wait_for_phase("a", "Running");
  EXPECT_EQ(child_groups(root).size(), 1U);
  remove("a", 0);
  wait_until([&] { return child_groups(root).empty(); });

  create(a_pod("b", "sleep 1000"));
  wait_for_phase("b", "Running");

  stop(EmbeddedNode::Pods::kStop);
  EXPECT_FALSE(is_directory(root));
}

TEST_F(NodeTest, TellsReadersOfLogsWhatKubeletWould) {
  start();
  Json two = a_pod("two", "echo one");
  two["spec"]["containers"].push_back(
      Json{{"name", "other"}, {"image", "x"}, {"command", {"/bin/sh", "-c", "echo two"}}});
  create(two);
  wait_for_phase("two", "Succeeded");
  store::LogOptions options;

  EXPECT_EQ(log("two").error().message,
            "a container name must be specified for pod two, choose one of: [main other]");
  options.container = "other";
  EXPECT_EQ(log("two", options).value_or("?"), "two\n");
  options.container = "nope";
  EXPECT_EQ(log("two", options).error().message, "container nope is not valid for pod two");
  options.container = "main";
  options.previous = true;
  EXPECT_EQ(log("two", options).error().message,
            "previous terminated container \"main\" in pod \"two\" not found");
  EXPECT_EQ(log("none").error().code, Code::kNotFound);
}

TEST_F(NodeTest, RunsManyPodsAtOnce) {
  start();
  constexpr int kPods = 40;
  for (int i = 0; i < kPods; ++i)
    create(a_pod("p" + std::to_string(i), "echo " + std::to_string(i)));
  for (int i = 0; i < kPods; ++i) wait_for_phase("p" + std::to_string(i), "Succeeded");
  for (int i = 0; i < kPods; ++i)
    EXPECT_EQ(log("p" + std::to_string(i)).value_or("?"), std::to_string(i) + "\n");
}

}  // namespace
}  // namespace mizan::pods
