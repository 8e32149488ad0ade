// What this process may use now: limits change while a worker lives, as its pod is resized.
#pragma once

#include <cstdint>
#include <string>

namespace mizan::rag {

/// CPUs that the cgroup v2 or v1 limits on the way up from `self` (the text of /proc/self/cgroup)
/// allow, rounded, at least 1, at most `machine`.
unsigned cpu_threads(const std::string& self, const std::string& cgroup_root, unsigned machine);
/// Of this process, now.
unsigned cpu_threads();

std::int64_t peak_rss_bytes();
/// Starts the peak anew, so that each trial of a worker has its own. Does nothing where refused.
void reset_peak_rss();
double cpu_seconds();

}  // namespace mizan::rag
