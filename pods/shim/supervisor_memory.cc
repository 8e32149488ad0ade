// What the node orders of a running shim, and the memory of its containers, sampled.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "pods/shim/orders.h"
#include "pods/shim/process_tree.h"
#include "pods/shim/supervisor.h"

namespace mizan::pods {
namespace {

/// Anonymous and shared memory by a memory.stat of either version.
std::uint64_t anonymous_in(const std::string& file) {
  const Result<std::string> text = read_file_at(AT_FDCWD, file);
  if (!text) return 0;
  std::uint64_t sum = 0;
  const std::string lines = "\n" + *text;
  for (const char* key : {"\nanon ", "\nshmem ", "\ntotal_rss ", "\ntotal_shmem "}) {
    // v1 has both `shmem` and `total_shmem`: only the totals count there.
    const bool of_v2 = key[1] != 't';
    if (of_v2 && lines.find("\ntotal_rss ") != std::string::npos) continue;
    const std::size_t at = lines.find(key);
    if (at != std::string::npos)
      sum += std::strtoull(lines.c_str() + lines.find(' ', at) + 1, nullptr, 10);
  }
  return sum;
}

}  // namespace

void Supervisor::follow_orders() {
  const Orders orders = read_orders(read_file_at(folder_.get(), kOrdersFile).value_or(""));
  for (Container& container : containers_) {
    const auto limit = orders.limits.find(container.plan->name);
    if (limit != orders.limits.end()) container.sampled_limit = limit->second;
    const auto hold = orders.hold.find(container.plan->name);
    container.held = hold != orders.hold.end() && container.report.restarts <= hold->second + 1;
    const bool ends = container.held && container.running && !container.restarting &&
                      container.report.restarts == hold->second;
    if (!ends) continue;
    container.restarting = true;
    container.restart_kill_at = clock_now() + plan_.grace_ms;
    ::kill(container.report.pid, SIGTERM);
  }
  const bool any = std::ranges::any_of(
      containers_, [this](const Container& each) { return each.running && samples(each); });
  if (any && sample_at_ == 0) sample_at_ = clock_now() + kSampleEvery;
}

bool Supervisor::samples(const Container& container) const {
  return container.sampled_limit != 0 || container.plan->sample_memory;
}

/// Twenty times a second what a container and its descendants hold: for its peak, and for the limit
/// on machines without a cgroup for it.
void Supervisor::sample_memory() {
  const bool by_cgroup = std::ranges::all_of(containers_, [](const Container& container) {
    return container.sampled_limit == 0 && !container.plan->cgroup.stat_file.empty();
  });
  const std::vector<Process> processes = by_cgroup ? std::vector<Process>{} : all_processes();
  sample_at_ = 0;
  for (Container& container : containers_) {
    if (!container.running || !samples(container)) continue;
    sample_at_ = clock_now() + kSampleEvery;
    if (by_cgroup) {
      container.report.peak_anonymous =
          std::max(container.report.peak_anonymous, anonymous_in(container.plan->cgroup.stat_file));
      continue;
    }
    std::vector<pid_t> members = descendants(processes, container.report.pid);
    members.push_back(container.report.pid);
    std::uint64_t used = 0;
    for (const pid_t pid : members) used += memory_of(pid);
    container.report.peak_memory = std::max(container.report.peak_memory, used);
    if (container.plan->sample_memory)
      container.report.peak_anonymous = std::max(container.report.peak_anonymous, used);
    if (container.sampled_limit == 0 || used <= container.sampled_limit) continue;
    container.over_sampled_limit = true;
    for (const pid_t pid : members) ::kill(pid, SIGKILL);
  }
}

}  // namespace mizan::pods
