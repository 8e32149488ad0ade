// cgroup v2: one hierarchy; a group with processes has no children, so controllers are passed down
// level by level.
#include <algorithm>

#include "pods/node/cgroup.h"
#include "pods/node/cgroup_files.h"

namespace mizan::pods {
namespace {

constexpr const char* kControllers = "+cpu +memory";

/// kubelet's mapping of v1 shares (2 to 262144) to a weight (1 to 10000).
std::int64_t weight_of(std::int64_t milli) {
  const std::int64_t shares = std::clamp<std::int64_t>(milli * 1024 / 1000, 2, 262'144);
  return 1 + (shares - 2) * 9999 / 262'142;
}

class CgroupsV2 final : public Cgroups {
 public:
  CgroupsV2(std::string root, std::string description)
      : root_(std::move(root)), description_(std::move(description)) {}

  Result<> create(const std::string& uid, const CgroupLimits& pod,
                  const std::vector<ContainerLimits>& containers) override {
    const std::string path = group(uid, "", true);
    if (Result<> made = make_group(path); !made) return made;
    if (Result<> limited = set(uid, "", pod); !limited) return limited;
    if (containers.size() < 2) return {};
    if (Result<> passed = write_value(path + "/cgroup.subtree_control", kControllers); !passed)
      return passed;
    for (const ContainerLimits& container : containers) {
      if (Result<> made = make_group(group(uid, container.name, false)); !made) return made;
      if (Result<> limited = set(uid, container.name, container.limits); !limited) return limited;
    }
    return {};
  }

  Result<> set(const std::string& uid, const std::string& container,
               const CgroupLimits& limits) override {
    const std::string path = group(uid, container, container.empty());
    const std::string weight = std::to_string(weight_of(limits.cpu_request_milli));
    if (Result<> wrote = write_value(path + "/cpu.weight", weight); !wrote) return wrote;
    const std::int64_t quota =
        std::max(limits.cpu_limit_milli * kPeriodMicroseconds / 1000, kLeastQuota);
    const std::string max = (limits.cpu_limit_milli == 0 ? "max" : std::to_string(quota)) + " " +
                            std::to_string(kPeriodMicroseconds);
    if (Result<> wrote = write_value(path + "/cpu.max", max); !wrote) return wrote;
    if (Result<> wrote = set_memory(path, limits.memory_limit); !wrote) return wrote;
    // As for containers everywhere: no swap beside the limit, and all processes die together. Older
    // kernels have no such files.
    if (limits.memory_limit != 0) (void)write_value(path + "/memory.swap.max", "0");
    (void)write_value(path + "/memory.oom.group", "1");
    return {};
  }

  CgroupPlan plan(const std::string& uid, const std::string& container, bool alone) const override {
    const std::string path = group(uid, container, alone);
    return {{path + "/cgroup.procs"},
            path + "/memory.events",
            path + "/memory.peak",
            path + "/cpu.stat",
            path + "/memory.stat"};
  }

  CgroupUsage usage(const std::string& uid, const std::string& container,
                    bool alone) const override {
    const std::string path = group(uid, container, alone);
    const std::uint64_t all = read_value(path + "/memory.current");
    const std::uint64_t inactive = read_keyed(path + "/memory.stat", "inactive_file");
    const std::string stat = path + "/cpu.stat";
    return {.memory_bytes = all > inactive ? all - inactive : 0,
            .cpu_nanoseconds = read_keyed(stat, "usage_usec") * 1000,
            .anonymous_bytes = read_keyed(path + "/memory.stat", "anon") +
                               read_keyed(path + "/memory.stat", "shmem"),
            .cpu_periods = read_keyed(stat, "nr_periods"),
            .throttled_periods = read_keyed(stat, "nr_throttled"),
            .throttled_nanoseconds = read_keyed(stat, "throttled_usec") * 1000};
  }

  std::int64_t memory_limit(const std::string& uid, const std::string& container,
                            bool alone) const override {
    return static_cast<std::int64_t>(read_value(group(uid, container, alone) + "/memory.max"));
  }

  std::vector<pid_t> processes(const std::string& uid) const override {
    return group_processes(group(uid, "", true));
  }

  Result<> remove(const std::string& uid) override {
    const std::string path = group(uid, "", true);
    if (is_directory(path))
      (void)write_value(path + "/cgroup.kill", "1");  // from Linux 5.14; else one by one
    return remove_group(path);
  }

  std::vector<std::string> pods() const override {
    std::vector<std::string> uids;
    for (const std::string& name : child_groups(root_)) {
      if (name.starts_with("pod")) uids.push_back(name.substr(3));
    }
    return uids;
  }

  void remove_root() override {
    if (!child_groups(root_).empty() || !remove_group(root_)) return;
    const std::string parent = root_.substr(0, root_.rfind('/'));
    if (parent.ends_with("/mizan") && child_groups(parent).empty()) (void)remove_group(parent);
  }

  bool limits_cpu() const override { return true; }
  bool limits_memory() const override { return true; }
  std::string description() const override { return description_; }

 private:
  /// memory.max would kill to get below itself; memory.high takes back what can be had first.
  static Result<> set_memory(const std::string& path, std::int64_t limit) {
    const std::string value = limit == 0 ? "max" : std::to_string(limit);
    const auto wanted = static_cast<std::uint64_t>(limit);
    if (limit == 0 || read_value(path + "/memory.current") <= wanted)
      return write_value(path + "/memory.max", value);
    (void)write_value(path + "/memory.high", value);
    const std::uint64_t used = read_value(path + "/memory.current");
    Result<> set = fail(Code::kConflict, "the memory limit is below the " + std::to_string(used) +
                                             " bytes that are in use");
    if (used <= wanted) set = write_value(path + "/memory.max", value);
    (void)write_value(path + "/memory.high", "max");
    return set;
  }

  std::string group(const std::string& uid, const std::string& container, bool alone) const {
    return root_ + "/pod" + uid + (alone || container.empty() ? "" : "/" + container);
  }

  std::string root_, description_;
};

}  // namespace

std::unique_ptr<Cgroups> make_cgroups_v2(std::string root, std::string description) {
  return std::make_unique<CgroupsV2>(std::move(root), std::move(description));
}

}  // namespace mizan::pods
