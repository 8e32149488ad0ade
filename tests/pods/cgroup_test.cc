// The cgroup drivers: the real ones where this machine lets us, and what they write, on ordinary
// folders.
#include "pods/node/cgroup.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "pods/node/cgroup_files.h"
#include "pods/node/cgroup_mounts.h"
#include "pods/node/machine.h"
#include "tests/support/temp_dir.h"

namespace mizan::pods {
namespace {

TEST(CgroupMountsTest, ReadsHybridMachines) {
  const CgroupMounts mounts = read_cgroup_mounts(
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\nnonsense\n");

  EXPECT_EQ(mounts.v1.at("cpu"), "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(mounts.v1.at("cpuacct"), "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(mounts.v1.at("memory"), "/sys/fs/cgroup/memory");
  EXPECT_EQ(mounts.v2, "/sys/fs/cgroup/unified");
}

TEST(CgroupMountsTest, ReadsWhereAProcessIs) {
  const CgroupPaths paths =
      read_cgroup_paths("4:memory:/a/b\n2:cpu,cpuacct:/c\n1:name=systemd:/\n0::/user.slice\n");

  EXPECT_EQ(paths.v1.at("memory"), "/a/b");
  EXPECT_EQ(paths.v1.at("cpuacct"), "/c");
  EXPECT_EQ(paths.v2, "/user.slice");
}

TEST(CgroupNameTest, BelongsToOneDataDirectory) {
  EXPECT_EQ(cgroup_name("/a"), cgroup_name("/a"));
  EXPECT_NE(cgroup_name("/a"), cgroup_name("/b"));
  EXPECT_EQ(cgroup_name("/a").size(), std::string("mizan/").size() + 12);
}

class CgroupFolders : public ::testing::Test {
 protected:
  std::string text(const std::string& path) const {
    std::ifstream in(dir / path);
    std::string line;
    std::getline(in, line);
    return line;
  }
  /// The files that the kernel would make.
  void make(const std::string& group, std::initializer_list<const char*> files) const {
    std::filesystem::create_directories(dir / group);
    for (const char* file : files) std::ofstream(dir / (group + "/" + file)) << "0";
  }
  mizan::testing::TempDir dir;
};

TEST_F(CgroupFolders, V2WritesWeightQuotaAndLimits) {
  const auto cgroups = make_cgroups_v2(dir.path().string(), "test");
  make("podu", {"cpu.weight", "cpu.max", "memory.max", "memory.swap.max", "memory.oom.group"});

  ASSERT_TRUE(cgroups->create("u", {1000, 1500, 1 << 20}, {{"main", {}}}).has_value());
  EXPECT_EQ(text("podu/cpu.weight"), "39");
  EXPECT_EQ(text("podu/cpu.max"), "150000 100000");
  EXPECT_EQ(text("podu/memory.max"), "1048576");
  EXPECT_EQ(text("podu/memory.swap.max"), "0");
  EXPECT_EQ(text("podu/memory.oom.group"), "1");

  ASSERT_TRUE(cgroups->set("u", "", {}).has_value());
  EXPECT_TRUE(text("podu/cpu.max").starts_with("max 100000"));
  EXPECT_TRUE(text("podu/memory.max").starts_with("max"));
  EXPECT_EQ(cgroups->plan("u", "main", true).join.at(0),
            dir.path().string() + "/podu/cgroup.procs");
  EXPECT_EQ(cgroups->plan("u", "main", false).oom_file,
            dir.path().string() + "/podu/main/memory.events");
}

TEST_F(CgroupFolders, V2LowersALimitOnlyWhenWhatIsInUseFits) {
  const auto cgroups = make_cgroups_v2(dir.path().string(), "test");
  make("podu", {"cpu.weight", "cpu.max", "memory.max", "memory.high"});
  std::ofstream(dir / "podu/memory.max") << "4096000";
  std::ofstream(dir / "podu/memory.current") << "2000000";

  const Result<> refused = cgroups->set("u", "", {100, 0, 1'000'000});

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_EQ(text("podu/memory.max"), "4096000");
  EXPECT_TRUE(text("podu/memory.high").starts_with("max")) << "it is let go again";
  ASSERT_TRUE(cgroups->set("u", "", {100, 0, 3'000'000}).has_value());
  EXPECT_EQ(cgroups->memory_limit("u", "main", true), 3'000'000);
}

TEST_F(CgroupFolders, V2ReadsUsageWithoutInactivePageCache) {
  const auto cgroups = make_cgroups_v2(dir.path().string(), "test");
  make("podu", {});
  std::ofstream(dir / "podu/memory.current") << "1000\n";
  std::ofstream(dir / "podu/memory.stat") << "anon 5\ninactive_file 300\n";
  std::ofstream(dir / "podu/cpu.stat")
      << "usage_usec 42\nuser_usec 1\nnr_periods 9\nnr_throttled 4\nthrottled_usec 7\n";

  const CgroupUsage usage = cgroups->usage("u", "main", true);

  EXPECT_EQ(usage.memory_bytes, 700U);
  EXPECT_EQ(usage.anonymous_bytes, 5U);
  EXPECT_EQ(usage.cpu_nanoseconds, 42'000U);
  EXPECT_EQ(usage.cpu_periods, 9U);
  EXPECT_EQ(usage.throttled_periods, 4U);
  EXPECT_EQ(usage.throttled_nanoseconds, 7'000U);
}

TEST_F(CgroupFolders, CapacityIsTheLeastUpTheChain) {
  make("v1/a/b", {});
  std::ofstream(dir / "v1/a/memory.limit_in_bytes") << "1000000";
  std::ofstream(dir / "v1/a/b/memory.limit_in_bytes") << "9223372036854771712";
  std::ofstream(dir / "v1/a/cpu.cfs_quota_us") << "-1";
  std::ofstream(dir / "v1/a/cpu.cfs_period_us") << "100000";
  make("v2/x/y", {});
  std::ofstream(dir / "v2/x/memory.max") << "max";
  std::ofstream(dir / "v2/x/y/memory.max") << "2048";
  std::ofstream(dir / "v2/x/cpu.max") << "150000 100000";

  EXPECT_EQ(cgroup_memory_bytes((dir / "v1").string(), "/a/b", false), 1'000'000);
  EXPECT_EQ(cgroup_cpu_milli((dir / "v1").string(), "/a/b", false), 0);
  EXPECT_EQ(cgroup_memory_bytes((dir / "v2").string(), "/x/y", true), 2048);
  EXPECT_EQ(cgroup_cpu_milli((dir / "v2").string(), "/x/y", true), 1500);
}

TEST(NodeCapacityTest, FlagsLowerButDoNotInvent) {
  const auto found = node_capacity({});
  ASSERT_TRUE(found.has_value());
  const auto small = node_capacity({"500m", "64Mi", {{"nvidia.com/gpu", "2"}}});
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->at("cpu").text(), "500m");
  EXPECT_EQ(small->at("memory").text(), "64Mi");
  EXPECT_EQ(small->at("nvidia.com/gpu").text(), "2");
  const auto large = node_capacity({"100000", "1Ei", {}});
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->at("cpu"), found->at("cpu"));
  EXPECT_EQ(large->at("memory"), found->at("memory"));

  EXPECT_EQ(node_capacity({"many", "", {}}).error().code, Code::kInvalid);
  EXPECT_EQ(node_capacity({"0", "", {}}).error().code, Code::kInvalid);
  EXPECT_EQ(node_capacity({"", "", {{"gpu", "x"}}}).error().code, Code::kInvalid);
}

class RealCgroups : public ::testing::Test {
 protected:
  void SetUp() override {
    cgroups = choose_cgroups({"", dir.path().string()});
    if (!cgroups) GTEST_SKIP() << "this machine lets us use no cgroups";
  }
  void TearDown() override {
    if (!cgroups) return;
    for (const std::string& uid : cgroups->pods()) EXPECT_TRUE(cgroups->remove(uid).has_value());
    cgroups->remove_root();
  }
  mizan::testing::TempDir dir;
  std::unique_ptr<Cgroups> cgroups;
};

TEST_F(RealCgroups, SetsWhatKubeletSets) {
  const CgroupMounts mounts = this_machines_cgroup_mounts();
  if (!cgroups->description().starts_with("v1") || !mounts.v1.contains("cpu"))
    GTEST_SKIP() << "not v1";
  const std::string name = cgroup_name(dir.path().string());
  ASSERT_TRUE(cgroups->create("u1", {300, 600, 64 << 20}, {{"main", {}}}).has_value());

  EXPECT_EQ(read_value(mounts.v1.at("cpu") + "/" + name + "/podu1/cpu.shares"), 307U);
  EXPECT_EQ(read_value(mounts.v1.at("cpu") + "/" + name + "/podu1/cpu.cfs_quota_us"), 60'000U);
  EXPECT_EQ(read_value(mounts.v1.at("memory") + "/" + name + "/podu1/memory.limit_in_bytes"),
            67'108'864U);
}

TEST_F(RealCgroups, GivesEachOfSeveralContainersAGroupOfItsOwn) {
  ASSERT_TRUE(cgroups->create("u1", {}, {{"a", {}}, {"b", {}}}).has_value());

  EXPECT_NE(cgroups->plan("u1", "a", false).join, cgroups->plan("u1", "b", false).join);
  for (const std::string& file : cgroups->plan("u1", "a", false).join)
    EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

TEST_F(RealCgroups, KillsWhatIsInsideBeforeItRemoves) {
  ASSERT_TRUE(cgroups->create("u1", {}, {{"main", {}}}).has_value());
  const CgroupPlan plan = cgroups->plan("u1", "main", true);
  const pid_t child = ::fork();
  if (child == 0) {
    for (const std::string& file : plan.join) {
      if (!write_value(file, "0")) ::_exit(1);
    }
    while (true) ::pause();
  }
  while (cgroups->processes("u1") != std::vector<pid_t>{child}) ::usleep(1000);
  std::thread reaper([child] { ::waitpid(child, nullptr, 0); });

  EXPECT_TRUE(cgroups->remove("u1").has_value());

  reaper.join();
  EXPECT_TRUE(cgroups->pods().empty());
}

TEST_F(RealCgroups, MayBeMadeAndRemovedTwice) {
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(cgroups->create("u1", {100, 0, 1 << 26}, {{"a", {}}, {"b", {}}}).has_value());
  EXPECT_EQ(cgroups->pods(), std::vector<std::string>{"u1"});
  EXPECT_TRUE(cgroups->remove("u1").has_value());
  EXPECT_TRUE(cgroups->remove("u1").has_value());
}

}  // namespace
}  // namespace mizan::pods
