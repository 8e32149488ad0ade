// Small steps on cgroup directories that both versions share.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace mizan::pods {

inline constexpr std::int64_t kPeriodMicroseconds = 100'000;  // over which CPU quotas are counted
inline constexpr std::int64_t kLeastQuota = 1000;             // the kernel's

bool is_directory(const std::string& path);
Result<> make_group(const std::string& path);  // with its parents; right too when it is there
Result<> write_value(const std::string& path, const std::string& value);
std::uint64_t read_value(const std::string& path);                          // 0: unreadable
std::uint64_t read_keyed(const std::string& path, const std::string& key);  // of `key N` lines
std::vector<std::string> child_groups(const std::string& path);
std::vector<pid_t> group_processes(const std::string& path);  // of it and all below
/// Kills every process in it and below, then removes it with all below.
Result<> remove_group(const std::string& path);

}  // namespace mizan::pods
