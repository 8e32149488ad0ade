// fork and exec, /proc, and the counter of OOM kills.
#include "pods/runner/trial_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "pods/node/cgroup_mounts.h"
#include "pods/node/pod_environment.h"
#include "pods/shim/process_tree.h"

// NOLINTNEXTLINE(readability-redundant-declaration): unistd.h has it only with _GNU_SOURCE
extern char** environ;

namespace mizan::pods {
namespace {

/// The runner's own business, not the trial's.
constexpr std::array kKept{
    "MIZAN_TOKEN=", "MIZAN_URL_FILE=", "MIZAN_REUSE=", "MIZAN_TERMINATION_LOG="};

bool is_kept(const std::string& entry) {
  for (const char* prefix : kKept) {
    if (entry.starts_with(prefix)) return true;
  }
  return false;
}

void set(Environment& environment, const std::string& name, std::string value) {
  for (auto& [known, old] : environment) {
    if (known != name) continue;
    old = std::move(value);
    return;
  }
  environment.emplace_back(name, std::move(value));
}

Result<std::array<Fd, 2>> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  return std::array<Fd, 2>{Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

/// When memory is short the kernel shall take the trial, not the runner that can tell of it.
/// Raising one's own score needs no right.
void be_the_first_to_go() {
  constexpr long kMore = 200, kMost = 1000;
  const auto present = read_file_at(AT_FDCWD, "/proc/self/oom_score_adj", 64);
  if (!present) return;
  const std::string score =
      std::to_string(std::min(std::strtol(present->c_str(), nullptr, 10) + kMore, kMost));
  const Fd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file) [[maybe_unused]]
    const ssize_t put = ::write(file.get(), score.data(), score.size());
}

[[noreturn]] void become(const ProcessPlan& plan, pid_t runner, int in, int out, int err,
                         int outcome) {
  ::setsid();
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  be_the_first_to_go();
  std::string said;
  const std::vector<char*> argv = pointers(plan.argv), env = pointers(plan.env);
  if (::getppid() != runner) ::_exit(128);
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) {
    said = std::string("connecting its output: ") + std::strerror(errno);
  } else if (::chdir(plan.directory.c_str()) != 0) {
    said = "changing to the working directory " + plan.directory + ": " + std::strerror(errno);
  } else {
    ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    environ = const_cast<char**>(env.data());  // whose PATH execvp looks the command up on
    ::execvp(argv[0], argv.data());
    const bool unknown = errno == ENOENT && plan.argv[0].find('/') == std::string::npos;
    said = "exec: \"" + plan.argv[0] + "\": " +
           (unknown ? std::string("executable file not found in $PATH") : std::strerror(errno));
  }
  [[maybe_unused]] const ssize_t told = ::write(outcome, said.data(), said.size());
  ::_exit(128);
}

std::string read_all(int fd) {
  std::string all;
  char chunk[512];
  while (true) {
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return all;
    all.append(chunk, static_cast<std::size_t>(got));
  }
}

/// The kernel's own list of a thread's children.
bool add_children_of(const std::string& thread, std::vector<pid_t>& into) {
  const auto text = read_file_at(AT_FDCWD, thread + "/children");
  if (!text) return false;
  const char* at = text->data();
  const char* const end = at + text->size();
  while (at < end) {
    pid_t pid = 0;
    const auto [stop, error] = std::from_chars(at, end, pid);
    if (error != std::errc()) break;
    into.push_back(pid);
    at = stop + 1;
  }
  return true;
}

/// A few reads for each process of ours, where all of /proc is one for each of the machine. False:
/// this kernel keeps no such lists.
bool add_children(pid_t parent, std::vector<pid_t>& into) {
  const std::string folder = "/proc/" + std::to_string(parent) + "/task";
  DIR* threads = ::opendir(folder.c_str());
  if (threads == nullptr) return false;
  bool known = false;
  while (const dirent* entry = ::readdir(threads)) {
    if (entry->d_name[0] != '.')
      known = add_children_of(folder + "/" + entry->d_name, into) || known;
  }
  ::closedir(threads);
  return known;
}

std::string oom_file() {
  const CgroupMounts mounts = this_machines_cgroup_mounts();
  const CgroupPaths paths = this_process_cgroup_paths();
  const auto mounted = mounts.v1.find("memory");
  const auto joined = paths.v1.find("memory");
  std::vector<std::string> candidates;
  if (mounted != mounts.v1.end() && joined != paths.v1.end())
    candidates.push_back(mounted->second + joined->second + "/memory.oom_control");
  if (!mounts.v2.empty()) candidates.push_back(mounts.v2 + paths.v2 + "/memory.events");
  for (const std::string& candidate : candidates) {
    if (::access(candidate.c_str(), R_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace

std::vector<std::string> own_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    entries.emplace_back(*entry);
  return entries;
}

ProcessPlan plan_process(const resources::WarmLease& lease,
                         const std::vector<std::string>& inherited, const std::string& directory,
                         const std::string& home) {
  Environment environment;
  for (const std::string& entry : inherited) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || is_kept(entry)) continue;
    set(environment, entry.substr(0, equals), entry.substr(equals + 1));
  }
  if (!home.empty()) {
    set(environment, "HOME", home);
    set(environment, "TMPDIR", home + "/tmp");
  }
  for (const auto& [name, value] : lease.env) set(environment, name, expand(value, environment));
  ProcessPlan plan;
  for (const auto& list : {lease.command, lease.args}) {
    for (const std::string& word : list) plan.argv.push_back(expand(word, environment));
  }
  for (const auto& [name, value] : environment) plan.env.push_back(name + "=" + value);
  plan.directory = lease.working_dir.empty() ? directory : lease.working_dir;
  return plan;
}

Result<ChildProcess> start_process(const ProcessPlan& plan) {
  if (plan.argv.empty()) return fail(Code::kInvalid, "the trial has no command");
  TRY(auto in, make_pipe());
  TRY(auto out, make_pipe());
  TRY(auto err, make_pipe());
  TRY(auto outcome, make_pipe());
  Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const pid_t runner = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("fork");
  if (pid == 0)
    become(plan, runner, plan.with_input ? in[0].get() : null.get(), out[1].get(), err[1].get(),
           outcome[1].get());
  outcome[1].reset();
  // A child that could not exec is reaped with the others.
  if (std::string said = read_all(outcome[0].get()); !said.empty())
    return fail(Code::kNotFound, std::move(said));
  ChildProcess child;
  child.pid = pid;
  for (const int fd : {in[1].get(), out[0].get(), err[0].get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  if (plan.with_input) child.in = std::move(in[1]);
  child.out = std::move(out[0]);
  child.err = std::move(err[0]);
  return child;
}

std::vector<pid_t> own_descendants() {
  std::vector<pid_t> found;
  if (!add_children(::getpid(), found)) return descendants(all_processes(), ::getpid());
  for (std::size_t i = 0; i < found.size(); ++i) (void)add_children(found[i], found);
  return found;
}

std::size_t kill_descendants() {
  const std::vector<pid_t> found = own_descendants();
  for (const pid_t pid : found) ::kill(pid, SIGKILL);
  return found.size();
}

std::int64_t memory_of_all() {
  auto bytes = static_cast<std::int64_t>(memory_of(::getpid()));
  for (const pid_t pid : own_descendants()) bytes += static_cast<std::int64_t>(memory_of(pid));
  return bytes;
}

std::int64_t peak_memory_of_all() {
  auto bytes = static_cast<std::int64_t>(memory_of(::getpid()));
  for (const pid_t pid : own_descendants()) bytes += static_cast<std::int64_t>(peak_memory_of(pid));
  return bytes;
}

void forget_peaks() {
  for (const pid_t pid : own_descendants()) forget_peak_memory_of(pid);
}

std::int64_t oom_kills() {
  static const std::string file = oom_file();
  if (file.empty()) return 0;
  const auto text = read_file_at(AT_FDCWD, file);
  if (!text) return 0;
  const std::string lines = "\n" + *text;
  const std::size_t at = lines.find("\noom_kill ");
  return at == std::string::npos
             ? 0
             : std::strtoll(lines.c_str() + at + std::strlen("\noom_kill "), nullptr, 10);
}

}  // namespace mizan::pods
