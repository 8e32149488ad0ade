// Reading and writing the small files that cgroups are.
#include "pods/node/cgroup_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "pods/shim/pod_folder.h"

namespace mizan::pods {

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Result<> make_group(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
  const std::size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == 0 || slash == std::string::npos)
    return fail_errno("making the cgroup " + path);
  if (Result<> parent = make_group(path.substr(0, slash)); !parent) return parent;
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    return fail_errno("making the cgroup " + path);
  return {};
}

Result<> write_value(const std::string& path, const std::string& value) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), value.data(), value.size()) < 0)
    return fail_errno("writing " + value + " to " + path);
  return {};
}

std::uint64_t read_value(const std::string& path) {
  const Result<std::string> text = read_file_at(AT_FDCWD, path);
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

std::uint64_t read_keyed(const std::string& path, const std::string& key) {
  const Result<std::string> text = read_file_at(AT_FDCWD, path);
  if (!text) return 0;
  const std::string lines = "\n" + *text;
  const std::size_t at = lines.find("\n" + key + " ");
  return at == std::string::npos ? 0
                                 : std::strtoull(lines.c_str() + at + key.size() + 2, nullptr, 10);
}

std::vector<std::string> child_groups(const std::string& path) {
  std::vector<std::string> names;
  DIR* listing = ::opendir(path.c_str());
  if (listing == nullptr) return names;
  while (const dirent* entry = ::readdir(listing)) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && is_directory(path + "/" + name)) names.push_back(name);
  }
  ::closedir(listing);
  return names;
}

std::vector<pid_t> group_processes(const std::string& path) {
  std::vector<pid_t> found;
  if (const Result<std::string> text = read_file_at(AT_FDCWD, path + "/cgroup.procs")) {
    const char* at = text->c_str();
    while (*at != '\0') {
      char* end = nullptr;
      const long pid = std::strtol(at, &end, 10);
      if (end == at) break;
      if (pid > 0) found.push_back(static_cast<pid_t>(pid));
      at = *end == '\0' ? end : end + 1;
    }
  }
  for (const std::string& child : child_groups(path)) {
    for (const pid_t pid : group_processes(path + "/" + child)) found.push_back(pid);
  }
  return found;
}

Result<> remove_group(const std::string& path) {
  for (const std::string& child : child_groups(path)) {
    if (Result<> removed = remove_group(path + "/" + child); !removed) return removed;
  }
  // A group can't be removed while a killed process has not been reaped; that takes moments.
  for (int attempt = 0; ::rmdir(path.c_str()) != 0; ++attempt) {
    if (errno == ENOENT) return {};
    if (errno != EBUSY || attempt == 200) return fail_errno("removing the cgroup " + path);
    for (const pid_t pid : group_processes(path)) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(attempt < 10 ? 1 : 20));
  }
  return {};
}

}  // namespace mizan::pods
