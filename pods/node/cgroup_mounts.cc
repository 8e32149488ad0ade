// Which cgroup hierarchies are mounted, and where this process stands in them.
#include "pods/node/cgroup_mounts.h"

#include <fcntl.h>

#include <vector>

#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

CgroupMounts read_cgroup_mounts(std::string_view mountinfo) {
  CgroupMounts mounts;
  for (const std::string& line : split(mountinfo, '\n')) {
    // 36 35 98:0 /root /mount/point options... - type source super,options
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const std::vector<std::string> before = split(line.substr(0, dash), ' ');
    const std::vector<std::string> after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    if (after[0] == "cgroup2") mounts.v2 = before[4];
    if (after[0] != "cgroup") continue;
    for (const std::string& option : split(after[2], ',')) mounts.v1.emplace(option, before[4]);
  }
  return mounts;
}

CgroupPaths read_cgroup_paths(std::string_view cgroup) {
  CgroupPaths paths;
  for (const std::string& line : split(cgroup, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1),
                      path = line.substr(second + 1);
    if (controllers.empty()) {
      paths.v2 = path;
      continue;
    }
    for (const std::string& controller : split(controllers, ',')) paths.v1[controller] = path;
  }
  return paths;
}

CgroupMounts this_machines_cgroup_mounts() {
  return read_cgroup_mounts(read_file_at(AT_FDCWD, "/proc/self/mountinfo").value_or(""));
}
CgroupPaths this_process_cgroup_paths() {
  return read_cgroup_paths(read_file_at(AT_FDCWD, "/proc/self/cgroup").value_or(""));
}

}  // namespace mizan::pods
