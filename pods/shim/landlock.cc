// Landlock through its system calls; glibc has no wrappers for them.
#include "pods/shim/landlock.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "pods/shim/launch_plan.h"
#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

// Rights by the version of the kernel's interface; newer ones than these restrict things that
// nobody here restricts.
constexpr std::uint64_t kReferRight = 1ULL << 13U;     // version 2
constexpr std::uint64_t kTruncateRight = 1ULL << 14U;  // version 3
constexpr std::uint64_t kFirstRights = (1ULL << 13U) - 1;
constexpr std::uint64_t kReadRights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kFileRights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                      LANDLOCK_ACCESS_FS_READ_FILE | kTruncateRight;

long version() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

class Ruleset {
 public:
  Ruleset(const LandlockRules& rules, std::uint64_t handled) : rules_(rules), handled_(handled) {
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = handled;
    set_.reset(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  }

  Result<> allow_all() {
    if (!set_) return fail_errno("making a Landlock ruleset");
    if (Result<> walked = walk("/"); !walked) return walked;
    for (const std::string& path : rules_.open) {
      if (Result<> allowed = allow(path, handled_); !allowed) return allowed;
    }
    return {};
  }

  Result<> enforce() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
      return fail_errno("giving up new privileges");
    if (::syscall(SYS_landlock_restrict_self, set_.get(), 0) != 0)
      return fail_errno("enforcing Landlock");
    return {};
  }

 private:
  static bool has(const std::vector<std::string>& paths, const std::string& path) {
    return std::ranges::find(paths, path) != paths.end();
  }
  bool has_special_below(const std::string& path) const {
    const auto below = [&](const std::string& special) { return is_below(special, path); };
    return std::ranges::any_of(rules_.closed, below) ||
           std::ranges::any_of(rules_.read_only, below);
  }

  Result<> walk(const std::string& path) {
    if (has(rules_.closed, path)) return {};
    if (!has_special_below(path)) return allow(path, handled_);
    if (has(rules_.read_only, path)) {
      // What is closed may lie below a directory that can be read: then its other entries are
      // allowed one by one.
      if (std::ranges::none_of(rules_.closed,
                               [&](const std::string& closed) { return is_below(closed, path); }))
        return allow(path, handled_ & kReadRights);
      return each_entry(path, true);
    }
    return each_entry(path, false);
  }

  Result<> each_entry(const std::string& path, bool read_only) {
    DIR* listing = ::opendir(path.c_str());
    if (listing == nullptr) return {};  // what we can't read, the container couldn't either
    Result<> result;
    while (const dirent* entry = result ? ::readdir(listing) : nullptr) {
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
      if (entry->d_type == DT_LNK) continue;  // rules are for what links lead to
      const std::string child = (path == "/" ? "" : path) + "/" + entry->d_name;
      if (read_only && !has_special_below(child)) {
        result = allow(child, handled_ & kReadRights);
      } else {
        result = walk(child);
      }
    }
    ::closedir(listing);
    return result;
  }

  Result<> allow(const std::string& path, std::uint64_t rights) {
    const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!place) return {};
    struct stat status{};
    if (::fstat(place.get(), &status) != 0) return {};
    landlock_path_beneath_attr rule{};
    rule.parent_fd = place.get();
    rule.allowed_access = S_ISDIR(status.st_mode) ? rights : rights & kFileRights;
    if (rule.allowed_access == 0) return {};
    if (::syscall(SYS_landlock_add_rule, set_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
      return fail_errno("allowing " + path);
    return {};
  }

  const LandlockRules& rules_;
  std::uint64_t handled_;
  Fd set_;
};

}  // namespace

bool landlock_available() { return version() >= 1; }

Result<> restrict_with_landlock(const LandlockRules& rules) {
  const long known = version();
  if (known < 1) return fail_errno("Landlock");
  const std::uint64_t handled =
      kFirstRights | (known >= 2 ? kReferRight : 0) | (known >= 3 ? kTruncateRight : 0);
  Ruleset ruleset(rules, handled);
  if (Result<> allowed = ruleset.allow_all(); !allowed) return allowed;
  return ruleset.enforce();
}

}  // namespace mizan::pods
