// Which trial templates can run on warm pods, and the Job that such a trial becomes. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::resources {

/// What of the template `run` (a Job, a Pod, or what stands in their place) belongs to one trial
/// alone and so can't be had with spec.trialPods.reuse: `reuse`; each at its path below `path`.
/// `primary`: spec.trialTemplate.primaryContainerName.
std::vector<FieldError> check_warm_template(const Json& run, const std::string& path,
                                            const std::string& primary, const std::string& reuse);

/// Changes a Trial that is about to be created: what runs it becomes a Job that the warm-pod
/// controller manages, and its end is that Job's. Errors: kInvalid with what the template has that
/// a warm pod can't have.
Result<> make_warm(Json& trial, const std::string& reuse);

/// Whether the warm-pod controller runs that Job.
bool is_warm_job(const Json& job);

/// Katib's conditions for a batch/v1 Job.
struct JobConditions {
  std::string success, failure;
};
JobConditions usual_conditions(const std::string& kind);

}  // namespace mizan::resources
