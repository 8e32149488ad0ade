// Actuation in steps: raise the pod, set the containers, lower the pod; undo on refusal.
#include "pods/node/actuation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pods/node/pod_files.h"
#include "pods/node/pod_resources.h"
#include "pods/shim/orders.h"
#include "pods/shim/pod_folder.h"
#include "pods/shim/process_tree.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::text_field;

/// For limits 0 is more than anything.
std::int64_t larger(std::int64_t one, std::int64_t other) {
  return one == 0 || other == 0 ? 0 : std::max(one, other);
}
bool lowers(std::int64_t from, std::int64_t to) { return to != 0 && (from == 0 || to < from); }

CgroupLimits larger(const CgroupLimits& one, const CgroupLimits& other) {
  return {std::max(one.cpu_request_milli, other.cpu_request_milli),
          larger(one.cpu_limit_milli, other.cpu_limit_milli),
          larger(one.memory_limit, other.memory_limit)};
}

std::uint64_t tree_memory(const ContainerReport& container, const std::vector<Process>& all) {
  std::vector<pid_t> members = descendants(all, container.pid);
  members.push_back(container.pid);
  std::uint64_t used = 0;
  for (const pid_t pid : members) used += memory_of(pid);
  return used;
}

class Actuator {
 public:
  explicit Actuator(const Actuation& actuation)
      : a_(actuation),
        uid_(resources::uid_of(actuation.pod)),
        from_(with_size(actuation.pod, actuation.from)),
        to_(with_size(actuation.pod, actuation.to)),
        alone_(all_containers(actuation.pod).size() == 1),
        by_cgroup_(actuation.cgroups != nullptr && actuation.cgroups->limits_memory()) {}

  Result<Actuated> run() {
    if (Result<> checked = check_usage(); !checked) return fail(checked.error());
    if (a_.cgroups != nullptr) {
      if (Result<> set = set_groups(from_, to_); !set) {
        (void)set_groups(to_, from_);
        const bool in_use = set.error().code == Code::kConflict;
        return fail(set.error().code,
                    (in_use ? "cannot decrease memory limits: " : "") + set.error().message);
      }
    }
    return write_orders();
  }

 private:
  bool restarts(const std::string& name) const {
    return std::ranges::find(a_.restarting, name) != a_.restarting.end();
  }

  /// A limit below what can't be taken back would end in an OOM kill: refused for the whole pod.
  Result<> check_usage() const {
    std::vector<std::string> wrong;
    const std::vector<Process> processes = by_cgroup_ ? std::vector<Process>{} : all_processes();
    if (by_cgroup_) {
      const std::int64_t limit = pod_limits(to_).memory_limit;
      const std::uint64_t used = a_.cgroups->usage(uid_, "", true).anonymous_bytes;
      if (a_.restarting.empty() && lowers(pod_limits(from_).memory_limit, limit) &&
          used > static_cast<std::uint64_t>(limit))
        wrong.push_back(fmt::format(
            "attempting to set pod memory limit ({}) below current usage ({})", limit, used));
    }
    const std::vector<const Json*> before = all_containers(from_), after = all_containers(to_);
    for (std::size_t i = 0; i < after.size(); ++i) {
      const std::string name = text_field(*after[i], "name");
      const std::int64_t limit = container_limits(*after[i]).memory_limit;
      if (!lowers(container_limits(*before[i]).memory_limit, limit) || restarts(name)) continue;
      const auto running = std::ranges::find(a_.report.containers, name, &ContainerReport::name);
      if (running == a_.report.containers.end() || running->pid == 0) continue;
      const std::uint64_t used = by_cgroup_ ? a_.cgroups->usage(uid_, name, alone_).anonymous_bytes
                                            : tree_memory(*running, processes);
      if (used > static_cast<std::uint64_t>(limit))
        wrong.push_back(fmt::format(
            "attempting to set container \"{}\" memory limit ({}) below current usage ({})", name,
            limit, used));
    }
    if (wrong.empty()) return {};
    const std::string all = fmt::format("{}", fmt::join(wrong, ", "));
    return fail(Code::kConflict,
                "cannot decrease memory limits: " + (wrong.size() == 1 ? all : "[" + all + "]"));
  }

  Result<> set_groups(const Json& from, const Json& to) const {
    const CgroupLimits now = pod_limits(from), then = pod_limits(to);
    const CgroupLimits between = larger(now, then);
    if (!alone_) {
      if (Result<> set = a_.cgroups->set(uid_, "", between); !set) return set;
      for (const Json* container : all_containers(to)) {
        const std::string name = text_field(*container, "name");
        if (Result<> set = a_.cgroups->set(uid_, name, container_limits(*container)); !set)
          return set;
      }
      if (between == then) return {};
    }
    return a_.cgroups->set(uid_, "", then);
  }

  Result<Actuated> write_orders() const {
    const Fd folder(::open(a_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return fail_errno(a_.folder);
    const Result<std::string> before = read_file_at(folder.get(), kOrdersFile);
    Orders orders;
    if (!by_cgroup_) {
      for (const Json* container : all_containers(to_))
        orders.limits[text_field(*container, "name")] =
            static_cast<std::uint64_t>(container_limits(*container).memory_limit);
    }
    const std::string text = encode(orders);
    if (before.value_or("") == text) return Actuated{};
    if (Result<> wrote = write_file_at(folder.get(), kOrdersFile, text, false); !wrote)
      return fail(wrote.error());
    return Actuated{true};
  }

  const Actuation& a_;
  std::string uid_;
  Json from_, to_;
  bool alone_, by_cgroup_;
};

}  // namespace

Result<Actuated> actuate(const Actuation& actuation) { return Actuator(actuation).run(); }

Result<> hold_containers(const std::string& path, const PodReport& report,
                         const std::vector<std::string>& names) {
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail_errno(path);
  Orders orders = read_orders(read_file_at(folder.get(), kOrdersFile).value_or(""));
  for (const ContainerReport& container : report.containers) {
    if (std::ranges::find(names, container.name) != names.end())
      orders.hold[container.name] = container.restarts;
  }
  return write_file_at(folder.get(), kOrdersFile, encode(orders), false);
}

Result<> keep_allocation(const std::string& path, const PodSize& allocated) {
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail_errno(path);
  return write_file_at(folder.get(), kAllocationFile, to_json(allocated).dump(), false);
}

PodSize kept_allocation(const std::string& path, PodSize otherwise) {
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return otherwise;
  std::string text = read_file_at(folder.get(), kAllocationFile).value_or("");
  if (text.empty()) {
    const Result<LaunchPlan> plan = decode_plan(read_file_at(folder.get(), kPlanFile).value_or(""));
    if (plan) text = plan->allocation;
  }
  for (auto& [name, size] : read_size(Json::parse(text, nullptr, false))) {
    if (const auto found = otherwise.find(name); found != otherwise.end()) found->second = size;
  }
  return otherwise;
}

PodSize size_the_kernel_has(const Json& pod, const Cgroups& cgroups, PodSize believed) {
  const std::string uid = resources::uid_of(pod);
  const bool alone = all_containers(pod).size() == 1;
  for (auto& [name, size] : believed) {
    const std::int64_t bytes = cgroups.memory_limit(uid, name, alone);
    const auto limit = size.limits.find("memory");
    if (bytes == 0 || limit == size.limits.end()) continue;
    // The kernel counts whole pages.
    constexpr std::int64_t kPage = 4096;
    if (std::abs(limit->second.units() - bytes) >= kPage)
      limit->second = resources::Quantity::of_bytes(bytes);
  }
  return believed;
}

}  // namespace mizan::pods
