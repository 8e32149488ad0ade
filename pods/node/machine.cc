// Reads what the kernel says of this machine and of the cgroups around this process.
#include "pods/node/machine.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "pods/node/cgroup_mounts.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

constexpr std::int64_t kUnlimited = std::int64_t{1}
                                    << 60;  // v1 writes "no limit" as a very large number

std::string first_line(const std::string& path) {
  std::string text = read_file_at(AT_FDCWD, path).value_or("");
  return text.substr(0, text.find('\n'));
}

std::int64_t integer_of(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }

/// The least positive value of `read` over the group and its parents.
template <class Read>
std::int64_t least_up_the_chain(const std::string& mount, std::string path, Read read) {
  std::int64_t least = 0;
  while (true) {
    if (const std::int64_t value = read(mount + (path == "/" ? "" : path));
        value > 0 && value < kUnlimited)
      least = least == 0 ? value : std::min(least, value);
    if (path.empty() || path == "/") return least;
    path.resize(path.rfind('/'));
  }
}

std::int64_t machine_memory() {
  const std::string info = read_file_at(AT_FDCWD, "/proc/meminfo").value_or("");
  const std::size_t at = info.find("MemTotal:");
  return at == std::string::npos ? 0 : integer_of(info.substr(at + 9)) * 1024;
}

std::int64_t machine_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN));
}

/// Shrinks `amount` to `limit` unless that is 0.
void lower(std::int64_t& amount, std::int64_t limit) {
  if (limit > 0) amount = std::min(amount, limit);
}

Result<> apply_flag(const char* flag, const std::string& text, resources::Quantity& amount) {
  if (text.empty()) return {};
  const Result<resources::Quantity> given = resources::Quantity::parse(text);
  if (!given || given->is_negative() || given->is_zero())
    return fail(Code::kInvalid, std::string(flag) + ": `" + text +
                                    "` is not an amount above zero; write 2, 500m or 4Gi");
  amount = std::min(amount, *given);
  return {};
}

}  // namespace

std::int64_t cgroup_cpu_milli(const std::string& mount, const std::string& path, bool v2) {
  return least_up_the_chain(mount, path, [v2](const std::string& group) -> std::int64_t {
    if (!v2) {
      const std::int64_t quota = integer_of(first_line(group + "/cpu.cfs_quota_us"));
      const std::int64_t period = integer_of(first_line(group + "/cpu.cfs_period_us"));
      return quota > 0 && period > 0 ? quota * 1000 / period : 0;
    }
    const std::string max = first_line(group + "/cpu.max");
    const std::size_t space = max.find(' ');
    if (space == std::string::npos || max.starts_with("max")) return 0;
    const std::int64_t period = integer_of(max.substr(space + 1));
    return period > 0 ? integer_of(max) * 1000 / period : 0;
  });
}

std::int64_t cgroup_memory_bytes(const std::string& mount, const std::string& path, bool v2) {
  return least_up_the_chain(mount, path, [v2](const std::string& group) {
    return integer_of(first_line(group + (v2 ? "/memory.max" : "/memory.limit_in_bytes")));
  });
}

Result<Amounts> node_capacity(const NodeSize& size) {
  std::int64_t milli = machine_cpus() * 1000;
  std::int64_t bytes = machine_memory();
  const CgroupMounts mounts = this_machines_cgroup_mounts();
  const CgroupPaths paths = this_process_cgroup_paths();
  const auto chain = [&](const char* controller, auto limit, std::int64_t& amount) {
    const auto mount = mounts.v1.find(controller);
    const auto path = paths.v1.find(controller);
    if (mount != mounts.v1.end() && path != paths.v1.end())
      lower(amount, limit(mount->second, path->second, false));
    if (!mounts.v2.empty()) lower(amount, limit(mounts.v2, paths.v2, true));
  };
  chain("cpu", cgroup_cpu_milli, milli);
  chain("memory", cgroup_memory_bytes, bytes);

  Amounts amounts{{"cpu", resources::Quantity::of_milli(milli)},
                  {"memory", resources::Quantity::of_bytes(bytes)},
                  {"pods", resources::Quantity::of_milli(1000 * 1000)}};
  if (Result<> set = apply_flag("--node-cpu", size.cpu, amounts["cpu"]); !set)
    return fail(set.error());
  if (Result<> set = apply_flag("--node-memory", size.memory, amounts["memory"]); !set)
    return fail(set.error());
  for (const auto& [name, text] : size.extra) {
    const Result<resources::Quantity> amount = resources::Quantity::parse(text);
    if (!amount || amount->is_negative())
      return fail(Code::kInvalid, "--node-resource: `" + name + "=" + text +
                                      "` has no amount; write nvidia.com/gpu=2");
    amounts[name] = *amount;
  }
  return amounts;
}

MachineInfo machine_info() {
  MachineInfo info;
  utsname name{};
  ::uname(&name);
  info.hostname = name.nodename;
  info.kernel = name.release;
  info.architecture = std::string(name.machine) == "x86_64"    ? "amd64"
                      : std::string(name.machine) == "aarch64" ? "arm64"
                                                               : name.machine;
  info.machine_id = first_line("/etc/machine-id");
  info.boot_id = this_boot_id();
  const std::string release = "\n" + read_file_at(AT_FDCWD, "/etc/os-release").value_or("");
  if (const std::size_t at = release.find("\nPRETTY_NAME=\""); at != std::string::npos)
    info.os_image = release.substr(at + 14, release.find('"', at + 14) - at - 14);
  return info;
}

}  // namespace mizan::pods
