// /proc as a tree. Each function takes processes that vanish underneath for gone.
#include "pods/shim/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "pods/shim/pod_folder.h"

namespace mizan::pods {
namespace {

std::string proc_path(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

bool read_small(const std::string& path, char* buffer, std::size_t size) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  const ssize_t got = ::read(file.get(), buffer, size - 1);
  if (got <= 0) return false;
  buffer[got] = '\0';
  return true;
}

/// Of a line of /proc/PID/status, which has KiB; 0: there is none.
std::uint64_t bytes_in(const char* status, const char* key) {
  const char* line = std::strstr(status, key);
  return line == nullptr ? 0 : 1024 * std::strtoull(line + std::strlen(key), nullptr, 10);
}

/// The text after the process's name, which may itself hold spaces and parentheses.
const char* after_name(const char* stat) {
  const char* end = std::strrchr(stat, ')');
  return end == nullptr || end[1] == '\0' ? nullptr : end + 2;
}

}  // namespace

std::vector<Process> all_processes() {
  std::vector<Process> found;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return found;
  while (const dirent* entry = ::readdir(proc)) {
    char* end = nullptr;
    const long pid = std::strtol(entry->d_name, &end, 10);
    if (pid <= 0 || *end != '\0') continue;
    char stat[1024];
    if (!read_small(proc_path(static_cast<pid_t>(pid), "stat"), stat, sizeof stat)) continue;
    const char* rest = after_name(stat);
    if (rest == nullptr) continue;
    char state = '?';
    int parent = 0;
    if (std::sscanf(rest, "%c %d", &state, &parent) != 2) continue;
    found.push_back({static_cast<pid_t>(pid), parent, state});
  }
  ::closedir(proc);
  return found;
}

std::vector<pid_t> descendants(const std::vector<Process>& processes, pid_t ancestor) {
  std::vector<pid_t> found;
  std::vector<pid_t> open{ancestor};
  while (!open.empty()) {
    const pid_t parent = open.back();
    open.pop_back();
    for (const Process& process : processes) {
      if (process.parent != parent || process.pid == ancestor) continue;
      open.push_back(process.pid);
      if (process.state != 'Z' && process.state != 'X') found.push_back(process.pid);
    }
  }
  return found;
}

std::uint64_t mount_namespace_of(pid_t pid) {
  struct stat status{};
  return ::stat(proc_path(pid, "ns/mnt").c_str(), &status) == 0 ? status.st_ino : 0;
}

std::uint64_t memory_of(pid_t pid) {
  char status[4096];
  if (!read_small(proc_path(pid, "status"), status, sizeof status)) return 0;
  return bytes_in(status, "RssAnon:") + bytes_in(status, "RssShmem:");
}

std::uint64_t peak_memory_of(pid_t pid) {
  char status[4096];
  if (!read_small(proc_path(pid, "status"), status, sizeof status)) return 0;
  const std::uint64_t now = bytes_in(status, "RssAnon:") + bytes_in(status, "RssShmem:");
  const std::uint64_t most = bytes_in(status, "VmHWM:"), files = bytes_in(status, "RssFile:");
  return std::max(now, most > files ? most - files : 0);
}

void forget_peak_memory_of(pid_t pid) {
  const Fd file(::open(proc_path(pid, "clear_refs").c_str(), O_WRONLY | O_CLOEXEC));
  if (file) (void)!::write(file.get(), "5", 1);  // without it the peak is of the whole life
}

std::uint64_t cpu_nanoseconds_of(pid_t pid) {
  char stat[1024];
  if (!read_small(proc_path(pid, "stat"), stat, sizeof stat)) return 0;
  const char* rest = after_name(stat);
  unsigned long long user = 0, system = 0;
  if (rest == nullptr || std::sscanf(rest, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                                     &user, &system) != 2)
    return 0;
  return (user + system) *
         (1'000'000'000ULL / static_cast<unsigned long long>(::sysconf(_SC_CLK_TCK)));
}

std::vector<pid_t> processes_with_environment(const std::string& entry) {
  std::vector<pid_t> found;
  for (const Process& process : all_processes()) {
    if (process.state == 'Z' || process.pid == ::getpid()) continue;
    const Result<std::string> environment =
        read_file_at(AT_FDCWD, proc_path(process.pid, "environ"));
    if (!environment) continue;
    const std::string whole = '\0' + *environment;
    if (whole.find('\0' + entry + '\0') != std::string::npos) found.push_back(process.pid);
  }
  return found;
}

}  // namespace mizan::pods
