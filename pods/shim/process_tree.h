// Which processes descend from one, and what they use: read from /proc, for ending and measuring
// what a container started, however it detached itself.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mizan::pods {

struct Process {
  pid_t pid = 0, parent = 0;
  char state = '?';  // Z: a zombie
};

/// Every process that this one can see. One read per process: some microseconds each.
std::vector<Process> all_processes();

/// The living descendants of `ancestor` (itself not included) among `processes`.
std::vector<pid_t> descendants(const std::vector<Process>& processes, pid_t ancestor);

/// Identity of the mount namespace of a process, 0 when it can't be read: containers of one pod
/// differ in it.
std::uint64_t mount_namespace_of(pid_t pid);

/// Anonymous and shared memory of a process in bytes (page cache is not its own).
std::uint64_t memory_of(pid_t pid);
/// The most of it since the process began or its peak was forgotten, however short: the kernel's
/// high-water mark, less what is mapped of files now.
std::uint64_t peak_memory_of(pid_t pid);
void forget_peak_memory_of(pid_t pid);
/// Processor time of a process in nanoseconds.
std::uint64_t cpu_nanoseconds_of(pid_t pid);

/// Every process with `entry` (NAME=value) in the environment it was started with. For pods whose
/// shim was killed.
std::vector<pid_t> processes_with_environment(const std::string& entry);

}  // namespace mizan::pods
