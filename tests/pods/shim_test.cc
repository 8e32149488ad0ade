// The real shim with real processes: exits, signals, orphans, claims.
#include "pods/shim/shim.h"

#include "pods/shim/process_tree.h"
#include "tests/pods/shim_fixture.h"

namespace mizan::pods {
namespace {

using State = ContainerReport::State;

TEST_F(ShimTest, ReportsExitCodesAndOutput) {
  const PodReport report = run("echo out; echo err >&2; exit 3");

  EXPECT_EQ(report.phase, "Failed");
  ASSERT_EQ(report.containers.size(), 1U);
  EXPECT_EQ(report.containers[0].state, State::kTerminated);
  EXPECT_EQ(report.containers[0].ended.exit_code, 3);
  EXPECT_EQ(report.containers[0].ended.reason, "Error");
  EXPECT_LE(report.containers[0].ended.started_at, report.containers[0].ended.finished_at);
  EXPECT_NE(text("containers/main/0.log").find(" stdout F out\n"), std::string::npos);
  EXPECT_NE(text("containers/main/0.log").find(" stderr F err\n"), std::string::npos);
}

TEST_F(ShimTest, ReportsSuccess) {
  const PodReport report = run("true");

  EXPECT_EQ(report.phase, "Succeeded");
  EXPECT_EQ(report.containers[0].ended.reason, "Completed");
}

TEST_F(ShimTest, ReportsSignalsAsShellsDo) {
  const PodReport report = run("kill -SEGV $$");

  EXPECT_EQ(report.containers[0].ended.exit_code, 139);
  EXPECT_EQ(report.containers[0].ended.signal, SIGSEGV);
}

TEST_F(ShimTest, SaysWhichCommandDoesNotExist) {
  plan.containers = {shell("")};
  plan.containers[0].argv = {"no-such-command", "x"};
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Failed");
  EXPECT_EQ(report.containers[0].ended.exit_code, 128);
  EXPECT_EQ(report.containers[0].ended.reason, "StartError");
  EXPECT_NE(report.containers[0].ended.message.find(
                "exec: \"no-such-command\": executable file not found in $PATH"),
            std::string::npos);
}

TEST_F(ShimTest, SaysThatAPodsTmpIsItsOwn) {
  plan.containers = {shell("")};
  plan.containers[0].argv = {"/tmp/no-such-program"};
  EXPECT_NE(run().containers[0].ended.message.find("each pod has a /tmp and a /var/tmp of its own"),
            std::string::npos);
}

TEST_F(ShimTest, FindsCommandsOnTheContainersOwnPath) {
  plan.containers = {shell("")};
  plan.containers[0].argv = {"echo", "found"};
  EXPECT_EQ(run().phase, "Succeeded");
  EXPECT_EQ(last_line(), "found");
}

TEST_F(ShimTest, RunsAPodOnlyOnce) {
  plan.containers = {shell("echo started >> /proc/self/fd/1; sleep 0.2")};
  start();
  ASSERT_TRUE(eventually([&] { return exists(kClaimFile); }));

  EXPECT_EQ(wait_for(spawn()), kShimAlreadyClaimed);

  EXPECT_EQ(wait_for(shim), 0);
  EXPECT_EQ(wait_for(spawn()), kShimAlreadyClaimed);
  shim = 0;
  EXPECT_EQ(log_lines().size(), 1U);
}

TEST_F(ShimTest, ClaimsWithPidStartTimeAndBootId) {
  plan.containers = {shell("sleep 5")};
  start();
  ASSERT_TRUE(eventually([&] { return report(kStatusFile).phase == "Running"; }));
  const Fd folder(::open(plan.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::optional<Claim> claim = read_claim(folder.get());

  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ(claim->pid, shim);
  EXPECT_TRUE(is_alive(*claim));
  claim->boot_id = "another";
  EXPECT_FALSE(is_alive(*claim));
}

TEST_F(ShimTest, WritesAPlanThatCannotBeReadDownAsFailed) {
  std::ofstream(plan.folder + "/plan") << "nonsense";
  std::string binary = MIZAN_SHIM_BINARY, word = "shim", path = plan.folder;
  char* argv[] = {binary.data(), word.data(), path.data(), nullptr};
  pid_t pid = 0;
  ASSERT_EQ(::posix_spawn(&pid, binary.c_str(), nullptr, nullptr, argv, environ), 0);

  EXPECT_EQ(wait_for(pid), kShimBroken);
  EXPECT_EQ(report(kExitFile).phase, "Failed");
  EXPECT_NE(report(kExitFile).message.find("launch plan"), std::string::npos);
}

TEST_F(ShimTest, LosesNoLineOfManyAndNoneOfTheLast) {
  const PodReport report = run("seq 1 100000; printf last");

  const std::vector<std::string> lines = log_lines();
  EXPECT_EQ(report.phase, "Succeeded");
  ASSERT_EQ(lines.size(), 100'001U);
  for (std::size_t i = 0; i < 100'000; ++i) ASSERT_EQ(lines[i], std::to_string(i + 1));
  EXPECT_EQ(lines.back(), "last");
}

TEST_F(ShimTest, KillsWhatAContainerLeavesBehind) {
  // A daemon: a session of its own, its parent gone, its output closed.
  const PodReport report =
      run("setsid sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1' & sleep 0.1; "
          "sh -c 'setsid sleep 1001 & echo $!'; exit 0");

  EXPECT_EQ(report.phase, "Succeeded");
  const std::vector<std::string> pids = log_lines();
  ASSERT_EQ(pids.size(), 2U);
  for (const std::string& pid : pids) EXPECT_EQ(start_time_of(std::stoi(pid)), 0U) << pid;
}

TEST_F(ShimTest, EndsOnRequestWithTermAndWaitsForTheContainer) {
  plan.containers = {
      shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.02; done")};
  start();
  ASSERT_TRUE(eventually([&] { return last_line() == "ready"; }));

  ::kill(shim, SIGTERM);
  EXPECT_EQ(wait_for(shim), 0);
  shim = 0;

  EXPECT_EQ(last_line(), "bye");
  EXPECT_EQ(report(kExitFile).containers[0].ended.exit_code, 7);
  EXPECT_EQ(report(kExitFile).phase, "Failed");
}

TEST_F(ShimTest, KillsWhatDoesNotObeyWithinTheGraceThatItWasGiven) {
  plan.grace_ms = 1'000'000;
  plan.containers = {shell("trap '' TERM; echo ready; while :; do sleep 0.02; done")};
  start();
  ASSERT_TRUE(eventually([&] { return last_line() == "ready"; }));

  sigval grace{};
  grace.sival_int = 50 + 1;
  ASSERT_EQ(::sigqueue(shim, SIGTERM, grace), 0);
  EXPECT_EQ(wait_for(shim), 0);
  shim = 0;

  EXPECT_EQ(report(kExitFile).containers[0].ended.exit_code, 137);
}

TEST_F(ShimTest, EndsAtTheDeadlineAndSaysSo) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  plan.deadline_ms = now.count() + 200;
  const PodReport report = run("sleep 1000");

  EXPECT_EQ(report.phase, "Failed");
  EXPECT_EQ(report.reason, "DeadlineExceeded");
  EXPECT_EQ(report.containers[0].ended.exit_code, 143);
}

TEST_F(ShimTest, StartsAFailedContainerAgainWhenThePolicySaysSo) {
  plan.restart = RestartPolicy::kOnFailure;
  const PodReport report =
      run("echo run; n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count; test $n = 2 || "
          "exit 9");

  EXPECT_EQ(report.phase, "Succeeded");
  EXPECT_EQ(report.containers[0].restarts, 2U);
  EXPECT_EQ(report.containers[0].last.exit_code, 9);
  EXPECT_EQ(log_lines("main", "2.log"), std::vector<std::string>{"run"});
}

TEST_F(ShimTest, RunsInitContainersInOrderAndSidecarsBesideTheRest) {
  plan.containers = {shell("echo one", "init-a"),
                     shell("trap 'exit 0' TERM; while :; do sleep 0.02; done", "side"),
                     shell("echo two", "init-b"), shell("echo three", "main"),
                     shell("sleep 0.1; echo four", "other")};
  for (const std::size_t i : {0UL, 2UL}) plan.containers[i].role = Role::kInit;
  plan.containers[1].role = Role::kSidecar;
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Succeeded");
  for (const ContainerReport& container : report.containers) {
    EXPECT_EQ(container.state, State::kTerminated) << container.name;
    EXPECT_EQ(container.ended.exit_code, 0) << container.name;
  }
  EXPECT_LE(report.containers[0].ended.finished_at, report.containers[2].ended.started_at);
  EXPECT_LE(report.containers[2].ended.finished_at, report.containers[3].ended.started_at);
  EXPECT_GE(report.containers[1].ended.finished_at, report.containers[4].ended.finished_at);
}

TEST_F(ShimTest, FailsThePodWhenAnInitContainerFails) {
  plan.containers = {shell("exit 4", "init"), shell("echo never", "main")};
  plan.containers[0].role = Role::kInit;
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Failed");
  EXPECT_EQ(report.containers[0].ended.exit_code, 4);
  EXPECT_EQ(report.containers[1].state, State::kWaiting);
}

TEST_F(ShimTest, OneContainersLeftoversDontOutliveItAndSparesTheOthers) {
  if (!has_mounts()) GTEST_SKIP() << "containers can't be told apart without mount namespaces";
  plan.containers = {shell("setsid sleep 1000 & echo $!; exit 0", "first"),
                     shell("sleep 0.5; echo done", "second")};
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Succeeded");
  EXPECT_LT(report.containers[0].ended.finished_at, report.containers[1].ended.finished_at);
  EXPECT_EQ(log_lines("second"), std::vector<std::string>{"done"});
  EXPECT_EQ(start_time_of(std::stoi(log_lines("first").at(0))), 0U);
}

TEST_F(ShimTest, DiesTogetherWithItsContainers) {
  plan.containers = {shell("echo $$; exec sleep 1000")};
  start();
  ASSERT_TRUE(eventually([&] { return !log_lines().empty(); }));
  const pid_t container = std::stoi(log_lines()[0]);

  ::kill(shim, SIGKILL);
  ::waitpid(shim, nullptr, 0);
  shim = 0;

  EXPECT_TRUE(eventually([&] { return start_time_of(container) == 0; }));
  EXPECT_FALSE(exists(kExitFile));
}

TEST_F(ShimTest, KillsWhoeverPassesASampledMemoryLimit) {
  plan.containers = {shell("exec perl -e '$x = \"a\" x 100_000_000; sleep 1000'")};
  plan.containers[0].sampled_memory_limit = 50'000'000;
  const PodReport report = run();

  EXPECT_EQ(report.containers[0].ended.reason, "OOMKilled");
  EXPECT_EQ(report.containers[0].ended.exit_code, 137);
  EXPECT_GT(report.containers[0].peak_memory, 50'000'000U);
}

TEST_F(ShimTest, TakesTheEndOfTheLogAsMessageWhenAskedTo) {
  plan.containers = {shell("echo first; echo the reason >&2; exit 1")};
  plan.containers[0].log_as_message = true;

  EXPECT_EQ(run().containers[0].ended.message, "first\nthe reason\n");
}

TEST_F(ShimTest, FindsProcessesByTheirEnvironment) {
  plan.containers = {shell("echo ready; exec sleep 1000")};
  plan.containers[0].env.push_back("MIZAN_POD_UID=" + plan.data_dir);
  start();
  ASSERT_TRUE(eventually([&] { return last_line() == "ready"; }));

  EXPECT_TRUE(eventually(
      [&] { return processes_with_environment("MIZAN_POD_UID=" + plan.data_dir).size() == 1; }));
  EXPECT_TRUE(processes_with_environment("MIZAN_POD_UID=" + plan.data_dir + "x").empty());
}

}  // namespace
}  // namespace mizan::pods
