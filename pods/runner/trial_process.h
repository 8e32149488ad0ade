// Starting what a lease names, and ending all that it left behind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "pods/shim/pod_folder.h"
#include "resources/warm_lease.h"

namespace mizan::pods {

struct ProcessPlan {
  std::vector<std::string> argv, env;  // env: NAME=value
  std::string directory;               // working directory; must be there
  bool with_input = false;             // else standard input is empty
};

/// What the lease runs. `inherited`: the runner's own environment, of which its token stays behind.
/// `home`: HOME and TMPDIR (HOME/tmp) of the trial unless the template sets them; empty: inherited.
ProcessPlan plan_process(const resources::WarmLease& lease,
                         const std::vector<std::string>& inherited, const std::string& directory,
                         const std::string& home);
std::vector<std::string> own_environment();

/// A child with pipes, in a session of its own, killed when the runner dies.
struct ChildProcess {
  pid_t pid = 0;
  Fd in, out, err;  // the runner's ends, non-blocking; `in` only when asked for
};
/// Errors: kNotFound and others, in the words of a container runtime, when it can't be executed.
Result<ChildProcess> start_process(const ProcessPlan& plan);

/// The living descendants of this process.
std::vector<pid_t> own_descendants();
/// SIGKILL for each of them; how many there were.
std::size_t kill_descendants();

/// Anonymous and shared memory of this process and all its descendants, in bytes: what counts
/// against the container's limit beside page cache.
std::int64_t memory_of_all();
/// The same, each descendant at its highest since forget_peaks() or its beginning.
std::int64_t peak_memory_of_all();
void forget_peaks();

/// How often the kernel has killed something in this process's cgroup for want of memory; 0 where
/// that can't be read.
std::int64_t oom_kills();

}  // namespace mizan::pods
