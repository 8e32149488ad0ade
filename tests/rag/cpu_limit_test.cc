// Threads follow the CPU limit of the moment: cgroup v2, v1, and limits further up.
#include "examples/rag/trial/cpu_limit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace mizan::rag {
namespace {

class CpuLimit : public ::testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    const auto full = folder_.path() / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  unsigned threads(const std::string& self) {
    return cpu_threads(self, folder_.path().string(), 8);
  }
  mizan::testing::TempDir folder_;
};

TEST_F(CpuLimit, OfVersion2IsTheLeastOnTheWayUp) {
  put("a/b/cpu.max", "max 100000\n");
  put("a/cpu.max", "250000 100000\n");
  EXPECT_EQ(threads("0::/a/b\n"), 3U);
  put("a/b/cpu.max", "100000 100000\n");
  EXPECT_EQ(threads("0::/a/b\n"), 1U) << "read anew each time";
  put("a/b/cpu.max", "20000 100000\n");
  EXPECT_EQ(threads("0::/a/b\n"), 1U) << "never none";
}

TEST_F(CpuLimit, OfVersion1) {
  put("cpu,cpuacct/pod/cpu.cfs_quota_us", "200000\n");
  put("cpu,cpuacct/pod/cpu.cfs_period_us", "100000\n");
  put("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(threads("5:memory:/pod\n4:cpu,cpuacct:/pod\n"), 2U);
  EXPECT_EQ(threads("4:cpuset:/pod\n"), 8U);
}

TEST_F(CpuLimit, IsTheMachineWithoutAny) {
  EXPECT_EQ(threads(""), 8U);
  EXPECT_GE(cpu_threads(), 1U);
  EXPECT_GT(peak_rss_bytes(), 0);
  EXPECT_GT(cpu_seconds(), 0);
}

}  // namespace
}  // namespace mizan::rag
