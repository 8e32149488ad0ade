// A Job that runs on warm pods: the attempts that failed, and its status as the Job controller
// would write it. Pure.
//
// A warm pod goes on after an attempt, so what failed is remembered on the Job itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "pods/job/job_plan.h"

namespace mizan::pods {

/// On Jobs: a JSON list of WarmAttempt, the oldest first.
inline constexpr const char* kWarmAttemptsAnnotation = "mizan.kubeflow.org/warm-attempts";

/// One that failed.
struct WarmAttempt {
  std::int64_t attempt = 1;     // of its lease
  std::string pod;              // which ran it
  std::string reason, message;  // OOMKilled, Error, DeadlineExceeded, RunnerSilent, …
  std::int64_t exit_code = 0;
  std::string memory;  // OOMKilled: the limit in force, as a quantity
  Time at{};
  bool operator==(const WarmAttempt&) const = default;
};

std::vector<WarmAttempt> attempts_of(const Json& job);
std::string to_text(const std::vector<WarmAttempt>& attempts);

bool is_finished_job(const Json& job);
bool is_suspended_job(const Json& job);

/// The attempt number of the next lease: 1, 2, …, and 1001, … when a retry rule of the trial made a
/// second Job. Unique among all leases of a trial.
std::int64_t next_attempt(const Json& job, std::int64_t trial_attempt);

/// What still counts against backoffLimit when so many OOM kills don't.
std::int64_t counted_failures(const std::vector<WarmAttempt>& attempts, int oom_retries);
bool may_try_again(const Json& job, const std::vector<WarmAttempt>& attempts, int oom_retries);
/// How long the next attempt has to wait; 0: not at all.
std::chrono::milliseconds backoff_left(const std::vector<WarmAttempt>& attempts, int oom_retries,
                                       const JobTiming& timing, Time now);

/// Stand-ins for the pods that a Job without warm pods would have left behind after OOM kills: what
/// the tuner sizes the next attempt by.
ObjectList killed_pods(const std::vector<WarmAttempt>& attempts, const std::string& container);

/// When activeDeadlineSeconds of the Job passes; nullopt: never. `given`: its first lease.
std::optional<Time> deadline_of(const Json& job, Time given);

/// Each gives the whole status. `failures`: with the last one.
Json active_status(const Json& job, std::size_t failures, Time started);
Json complete_status(const Json& job, std::size_t failures, Time started, Time now);
Json failed_status(const Json& job, std::size_t failures, Time started, Time now,
                   const std::string& reason, const std::string& message);

}  // namespace mizan::pods
