// What happens between fork and exec, in order: session, output, cgroup, namespaces, directory,
// privileges, command.
//
// The child of a single-threaded process may allocate; whatever goes wrong is told to the shim
// through a pipe that exec closes.
#include "pods/shim/container_start.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "pods/shim/landlock.h"
#include "pods/shim/mount_namespace.h"

namespace mizan::pods {
namespace {

/// Capabilities that root keeps in a container, as container runtimes leave them. Without SYS_ADMIN
/// the mounts that hide the data directory can't be taken off again.
constexpr std::array kKeptCapabilities{
    CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FOWNER,           CAP_FSETID,
    CAP_KILL,    CAP_SETGID,       CAP_SETUID,           CAP_SETPCAP,
    CAP_NET_RAW, CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE,
    CAP_SETFCAP};

std::string container_path(const ContainerPlan& container, const char* leaf) {
  return "containers/" + container.name + "/" + leaf;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<> write_file(const std::string& path, std::string_view text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) return fail_errno(path);
  return {};
}

/// The mounts of every container, unless it mounts something of its own there.
std::vector<MountPlan> all_mounts(const LaunchPlan& plan, const ContainerPlan& container) {
  std::vector<MountPlan> mounts = container.mounts;
  const auto add = [&](MountPlan mount) {
    if (std::ranges::find(mounts, mount.target, &MountPlan::target) == mounts.end())
      mounts.push_back(std::move(mount));
  };
  add({"", plan.data_dir, true, true});
  for (const char* scratch : {"/tmp", "/var/tmp"}) {
    if (exists(scratch)) add({container_path(container, "tmp"), scratch, false, false});
  }
  if (exists("/dev/shm")) add({"", "/dev/shm", false, true});
  add({container_path(container, "katib"), "/var/log/katib", false, false});
  const std::string work = container_path(container, "work");
  add({work, plan.folder + "/" + work, false, false});
  if (!container.working_dir.empty() && !exists(container.working_dir))
    add({work, container.working_dir, false, false});
  if (!container.termination_log.empty())
    add({container_path(container, "termination-log"), container.termination_log, false, false});
  return mounts;
}

Result<> isolate(const LaunchPlan& plan, const ContainerPlan& container) {
  switch (plan.isolation) {
    case Isolation::kNone:
      return {};
    case Isolation::kLandlock: {
      LandlockRules rules;
      rules.closed = {plan.data_dir};
      rules.read_only.assign(std::begin(kSharedScratch), std::end(kSharedScratch));
      for (const char* leaf : {"work", "tmp", "katib"})
        rules.open.push_back(plan.folder + "/" + container_path(container, leaf));
      return restrict_with_landlock(rules);
    }
    case Isolation::kMounts:
    case Isolation::kUserMounts:
      break;
  }
  Result<> entered = enter_private_namespace(plan.isolation == Isolation::kUserMounts);
  if (!entered) return fail(Code::kUnavailable, entered.error().message);
  // Opened again: a descriptor from outside belongs to the host's namespace, from which nothing can
  // be taken.
  const Fd folder(::open(plan.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail_errno(plan.folder);
  return lay_mounts(folder.get(), all_mounts(plan, container));
}

Result<> change_directory(const LaunchPlan& plan, const ContainerPlan& container) {
  const std::string directory = container.working_dir.empty()
                                    ? plan.folder + "/" + container_path(container, "work")
                                    : container.working_dir;
  if (::chdir(directory.c_str()) != 0)
    return fail_errno("changing to the working directory " + directory);
  return {};
}

Result<> drop_capabilities() {
  if (::geteuid() != 0) return {};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return fail_errno("reading capabilities");
  std::uint64_t kept = 0;
  for (const int capability : kKeptCapabilities)
    kept |= std::uint64_t{1} << static_cast<unsigned>(capability);
  for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    // Refused without CAP_SETPCAP; then there is nothing to lose either.
    if ((kept >> capability & 1U) == 0) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  for (std::size_t half = 0; half < sets.size(); ++half) {
    const auto mask = static_cast<std::uint32_t>(kept >> (32 * half));
    sets[half].effective &= mask;
    sets[half].permitted &= mask;
    sets[half].inheritable = 0;
  }
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return fail_errno("dropping capabilities");
  return {};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

/// What those run into who keep their programs in /tmp.
const char* hint_of(const std::string& command, int cause) {
  const bool is_scratch = is_below(command, "/tmp") || is_below(command, "/var/tmp");
  return cause == ENOENT && is_scratch
             ? " (each pod has a /tmp and a /var/tmp of its own; keep the program elsewhere)"
             : "";
}

/// Only returns when it failed. The command is looked up on the container's own PATH.
Error execute(const ContainerPlan& container) {
  const std::string& command = container.argv.front();
  const std::vector<char*> argv = pointers(container.argv), env = pointers(container.env);
  if (command.find('/') != std::string::npos) {
    ::execve(command.c_str(), argv.data(), env.data());
    const int cause = errno;
    Error error = fail_errno("exec: \"" + command + "\": stat " + command, cause).error();
    error.message += hint_of(command, cause);
    return error;
  }
  std::string_view path;
  for (const std::string& entry : container.env) {
    if (entry.starts_with("PATH=")) path = std::string_view(entry).substr(5);
  }
  int cause = ENOENT;
  while (!path.empty()) {
    const std::size_t colon = std::min(path.find(':'), path.size());
    const std::string candidate = std::string(path.substr(0, colon)) + "/" + command;
    ::execve(candidate.c_str(), argv.data(), env.data());
    if (errno != ENOENT && errno != ENOTDIR) cause = errno;
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  if (cause == ENOENT)
    return {Code::kNotFound, "exec: \"" + command + "\": executable file not found in $PATH", {}};
  return fail_errno("exec: \"" + command + "\"", cause).error();
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Error become_container(const LaunchPlan& plan, const ContainerPlan& container, pid_t shim, int out,
                       int err) {
  ::setsid();
  reset_signals();
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0)
    return fail_errno("connecting the output").error();
  ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  for (const std::string& group : container.cgroup.join) {
    if (Result<> joined = write_file(group, "0"); !joined) return joined.error();
  }
  // May be refused below the present value; then the present value is as good.
  (void)write_file("/proc/self/oom_score_adj", std::to_string(container.oom_score));
  if (Result<> isolated = isolate(plan, container); !isolated) return isolated.error();
  if (Result<> changed = change_directory(plan, container); !changed) return changed.error();
  if (Result<> dropped = drop_capabilities(); !dropped) return dropped.error();
  ::umask(022);
  // Last, since a change of credentials undoes it: without its shim, a container's output would go
  // nowhere.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != shim) return {Code::kCancelled, "the shim is gone", {}};
  return execute(container);
}

Result<std::array<Fd, 2>> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  return std::array<Fd, 2>{Fd(ends[0]), Fd(ends[1])};
}

/// What the child says before exec closes the pipe: a code and a message, or nothing.
Result<> read_outcome(int pipe) {
  std::string said;
  char chunk[512];
  while (true) {
    const ssize_t got = ::read(pipe, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    said.append(chunk, static_cast<std::size_t>(got));
  }
  if (said.empty()) return {};
  return fail(static_cast<Code>(said.front()), said.substr(1));
}

}  // namespace

Error exec_in_container(const LaunchPlan& plan, const ContainerPlan& container, pid_t running) {
  reset_signals();
  ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  const std::string process = "/proc/" + std::to_string(running);
  const auto open_there = [&](const char* what, int flags) {
    return Fd(::open((process + what).c_str(), flags | O_CLOEXEC));
  };
  const Fd directory = open_there("/cwd", O_PATH | O_DIRECTORY);
  const Fd users = open_there("/ns/user", O_RDONLY), mounts = open_there("/ns/mnt", O_RDONLY);
  if (!directory || !users || !mounts) return fail_errno("the container's process").error();
  for (const std::string& group : container.cgroup.join) {
    if (Result<> joined = write_file(group, "0"); !joined) return joined.error();
  }
  if (plan.isolation == Isolation::kLandlock) {
    if (Result<> isolated = isolate(plan, container); !isolated) return isolated.error();
  }
  if (plan.isolation == Isolation::kUserMounts && ::setns(users.get(), CLONE_NEWUSER) != 0)
    return fail_errno("joining the container's users").error();
  const bool has_mounts =
      plan.isolation == Isolation::kMounts || plan.isolation == Isolation::kUserMounts;
  if (has_mounts && ::setns(mounts.get(), CLONE_NEWNS) != 0)
    return fail_errno("joining the container's mounts").error();
  if (::fchdir(directory.get()) != 0)
    return fail_errno("changing to the container's directory").error();
  if (Result<> dropped = drop_capabilities(); !dropped) return dropped.error();
  ::umask(022);
  return execute(container);
}

Result<> prepare_container(int folder, const ContainerPlan& container) {
  if (Result<> made = make_directory_at(folder, "containers", 0711); !made) return made;
  if (Result<> made = make_directory_at(folder, "containers/" + container.name, 0711); !made)
    return made;
  for (const char* leaf : {"work", "katib", "tmp"}) {
    if (Result<> made = make_directory_at(folder, container_path(container, leaf), 0755); !made)
      return made;
  }
  if (::fchmodat(folder, container_path(container, "tmp").c_str(), 01777, 0) != 0)
    return fail_errno("opening the container's /tmp to all");
  if (!container.termination_log.empty()) {
    const Fd file(::openat(folder, container_path(container, "termination-log").c_str(),
                           O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file || ::fchmod(file.get(), 0666) != 0) return fail_errno("making the termination log");
  }
  return {};
}

Result<StartedContainer> start_container(const LaunchPlan& plan, const ContainerPlan& container) {
  TRY(auto out, make_pipe());
  TRY(auto err, make_pipe());
  TRY(auto outcome, make_pipe());
  const pid_t shim = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("fork");
  if (pid == 0) {
    const Error error = become_container(plan, container, shim, out[1].get(), err[1].get());
    const std::string said = static_cast<char>(error.code) + error.message.substr(0, 2000);
    [[maybe_unused]] const ssize_t told = ::write(outcome[1].get(), said.data(), said.size());
    ::_exit(128);
  }
  outcome[1].reset();
  if (Result<> started = read_outcome(outcome[0].get()); !started) {
    ::waitpid(pid, nullptr, 0);
    return fail(started.error());
  }
  ::fcntl(out[0].get(), F_SETFL, O_NONBLOCK);
  ::fcntl(err[0].get(), F_SETFL, O_NONBLOCK);
  return StartedContainer{pid, std::move(out[0]), std::move(err[0])};
}

Isolation best_isolation() {
  const auto can_mount = [](bool with_user_namespace) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      // The same calls as for a container: an old kernel or a seccomp filter may know some of them
      // and not others.
      const bool works = enter_private_namespace(with_user_namespace).has_value() &&
                         lay_mounts(AT_FDCWD, {{"/tmp", "/tmp", true, false}}).has_value() &&
                         lay_mounts(AT_FDCWD, {{"", "/tmp", false, true}}).has_value();
      ::_exit(works ? 0 : 1);
    }
    int status = 1;
    return pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
  };
  if (::geteuid() == 0 && can_mount(false)) return Isolation::kMounts;
  if (can_mount(true)) return Isolation::kUserMounts;
  return landlock_available() ? Isolation::kLandlock : Isolation::kNone;
}

}  // namespace mizan::pods
