// Where the kernel's cgroup hierarchies are mounted, and where in them this process is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mizan::pods {

struct CgroupMounts {
  std::map<std::string, std::string> v1;  // controller -> mount point
  std::string v2;                         // mount point; empty: none
};
/// From the text of /proc/self/mountinfo. Pure.
CgroupMounts read_cgroup_mounts(std::string_view mountinfo);

struct CgroupPaths {
  std::map<std::string, std::string> v1;  // controller -> path
  std::string v2;
};
/// From the text of /proc/self/cgroup. Pure.
CgroupPaths read_cgroup_paths(std::string_view cgroup);

CgroupMounts this_machines_cgroup_mounts();
CgroupPaths this_process_cgroup_paths();

}  // namespace mizan::pods
