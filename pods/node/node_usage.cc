// Usage from cgroups, or from the processes themselves where there are none.
#include "pods/node/node_usage.h"

#include <fmt/format.h>

#include "core/executors.h"
#include "core/time.h"
#include "pods/node/pod_files.h"
#include "pods/node/pod_resources.h"
#include "pods/shim/process_tree.h"
#include "resources/meta.h"

namespace mizan::pods {
namespace {

struct Reading {
  std::string container;
  CgroupUsage usage;
  std::optional<Time> started;
};

/// Where no cgroup counts: the container's process and all that descend from it.
CgroupUsage tree_usage(pid_t pid, const std::vector<Process>& processes) {
  std::vector<pid_t> members = descendants(processes, pid);
  members.push_back(pid);
  CgroupUsage usage;
  for (const pid_t member : members) {
    usage.memory_bytes += memory_of(member);
    usage.cpu_nanoseconds += cpu_nanoseconds_of(member);
    usage.anonymous_bytes = usage.memory_bytes;
  }
  return usage;
}

std::vector<Reading> read_usage(const std::string& folder, const std::string& uid,
                                const Cgroups* cgroups) {
  std::vector<Reading> readings;
  const FolderState state = inspect_folder(folder);
  if (!state.report || state.final || !state.alive) return readings;
  const bool alone = state.report->containers.size() == 1;
  const std::vector<Process> processes =
      cgroups == nullptr ? all_processes() : std::vector<Process>{};
  for (const ContainerReport& container : state.report->containers) {
    if (container.state != ContainerReport::State::kRunning) continue;
    const CgroupUsage usage = cgroups != nullptr ? cgroups->usage(uid, container.name, alone)
                                                 : tree_usage(container.pid, processes);
    readings.push_back({container.name, usage, parse_rfc3339(container.started_at)});
  }
  return readings;
}

}  // namespace

NodeUsage::NodeUsage(boost::asio::any_io_executor files, const controller::Informer<Json>& pods,
                     const Cgroups* cgroups, std::string data_dir)
    : files_(std::move(files)), pods_(pods), cgroups_(cgroups), data_dir_(std::move(data_dir)) {}

Task<Result<std::vector<ContainerUse>>> NodeUsage::usage(std::string ns, std::string pod) {
  const auto object = pods_.get(ns, pod);
  if (!object) co_return fail(Code::kNotFound, fmt::format("pods \"{}\" not found", pod));
  const std::string uid = resources::uid_of(*object);
  auto read = [folder = pod_folder_path(data_dir_, uid), uid, cgroups = cgroups_] {
    return read_usage(folder, uid, cgroups);
  };
  const std::vector<Reading> readings = co_await run_on(files_, std::move(read));
  if (readings.empty()) {
    last_.erase(uid);
    co_return fail(Code::kNotFound, fmt::format("pod \"{}\" does not run", pod));
  }
  const auto now = std::chrono::steady_clock::now();
  std::vector<ContainerUse> uses;
  std::map<std::string, Sample>& before = last_[uid];
  for (const Reading& reading : readings) {
    const auto last = before.find(reading.container);
    std::chrono::nanoseconds span{0};
    std::uint64_t since = 0;
    if (last != before.end() && last->second.cpu_nanoseconds <= reading.usage.cpu_nanoseconds) {
      span = now - last->second.at;
      since = last->second.cpu_nanoseconds;
    } else if (reading.started) {
      span = std::chrono::system_clock::now() - *reading.started;
    }
    ContainerUse use{.container = reading.container,
                     .cpu_nanocores = 0,
                     .memory_bytes = static_cast<std::int64_t>(reading.usage.memory_bytes),
                     .anonymous_bytes = static_cast<std::int64_t>(reading.usage.anonymous_bytes),
                     .cpu_nanoseconds = reading.usage.cpu_nanoseconds,
                     .cpu_periods = reading.usage.cpu_periods,
                     .throttled_periods = reading.usage.throttled_periods,
                     .throttled_nanoseconds = reading.usage.throttled_nanoseconds};
    if (span.count() > 0)
      use.cpu_nanocores =
          static_cast<std::int64_t>(static_cast<double>(reading.usage.cpu_nanoseconds - since) *
                                    1e9 / static_cast<double>(span.count()));
    // Questions in quick succession share one base: a span of a few milliseconds says nothing.
    if (last == before.end() || span > std::chrono::seconds(1))
      before[reading.container] = {now, reading.usage.cpu_nanoseconds};
    uses.push_back(std::move(use));
  }
  co_return uses;
}

}  // namespace mizan::pods
