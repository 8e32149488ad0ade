// What containers see of the host and of each other, with the isolation that this machine gives.
#include <sys/stat.h>

#include "pods/shim/landlock.h"
#include "tests/pods/shim_fixture.h"

namespace mizan::pods {
namespace {

class IsolationTest : public ShimTest {
 protected:
  static std::string host_mounts() {
    std::ifstream in("/proc/self/mountinfo");
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
};

#define NEEDS_MOUNTS() \
  if (!has_mounts()) GTEST_SKIP() << "this machine refuses mount namespaces"

TEST_F(IsolationTest, GivesEachContainerScratchDirectoriesOfItsOwn) {
  NEEDS_MOUNTS();
  const std::string script =
      "test ! -e /tmp/x && echo $0 > /tmp/x && echo $0 > /var/log/katib/metrics.log && echo $0 > "
      "here && "
      "echo $0 > /dev/shm/y && sleep 0.2 && cat /tmp/x /var/log/katib/metrics.log here /dev/shm/y";
  plan.containers = {shell(script, "first"), shell(script, "second")};
  for (ContainerPlan& container : plan.containers) container.argv.push_back(container.name);
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Succeeded");
  for (const char* name : {"first", "second"})
    EXPECT_EQ(log_lines(name), std::vector<std::string>(4, name));
}

TEST_F(IsolationTest, LeavesNothingOnTheHost) {
  NEEDS_MOUNTS();
  const std::string before = host_mounts();
  const bool katib_before = std::filesystem::exists("/var/log/katib");
  plan.containers = {shell("echo x > /tmp/leak-$$; ls /data-of-mizan/new; echo $$")};
  std::filesystem::create_directories(plan.folder + "/volumes/v");
  plan.containers[0].mounts = {{"volumes/v", "/data-of-mizan/new", false, false}};
  EXPECT_EQ(run().phase, "Succeeded");

  EXPECT_EQ(host_mounts(), before);
  EXPECT_EQ(std::filesystem::exists("/var/log/katib"), katib_before);
  EXPECT_FALSE(std::filesystem::exists("/data-of-mizan"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/leak-" + last_line()));
}

TEST_F(IsolationTest, HidesTheDataDirectory) {
  if (plan.isolation == Isolation::kNone)
    GTEST_SKIP() << "neither mount namespaces nor Landlock here";
  std::ofstream(plan.data_dir + "/admin.token") << "secret";
  const PodReport report = run("exec 2>&1; cat " + plan.data_dir + "/admin.token; ls " +
                               plan.data_dir + "/pods/*/plan; pwd; echo x > own && cat own");

  EXPECT_EQ(report.phase, "Succeeded");
  const std::string log = text("containers/main/0.log");
  EXPECT_EQ(log.find("secret"), std::string::npos) << log;
  EXPECT_EQ(log.find("/plan\n"), std::string::npos) << log;
  EXPECT_NE(log.find("stdout F " + plan.folder + "/containers/main/work"), std::string::npos)
      << log;
  EXPECT_EQ(last_line(), "x");
}

TEST_F(IsolationTest, DoesNotLetRootUncoverTheDataDirectory) {
  NEEDS_MOUNTS();
  std::ofstream(plan.data_dir + "/admin.token") << "secret";
  const PodReport report =
      run("umount " + plan.data_dir + " /tmp; umount -l " + plan.data_dir +
          "; unshare -rm umount -l /tmp; cat " + plan.data_dir + "/admin.token /proc/" +
          std::to_string(::getpid()) + "/root" + plan.data_dir + "/admin.token");

  EXPECT_EQ(report.phase, "Failed");
  EXPECT_EQ(text("containers/main/0.log").find("secret"), std::string::npos);
}

TEST_F(IsolationTest, MountsVolumesAtTheirPathsSharedByThePodsContainers) {
  NEEDS_MOUNTS();
  std::filesystem::create_directories(plan.folder + "/volumes/shared");
  std::filesystem::create_directories(plan.folder + "/volumes/config");
  std::ofstream(plan.folder + "/volumes/config/key") << "value";
  plan.containers = {shell("echo hello > /shared/x; cat /etc/config/deep/key; echo y > "
                           "/etc/config/deep/z; test -e /etc/passwd && echo; ls /etc | wc -l",
                           "init"),
                     shell("cat /shared/x; cat /usr/key", "main")};
  plan.containers[0].role = Role::kInit;
  plan.containers[0].mounts = {{"volumes/shared", "/shared", false, false},
                               {"volumes/config", "/etc/config/deep", true, false}};
  plan.containers[1].mounts = {{"volumes/shared", "/shared", false, false},
                               {"volumes/config/key", "/usr/key", true, false}};
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Succeeded") << text("containers/init/0.log");
  EXPECT_EQ(log_lines("main"), (std::vector<std::string>{"hello", "value"}));
  const std::string init = text("containers/init/0.log");
  EXPECT_NE(init.find("Read-only file system"), std::string::npos) << init;
  EXPECT_FALSE(std::filesystem::exists("/etc/config/deep"));
}

TEST_F(IsolationTest, HonoursTheWorkingDirectoryAndMakesAMissingOne) {
  NEEDS_MOUNTS();
  plan.containers = {shell("pwd", "there"), shell("pwd; echo x > y", "missing")};
  plan.containers[0].working_dir = "/usr";
  plan.containers[1].working_dir = "/no/such/place";
  EXPECT_EQ(run().phase, "Succeeded");

  EXPECT_EQ(log_lines("there"), std::vector<std::string>{"/usr"});
  EXPECT_EQ(log_lines("missing"), std::vector<std::string>{"/no/such/place"});
  EXPECT_TRUE(made("missing", "y"));
}

TEST_F(IsolationTest, ReadsTheTerminationLog) {
  NEEDS_MOUNTS();
  plan.containers = {
      shell("echo lr is too large > /dev/termination-log; test -c /dev/null; exit 78")};
  plan.containers[0].termination_log = "/dev/termination-log";
  const PodReport report = run();

  EXPECT_EQ(report.containers[0].ended.exit_code, 78);
  EXPECT_EQ(report.containers[0].ended.message, "lr is too large\n");
}

TEST_F(IsolationTest, KeepsRootFromItsMostDangerousRights) {
  if (::geteuid() != 0) GTEST_SKIP() << "not root";
  EXPECT_EQ(run("grep CapEff /proc/self/status").phase, "Succeeded");

  const std::uint64_t effective =
      std::stoull(last_line().substr(last_line().find('\t') + 1), nullptr, 16);
  EXPECT_EQ(effective >> 21U & 1U, 0U) << "SYS_ADMIN";
  EXPECT_EQ(effective & 1U, 1U) << "CHOWN";
}

TEST_F(IsolationTest, UnderLandlockTheDataDirectoryIsHiddenAndSharedScratchCannotBeWritten) {
  if (!landlock_available()) GTEST_SKIP() << "this kernel has no Landlock";
  plan.isolation = Isolation::kLandlock;
  std::ofstream(plan.data_dir + "/admin.token") << "secret";
  const PodReport report =
      run("cat " + plan.data_dir + "/admin.token; echo x > /tmp/mizan-shared-" +
          std::to_string(shim) + "; echo x > own && cat own && cat /etc/passwd >/dev/null");

  EXPECT_EQ(report.phase, "Succeeded") << text("containers/main/0.log");
  EXPECT_EQ(text("containers/main/0.log").find("secret"), std::string::npos);
  const std::string log = text("containers/main/0.log");
  EXPECT_NE(log.find(" stdout F x\n"), std::string::npos) << log;
  EXPECT_NE(log.find("Permission denied"), std::string::npos) << log;
  EXPECT_FALSE(std::filesystem::exists("/tmp/mizan-shared-" + std::to_string(shim)));
}

TEST_F(IsolationTest, WorksInAUserNamespaceToo) {
  // As root the plain mount namespace is chosen; the other way must not rot.
  plan.isolation = Isolation::kUserMounts;
  plan.containers = {shell("test -e /tmp/x || echo private > /tmp/x; cat /tmp/x; id -u; ls " +
                           plan.data_dir + "/pods/*/plan 2>/dev/null || echo hidden")};
  const PodReport report = run();
  if (report.containers[0].ended.reason == "MountNamespaceUnavailable")
    GTEST_SKIP() << report.containers[0].ended.message;

  EXPECT_EQ(report.phase, "Succeeded") << report.containers[0].ended.message;
  EXPECT_EQ(log_lines().at(0), "private");
  EXPECT_EQ(last_line(), "hidden");
}

TEST_F(IsolationTest, SaysSoWhenTheMountNamespaceIsRefused) {
  NEEDS_MOUNTS();
  plan.containers = {shell("true")};
  plan.containers[0].mounts = {{"volumes/missing", "/v", false, false}};
  const PodReport report = run();

  EXPECT_EQ(report.phase, "Failed");
  EXPECT_EQ(report.containers[0].ended.reason, "StartError");
  EXPECT_NE(report.containers[0].ended.message.find("volumes/missing"), std::string::npos);
}

}  // namespace
}  // namespace mizan::pods
