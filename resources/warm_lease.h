// What stands on the Pod of a warm pool: the lease by which it runs one trial, and what came of it.
//
// A lease is an annotation that the warm-pod controller writes; its result is one that the REST API
// writes when the pod's runner says how the trial ended. The Trial controller reads both to see a
// trial's end on a pod that goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/time.h"
#include "resources/trial.h"

namespace mizan::resources {

/// spec.managedBy of Jobs that run on warm pods: the Job controller leaves them alone.
inline constexpr std::string_view kWarmPodsManager = "mizan.kubeflow.org/warm-pods";
/// Label of the pods of a pool; its value is Pod or Process.
inline constexpr std::string_view kWarmPoolLabel = "mizan.kubeflow.org/warm-pool";
inline constexpr std::string_view kLeaseAnnotation = "mizan.kubeflow.org/lease";  // WarmLease
inline constexpr std::string_view kLeaseResultAnnotation =
    "mizan.kubeflow.org/lease-result";  // WarmResult

struct WarmLease {
  bool end = false;  // no trial any more: the pod is to end. Nothing else is set but `since`
  std::optional<Time> cancelled;  // withdrawn then: the trial is to be stopped
  std::string trial, trial_uid, job_uid;
  /// Unique among the leases of a trial on one pod; what the lines of its log begin with.
  std::int64_t attempt = 1;
  std::int64_t trial_attempt = 1;  // which start of the trial by its retry rules
  Time since{};                    // when it was given
  std::vector<std::string> command, args;
  std::vector<std::pair<std::string, std::string>> env;  // literal ones, in order
  std::vector<Assignment> assignments;
  std::int64_t grace_seconds = 5;
  std::string working_dir;
  std::string termination_log;  // file for a last message; empty: none
  bool log_as_message = false;  // terminationMessagePolicy FallbackToLogsOnError

  std::string key() const;  // TRIAL/ATTEMPT
  bool operator==(const WarmLease&) const = default;
};

/// How a leased trial ended, as its runner says it. Bytes of memory are anonymous and shared
/// memory of all its processes; 0: not measured.
struct WarmResult {
  std::string trial;
  std::int64_t attempt = 0;
  std::int64_t exit_code = 0, signal = 0;
  bool oom_killed = false;
  bool cancelled = false;  // stopped since the lease was withdrawn
  std::string message;
  std::int64_t peak_bytes = 0;
  std::int64_t baseline_bytes = 0;  // of the worker, when the trial began
  std::int64_t carried_bytes = 0;   // of the baseline: more than the worker needs when idle
  std::int64_t left_bytes = 0;      // the same when the trial had ended: the next begins with it
  std::string started_at, finished_at;  // RFC 3339

  bool succeeded() const { return !cancelled && exit_code == 0 && signal == 0; }
  bool operator==(const WarmResult&) const = default;
};

Json to_json(const WarmLease& lease);
Json to_json(const WarmResult& result);

/// Tolerant; nullopt when `pod` has none.
std::optional<WarmLease> lease_of(const Json& pod);
/// Of the lease it has now; a result of another attempt counts as none.
std::optional<WarmResult> lease_result_of(const Json& pod);

/// Tolerant reading of a lease as the REST API gives it to runners.
WarmLease read_lease(const Json& object);
/// Strict reading of what a runner posts. Errors: kInvalid with every field that is wrong.
Result<WarmResult> read_result(const Json& object);

}  // namespace mizan::resources
