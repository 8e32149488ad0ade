// cgroup v1: the same path in the hierarchy of each controller.
#include <algorithm>
#include <cerrno>

#include "pods/node/cgroup.h"
#include "pods/node/cgroup_files.h"

namespace mizan::pods {
namespace {

class CgroupsV1 final : public Cgroups {
 public:
  CgroupsV1(V1Mounts mounts, std::string description)
      : mounts_(std::move(mounts)), description_(std::move(description)) {}

  Result<> create(const std::string& uid, const CgroupLimits& pod,
                  const std::vector<ContainerLimits>& containers) override {
    for (const std::string& root : roots()) {
      if (Result<> made = make_group(root + group(uid, "", true)); !made) return made;
    }
    if (Result<> limited = set(uid, "", pod); !limited) return limited;
    if (containers.size() < 2) return {};
    for (const ContainerLimits& container : containers) {
      for (const std::string& root : roots()) {
        if (Result<> made = make_group(root + group(uid, container.name, false)); !made)
          return made;
      }
      if (Result<> limited = set(uid, container.name, container.limits); !limited) return limited;
    }
    return {};
  }

  Result<> set(const std::string& uid, const std::string& container,
               const CgroupLimits& limits) override {
    const std::string path = group(uid, container, container.empty());
    if (!mounts_.cpu.empty()) {
      const std::string base = mounts_.cpu + path;
      // As kubelet: shares of 1024 for a CPU, at least 2.
      const std::int64_t shares =
          std::clamp<std::int64_t>(limits.cpu_request_milli * 1024 / 1000, 2, 262'144);
      if (Result<> wrote = write_value(base + "/cpu.shares", std::to_string(shares)); !wrote)
        return wrote;
      const std::int64_t quota =
          limits.cpu_limit_milli == 0
              ? -1
              : std::max(limits.cpu_limit_milli * kPeriodMicroseconds / 1000, kLeastQuota);
      if (Result<> wrote = write_value(base + "/cpu.cfs_quota_us", std::to_string(quota)); !wrote)
        return wrote;
    }
    if (!mounts_.memory.empty()) return set_memory(mounts_.memory + path, limits.memory_limit);
    return {};
  }

  CgroupPlan plan(const std::string& uid, const std::string& container, bool alone) const override {
    const std::string path = group(uid, container, alone);
    CgroupPlan plan;
    // "0" into `tasks` moves a thread by itself, without the lock over all processes that
    // cgroup.procs takes.
    for (const std::string& root : roots()) plan.join.push_back(root + path + "/tasks");
    if (!mounts_.memory.empty()) {
      plan.oom_file = mounts_.memory + path + "/memory.oom_control";
      plan.peak_file = mounts_.memory + path + "/memory.max_usage_in_bytes";
      plan.stat_file = mounts_.memory + path + "/memory.stat";
    }
    if (!mounts_.cpuacct.empty()) plan.cpu_file = mounts_.cpuacct + path + "/cpuacct.usage";
    return plan;
  }

  CgroupUsage usage(const std::string& uid, const std::string& container,
                    bool alone) const override {
    const std::string path = group(uid, container, alone);
    CgroupUsage usage;
    if (!mounts_.memory.empty()) {
      // What kubectl top shows: without the page cache that could be dropped at once.
      const std::uint64_t all = read_value(mounts_.memory + path + "/memory.usage_in_bytes");
      const std::uint64_t inactive =
          read_keyed(mounts_.memory + path + "/memory.stat", "total_inactive_file");
      usage.memory_bytes = all > inactive ? all - inactive : 0;
      usage.anonymous_bytes = read_keyed(mounts_.memory + path + "/memory.stat", "total_rss") +
                              read_keyed(mounts_.memory + path + "/memory.stat", "total_shmem");
    }
    if (!mounts_.cpuacct.empty())
      usage.cpu_nanoseconds = read_value(mounts_.cpuacct + path + "/cpuacct.usage");
    if (!mounts_.cpu.empty()) {
      const std::string stat = mounts_.cpu + path + "/cpu.stat";
      usage.cpu_periods = read_keyed(stat, "nr_periods");
      usage.throttled_periods = read_keyed(stat, "nr_throttled");
      usage.throttled_nanoseconds = read_keyed(stat, "throttled_time");
    }
    return usage;
  }

  std::int64_t memory_limit(const std::string& uid, const std::string& container,
                            bool alone) const override {
    if (mounts_.memory.empty()) return 0;
    constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 62U;
    const std::uint64_t limit =
        read_value(mounts_.memory + group(uid, container, alone) + "/memory.limit_in_bytes");
    return limit >= kUnlimited ? 0 : static_cast<std::int64_t>(limit);
  }

  std::vector<pid_t> processes(const std::string& uid) const override {
    const std::vector<std::string> all = roots();
    return all.empty() ? std::vector<pid_t>{} : group_processes(all.front() + group(uid, "", true));
  }

  Result<> remove(const std::string& uid) override {
    for (const std::string& root : roots()) {
      if (Result<> removed = remove_group(root + group(uid, "", true)); !removed) return removed;
    }
    return {};
  }

  std::vector<std::string> pods() const override {
    std::vector<std::string> uids;
    for (const std::string& root : roots()) {
      for (const std::string& name : child_groups(root)) {
        if (name.starts_with("pod")) uids.push_back(name.substr(3));
      }
    }
    std::ranges::sort(uids);
    uids.erase(std::ranges::unique(uids).begin(), uids.end());
    return uids;
  }

  void remove_root() override {
    for (const std::string& root : roots()) {
      if (child_groups(root).empty() && remove_group(root)) {
        const std::string parent = root.substr(0, root.rfind('/'));
        if (parent.ends_with("/mizan") && child_groups(parent).empty()) (void)remove_group(parent);
      }
    }
  }

  bool limits_cpu() const override { return !mounts_.cpu.empty(); }
  bool limits_memory() const override { return !mounts_.memory.empty(); }
  std::string description() const override { return description_; }

 private:
  std::vector<std::string> roots() const {
    std::vector<std::string> all;
    for (const std::string& root : {mounts_.memory, mounts_.cpu, mounts_.cpuacct}) {
      if (!root.empty() && std::ranges::find(all, root) == all.end()) all.push_back(root);
    }
    return all;
  }
  static std::string group(const std::string& uid, const std::string& container, bool alone) {
    return "/pod" + uid + (alone || container.empty() ? "" : "/" + container);
  }

  static Result<> set_memory(const std::string& base, std::int64_t limit) {
    const std::string value = limit == 0 ? "-1" : std::to_string(limit);
    const std::string memory = base + "/memory.limit_in_bytes",
                      with_swap = base + "/memory.memsw.limit_in_bytes";
    // With swap accounting the limit must not be above the one with swap at any moment: raising
    // begins with the latter, lowering ends with it. Trying both orders finds the right one.
    if (read_value(with_swap) == 0) return in_use(write_value(memory, value), base);
    if (write_value(memory, value)) return in_use(write_value(with_swap, value), base);
    if (Result<> wrote = write_value(with_swap, value); !wrote) return in_use(wrote, base);
    return in_use(write_value(memory, value), base);
  }

  /// The kernel refuses a limit below what it can't take back.
  static Result<> in_use(Result<> wrote, const std::string& base) {
    const std::string usage = base + "/memory.usage_in_bytes";
    if (wrote || errno != EBUSY) return wrote;
    return fail(Code::kConflict, "the kernel refuses the memory limit: " +
                                     std::to_string(read_value(usage)) + " bytes are in use");
  }

  V1Mounts mounts_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Cgroups> make_cgroups_v1(V1Mounts mounts, std::string description) {
  return std::make_unique<CgroupsV1>(std::move(mounts), std::move(description));
}

}  // namespace mizan::pods
