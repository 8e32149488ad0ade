// See cpu_limit.h.
#include "examples/rag/trial/cpu_limit.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

namespace mizan::rag {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// quota / period of one cgroup; infinite without a limit.
double limit_of(const fs::path& folder, bool v2) {
  double quota = -1;
  double period = 0;
  if (v2) {
    std::istringstream(text_of(folder / "cpu.max")) >> quota >>
        period;  // "max 100000" or "50000 100000"
  } else {
    std::istringstream(text_of(folder / "cpu.cfs_quota_us")) >> quota;
    std::istringstream(text_of(folder / "cpu.cfs_period_us")) >> period;
  }
  return quota > 0 && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
}

}  // namespace

unsigned cpu_threads(const std::string& self, const std::string& cgroup_root, unsigned machine) {
  double least = std::numeric_limits<double>::infinity();
  std::istringstream lines(self);
  for (std::string line; std::getline(lines, line);) {
    // "0::/path" is v2; "4:cpu,cpuacct:/path" is v1.
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    const bool v1 = ("," + controllers + ",").find(",cpu,") != std::string::npos;
    if (!v2 && !v1) continue;
    std::vector<fs::path> roots{cgroup_root};
    if (v1) roots = {fs::path(cgroup_root) / "cpu", fs::path(cgroup_root) / controllers};
    for (const fs::path& root : roots) {
      fs::path at = fs::path(line.substr(second + 1)).relative_path();
      for (;; at = at.parent_path()) {
        least = std::min(least, limit_of(root / at, v2));
        if (at.empty()) break;
      }
    }
  }
  const double most = machine > 0 ? machine : 1;
  return static_cast<unsigned>(std::clamp(std::floor(std::min(least, most) + 0.5), 1.0, most));
}

unsigned cpu_threads() {
  return cpu_threads(text_of("/proc/self/cgroup"), "/sys/fs/cgroup",
                     std::thread::hardware_concurrency());
}

std::int64_t peak_rss_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    std::int64_t kilobytes = 0;
    if (word == "VmHWM:" && file >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

void reset_peak_rss() { std::ofstream("/proc/self/clear_refs") << "5"; }

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace mizan::rag
