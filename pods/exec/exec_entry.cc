// Plan, process, command.
#include "pods/exec/exec_entry.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "pods/shim/container_start.h"
#include "pods/shim/pod_folder.h"
#include "pods/shim/report.h"

namespace mizan::pods {
namespace {

constexpr int kCannotRun = 126, kNoSuchCommand = 127;

Error enter(const char* path, const std::string& name, std::vector<std::string> command) {
  const Fd folder(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail_errno("the pod's folder").error();
  const Result<std::string> plan_bytes = read_file_at(folder.get(), kPlanFile);
  if (!plan_bytes) return plan_bytes.error();
  const Result<LaunchPlan> plan = decode_plan(*plan_bytes);
  if (!plan) return plan.error();
  const Result<std::string> status = read_file_at(folder.get(), kStatusFile);
  if (!status) return status.error();
  const Result<PodReport> report = read_report(*status);
  if (!report) return report.error();
  const auto running = std::ranges::find(report->containers, name, &ContainerReport::name);
  const auto planned = std::ranges::find(plan->containers, name, &ContainerPlan::name);
  if (running == report->containers.end() || planned == plan->containers.end() ||
      running->state != ContainerReport::State::kRunning || running->pid <= 0) {
    return {Code::kNotFound, "container " + name + " does not run", {}};
  }
  ContainerPlan container = *planned;
  container.argv = std::move(command);
  if (::isatty(0) == 1) {
    const bool has_term = std::ranges::any_of(
        container.env, [](const std::string& entry) { return entry.starts_with("TERM="); });
    if (!has_term) container.env.emplace_back("TERM=xterm");
  }
  return exec_in_container(*plan, container, running->pid);
}

}  // namespace

int exec_main(int argc, char** argv) {
  if (argc < 4) {
    static constexpr char kUsage[] = "usage: mizan exec FOLDER CONTAINER COMMAND...\n";
    [[maybe_unused]] const ssize_t said = ::write(2, kUsage, sizeof kUsage - 1);
    return 64;
  }
  ::setsid();
  if (::isatty(0) == 1) ::ioctl(0, TIOCSCTTY, 0);
  const Error error = enter(argv[1], argv[2], {argv + 3, argv + argc});
  const std::string said = error.message + "\n";
  [[maybe_unused]] const ssize_t written = ::write(2, said.data(), said.size());
  return error.code == Code::kNotFound ? kNoSuchCommand : kCannotRun;
}

}  // namespace mizan::pods
