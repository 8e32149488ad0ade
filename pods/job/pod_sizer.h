// Where the Job controller asks how large a trial's pod shall be: the tuner, or nobody.
#pragma once

#include "core/json.h"
#include "pods/job/job_plan.h"

namespace mizan::pods {

/// Thread: io.
class PodSizer {
 public:
  virtual ~PodSizer() = default;
  /// It knows the experiments and trials; before that nothing may be decided about a Job.
  virtual bool ready() const = 0;
  /// How many pods of this Job may be killed for want of memory without counting as failures.
  virtual int oom_retries(const Json& job) const = 0;
  /// false: no size that is allowed would do, and the trial is being ended; no pod shall be made.
  virtual bool admits(const Json& job, const ObjectList& pods) = 0;
  /// Changes the resources of a pod that is about to be created. `pods`: those the Job had so far.
  virtual void size(const Json& job, const ObjectList& pods, Json& pod) = 0;
};

/// A pod that failed since a container passed its memory limit.
bool was_oom_killed(const Json& pod);
/// A pod that the sizer takes away to have a larger one made: its end is no failure of the Job.
bool is_replaced(const Json& pod);

}  // namespace mizan::pods
