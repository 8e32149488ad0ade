// What to do about a batch/v1 Job: a pure function of the Job, its Pods and the time.
//
// Jobs are a cluster's own business on Kubernetes; this is for the embedded cluster alone.
// Semantics and words are batch/v1's: completions, parallelism, backoffLimit with exponential
// delay, activeDeadlineSeconds, suspend, ttlSecondsAfterFinished. Two differences, both so that a
// trial's log stays readable: a Job's deadline is handed to its Pods, which end as Failed instead
// of being deleted; and finished Pods are never deleted by the Job.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time.h"

namespace mizan::pods {

using ObjectList = std::vector<std::shared_ptr<const Json>>;

struct JobTiming {
  std::chrono::seconds backoff_base{10};  // after the first failure; doubles with each
  std::chrono::seconds backoff_max{360};
  /// A first status that only says "active" waits so long: a short Job then costs one status write.
  std::chrono::milliseconds quiet_start{250};
  /// So many pods that were killed for want of memory are replaced at once and count as no failure.
  int oom_retries = 0;
};

struct JobEvent {
  bool warning = false;
  std::string reason, message;
};

struct JobPlan {
  std::vector<Json> create;         // Pods, complete; a name that exists already is success
  std::vector<std::string> remove;  // names of Pods
  Json status;                      // what status becomes; null: as it is
  std::vector<JobEvent> events;     // recorded once the status is written
  bool remove_job = false;          // ttlSecondsAfterFinished has passed
  std::optional<std::chrono::milliseconds> look_again;
};

/// `pods`: those whose controller is this Job. Thread: any.
JobPlan plan_job(const Json& job, const ObjectList& pods, Time now, const JobTiming& timing = {});

/// The name of a Job's nth Pod: the same at every call, so that a crash between create and status
/// runs nothing twice.
std::string job_pod_name(const std::string& job_name, const std::string& job_uid, int index);

}  // namespace mizan::pods
