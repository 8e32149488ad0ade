// One pod in a data directory of its own, run by a real shim.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "pods/shim/container_start.h"
#include "pods/shim/launch_plan.h"
#include "pods/shim/pod_folder.h"
#include "pods/shim/report.h"
#include "tests/support/temp_dir.h"

namespace mizan::pods {

/// Waits for something that another process does. Fails the test after ten seconds.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class ShimTest : public ::testing::Test {
 protected:
  ShimTest() {
    plan.uid = "11111111-2222-4333-8444-555555555555";
    plan.data_dir = std::filesystem::canonical(dir.path()).string() + "/data";
    plan.folder = plan.data_dir + "/pods/" + plan.uid;
    plan.isolation = best_isolation();
    plan.backoff_ms = 20;
    std::filesystem::create_directories(plan.folder);
  }
  ~ShimTest() override {
    if (shim > 0) {
      ::kill(shim, SIGTERM);
      ::kill(shim, SIGKILL);
      ::waitpid(shim, nullptr, 0);
    }
  }

  static ContainerPlan shell(const std::string& script, const std::string& name = "main") {
    ContainerPlan container;
    container.name = name;
    container.argv = {"/bin/sh", "-c", script};
    container.env = {"PATH=/usr/bin:/bin", "HOME=/tmp"};
    return container;
  }

  void start() { shim = spawn(); }
  pid_t spawn() const {
    const Fd folder(::open(plan.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_TRUE(write_file_at(folder.get(), kPlanFile, encode(plan), true).has_value());
    std::string binary = MIZAN_SHIM_BINARY, word = "shim", path = plan.folder;
    char* argv[] = {binary.data(), word.data(), path.data(), nullptr};
    pid_t pid = 0;
    EXPECT_EQ(::posix_spawn(&pid, binary.c_str(), nullptr, nullptr, argv, environ), 0);
    return pid;
  }
  static int wait_for(pid_t pid) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  /// Runs the pod to its end.
  PodReport run() {
    start();
    EXPECT_EQ(wait_for(shim), 0);
    shim = 0;
    return report(kExitFile);
  }
  PodReport run(const std::string& script) {
    plan.containers = {shell(script)};
    return run();
  }
  PodReport report(const std::string& file) const {
    Result<PodReport> read = read_report(text(file));
    return read ? *read : PodReport{};
  }
  std::string text(const std::string& file) const {
    std::ifstream in(plan.folder + "/" + file);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  bool exists(const std::string& file) const {
    return std::filesystem::exists(plan.folder + "/" + file);
  }
  /// The same of a file that a container has made where it works.
  bool made(const std::string& container, const std::string& file) const {
    return std::filesystem::exists(std::filesystem::path(plan.folder) / "containers" / container /
                                   "work" / file);
  }
  /// The log's lines without time, stream and tag.
  std::vector<std::string> log_lines(const std::string& container = "main",
                                     const std::string& file = "0.log") const {
    std::vector<std::string> lines;
    std::istringstream in(text("containers/" + container + "/" + file));
    for (std::string line; std::getline(in, line);) {
      std::size_t at = 0;
      for (int space = 0; space < 3; ++space) at = line.find(' ', at) + 1;
      lines.push_back(line.substr(at));
    }
    return lines;
  }
  std::string last_line() const {
    const std::vector<std::string> lines = log_lines();
    return lines.empty() ? "" : lines.back();
  }
  bool has_mounts() const {
    return plan.isolation == Isolation::kMounts || plan.isolation == Isolation::kUserMounts;
  }

  mizan::testing::TempDir dir;
  LaunchPlan plan;
  pid_t shim = 0;
};

}  // namespace mizan::pods
