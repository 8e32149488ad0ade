// Mounts by the calls of Linux 5.2 (open_tree, move_mount): sources are taken as detached copies
// first, so that a mount laid over one of them doesn't matter.
#include "pods/shim/mount_namespace.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

Result<> write_proc(const char* path, const std::string& text) {
  const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) return fail_errno(path);
  return {};
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// One entry of a directory that is being rebuilt.
struct Entry {
  std::string name, link;  // link: where a symbolic link points
  Fd tree;                 // else: a detached copy of what is there
  bool directory = false;
};

Result<std::vector<Entry>> take_entries(const std::string& directory) {
  DIR* listing = ::opendir(directory.c_str());
  if (listing == nullptr) return fail_errno("reading " + directory);
  std::vector<Entry> entries;
  while (const dirent* each = ::readdir(listing)) {
    if (std::strcmp(each->d_name, ".") == 0 || std::strcmp(each->d_name, "..") == 0) continue;
    Entry entry;
    entry.name = each->d_name;
    struct stat status{};
    if (::fstatat(::dirfd(listing), each->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISLNK(status.st_mode)) {
      char target[4096];
      const ssize_t size = ::readlinkat(::dirfd(listing), each->d_name, target, sizeof target);
      if (size < 0) continue;
      entry.link.assign(target, static_cast<std::size_t>(size));
    } else {
      entry.directory = S_ISDIR(status.st_mode);
      entry.tree.reset(
          ::open_tree(::dirfd(listing), each->d_name,
                      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW));
      if (!entry.tree) {
        const int cause = errno;
        ::closedir(listing);
        return fail_errno("taking " + directory + "/" + entry.name, cause);
      }
    }
    entries.push_back(std::move(entry));
  }
  ::closedir(listing);
  return entries;
}

Result<> attach(int tree, const std::string& target) {
  if (::move_mount(tree, "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return fail_errno("mounting on " + target);
  return {};
}

Result<> make_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file && errno != EEXIST) return fail_errno("making " + path);
  return {};
}

/// Puts `entries` into the empty tmpfs `directory`.
Result<> fill(const std::string& directory, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    const std::string path = directory + "/" + entry.name;
    if (!entry.tree) {
      if (::symlink(entry.link.c_str(), path.c_str()) != 0) return fail_errno("linking " + path);
      continue;
    }
    if (entry.directory && ::mkdir(path.c_str(), 0755) != 0) return fail_errno("making " + path);
    if (!entry.directory) {
      if (Result<> made = make_file(path); !made) return made;
    }
    if (Result<> attached = attach(entry.tree.get(), path); !attached) return attached;
  }
  return {};
}

Result<> mount_tmpfs(const std::string& target, const char* options) {
  if (::mount("tmpfs", target.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) != 0)
    return fail_errno("mounting a tmpfs on " + target);
  return {};
}

/// A tmpfs in place of `directory`, with the same entries: room for mount points that the host
/// doesn't have.
Result<> rebuild(const std::string& directory) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0) return fail_errno(directory);
  TRY(std::vector<Entry> entries, take_entries(directory));
  const bool whole_root = directory == "/";
  // A root can't be mounted over: the new one is built where it is out of the way and then changed
  // to.
  const std::string place = whole_root ? "/tmp" : directory;
  char options[64];
  std::snprintf(options, sizeof options, "size=1m,mode=%o", status.st_mode & 07777U);
  if (Result<> mounted = mount_tmpfs(place, options); !mounted) return mounted;
  Result<> filled = fill(place, entries);
  entries.clear();  // closes the trees before the root changes
  if (!filled) return filled;
  if (!whole_root) return {};
  if (::chdir(place.c_str()) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
      ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0)
    return fail_errno("changing to a root of its own");
  return {};
}

/// Lays mounts one after the other and knows which parts of the tree are the container's alone.
class Layers {
 public:
  Result<> lay(const MountPlan& mount, const Fd& tree) {
    struct stat status{};
    const bool directory =
        mount.tmpfs || ::fstat(tree.get(), &status) != 0 || S_ISDIR(status.st_mode);
    if (Result<> made = make_target(mount.target, directory); !made) return made;
    if (mount.tmpfs) {
      if (Result<> mounted =
              mount_tmpfs(mount.target, mount.read_only ? "size=64k,mode=0755" : "mode=1777");
          !mounted)
        return mounted;
    } else if (Result<> attached = attach(tree.get(), mount.target); !attached) {
      return attached;
    }
    if (!mount.read_only || mount.tmpfs) own_.push_back(mount.target);
    return {};
  }

 private:
  Result<> make_target(const std::string& target, bool directory) {
    struct stat status{};
    if (::stat(target.c_str(), &status) == 0) return {};
    const std::string parent = parent_of(target);
    if (Result<> made = make_target(parent, true); !made) return made;
    if (!is_own(parent)) {
      if (Result<> rebuilt = rebuild(parent); !rebuilt) return rebuilt;
      own_.push_back(parent);
    }
    if (!directory) return make_file(target);
    if (::mkdir(target.c_str(), 0755) != 0) return fail_errno("making " + target);
    return {};
  }

  /// Below a mount of this container, and not in the host's part of a rebuilt directory.
  bool is_own(const std::string& path) const {
    return std::ranges::any_of(own_, [&](const std::string& own) {
      if (!is_below(path, own)) return false;
      struct stat here{}, there{};
      return ::stat(path.c_str(), &here) == 0 && ::stat(own.c_str(), &there) == 0 &&
             here.st_dev == there.st_dev;
    });
  }

  std::vector<std::string> own_;
};

Result<Fd> take_source(int folder, const MountPlan& mount) {
  if (mount.tmpfs) return Fd();
  Fd tree(::open_tree(folder, mount.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree) return fail_errno("taking " + mount.source + " for " + mount.target);
  if (mount.read_only) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
      return fail_errno("making " + mount.target + " read-only");
  }
  return tree;
}

}  // namespace

Result<> enter_private_namespace(bool with_user_namespace) {
  const std::string uid = std::to_string(::geteuid()), gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWNS | (with_user_namespace ? CLONE_NEWUSER : 0)) != 0)
    return fail_errno("making a mount namespace");
  if (with_user_namespace) {
    // The same ids inside as outside: files look as they do to their owner, and exec drops the
    // capabilities.
    if (Result<> wrote = write_proc("/proc/self/setgroups", "deny"); !wrote) return wrote;
    if (Result<> wrote = write_proc("/proc/self/uid_map", uid + " " + uid + " 1"); !wrote)
      return wrote;
    if (Result<> wrote = write_proc("/proc/self/gid_map", gid + " " + gid + " 1"); !wrote)
      return wrote;
  }
  // First of all: what is mounted from here on must not appear on the host. Refused in a chroot.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail_errno("making the mount namespace private");
  return {};
}

Result<> lay_mounts(int folder, std::vector<MountPlan> mounts) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const rlimit raised{files.rlim_max, files.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &raised);  // a rebuilt directory holds a descriptor for each entry

  std::ranges::sort(mounts, {}, &MountPlan::target);  // "/a" before "/a/b"
  std::vector<Fd> sources;
  for (const MountPlan& mount : mounts) {
    TRY(Fd source, take_source(folder, mount));
    sources.push_back(std::move(source));
  }
  const mode_t mask = ::umask(0);
  Layers layers;
  Result<> laid;
  for (std::size_t i = 0; i < mounts.size() && laid; ++i) laid = layers.lay(mounts[i], sources[i]);
  ::umask(mask);
  ::setrlimit(RLIMIT_NOFILE, &files);
  return laid;
}

}  // namespace mizan::pods
