// Which cgroups this server may use: tried in the order of the documentation, by doing it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "core/log.h"
#include "pods/node/cgroup.h"
#include "pods/node/cgroup_files.h"
#include "pods/node/cgroup_mounts.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

bool has_word(const std::string& text, const std::string& word) {
  return (" " + text + " ").find(" " + word + " ") != std::string::npos;
}

std::string controllers_of(const std::string& group) {
  std::string text = read_file_at(AT_FDCWD, group + "/cgroup.controllers").value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Makes `parent`/`name` with the controllers of pods in it, or says why not.
Result<std::string> open_v2(const std::string& parent, const std::string& name) {
  const std::string offered = controllers_of(parent);
  if (!has_word(offered, "memory") || !has_word(offered, "cpu"))
    return fail(Code::kUnavailable, parent + " offers no cpu and memory controllers");
  std::string path = parent;
  std::string rest = name;
  while (true) {
    if (Result<> passed = write_value(path + "/cgroup.subtree_control", "+cpu +memory"); !passed)
      return fail(passed.error());
    if (rest.empty()) return path;
    const std::size_t slash = rest.find('/');
    path += "/" + rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (Result<> made = make_group(path); !made) return fail(made.error());
  }
}

/// The subtree that systemd (or whoever started us) handed over. Before it can have children with
/// controllers, the server has to move into a leaf.
Result<std::string> open_delegated_v2(const std::string& mount, const std::string& own,
                                      const std::string& name) {
  if (mount.empty() || own.empty() || own == "/")
    return fail(Code::kUnavailable, "no cgroup v2 of our own");
  std::string group = mount + own;
  if (group.ends_with("/mizan-server"))
    group.resize(group.rfind('/'));  // moved by an earlier start
  if (::access((group + "/cgroup.subtree_control").c_str(), W_OK) != 0 ||
      !has_word(controllers_of(group), "memory"))
    return fail(Code::kUnavailable, group + " is not delegated");
  const std::string leaf = group + "/mizan-server";
  if (Result<> made = make_group(leaf); !made) return fail(made.error());
  if (Result<> moved = write_value(leaf + "/cgroup.procs", "0"); !moved) return fail(moved.error());
  return open_v2(group, name);
}

Result<V1Mounts> open_v1(const CgroupMounts& mounts, const std::string& name) {
  V1Mounts opened;
  const auto open = [&](const char* controller, std::string& place) -> Result<> {
    const auto mount = mounts.v1.find(controller);
    if (mount == mounts.v1.end()) return {};
    place = mount->second + "/" + name;
    return make_group(place);
  };
  if (Result<> made = open("memory", opened.memory); !made) return fail(made.error());
  if (Result<> made = open("cpu", opened.cpu); !made) return fail(made.error());
  if (Result<> made = open("cpuacct", opened.cpuacct); !made) return fail(made.error());
  if (opened.memory.empty() && opened.cpu.empty())
    return fail(Code::kUnavailable, "no cgroup v1 controllers");
  return opened;
}

std::unique_ptr<Cgroups> open_given(const CgroupMounts& mounts, const std::string& root,
                                    const std::string& name) {
  // A directory of the v2 hierarchy, or a path below each v1 controller.
  if (!mounts.v2.empty() && root.starts_with(mounts.v2)) {
    const Result<std::string> opened = open_v2(root, name);
    if (opened) return make_cgroups_v2(*opened, "v2 " + *opened);
    log_warn("node", "could not use the given cgroup root",
             {{"root", root}, {"error", opened.error().message}});
    return nullptr;
  }
  const std::string below = root.starts_with('/') ? root.substr(1) : root;
  Result<V1Mounts> opened = open_v1(mounts, below + "/" + name);
  if (opened) return make_cgroups_v1(*std::move(opened), "v1 /" + below + "/" + name);
  log_warn("node", "could not use the given cgroup root",
           {{"root", root}, {"error", opened.error().message}});
  return nullptr;
}

}  // namespace

std::string cgroup_name(const std::string& data_dir) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : data_dir) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  char text[32];
  std::snprintf(text, sizeof text, "mizan/%012llx", static_cast<unsigned long long>(hash >> 16U));
  return text;
}

std::unique_ptr<Cgroups> choose_cgroups(const CgroupChoice& choice) {
  const CgroupMounts mounts = this_machines_cgroup_mounts();
  const std::string name = cgroup_name(choice.data_dir);
  if (!choice.root.empty()) return open_given(mounts, choice.root, name);
  const Result<std::string> delegated =
      open_delegated_v2(mounts.v2, this_process_cgroup_paths().v2, name);
  if (delegated) return make_cgroups_v2(*delegated, "v2 " + *delegated);
  if (::geteuid() != 0) return nullptr;
  if (!mounts.v2.empty()) {
    const Result<std::string> top = open_v2(mounts.v2, name);
    if (top) return make_cgroups_v2(*top, "v2 " + *top);
  }
  Result<V1Mounts> top = open_v1(mounts, name);
  if (top) return make_cgroups_v1(*std::move(top), "v1 /" + name);
  return nullptr;
}

}  // namespace mizan::pods
