// A new experiment from one that is there: the same question asked again, with what is known of it.
// Pure.
#pragma once

#include "core/json.h"
#include "core/result.h"

namespace mizan::api {

/// `wanted` is {"name": "...", "history": true, "spec": {...}}: with history (the default) the
/// results of `experiment` are known to the new one from its start (spec.warmStart), and its own
/// points to begin with (spec.initialTrials) are not run again; `spec` is a merge patch of what
/// shall be different. A clone is never suspended unless the patch says so.
/// Errors: kInvalid with the fields of `wanted` that are wrong.
Result<Json> clone_experiment(const Json& experiment, const Json& wanted);

}  // namespace mizan::api
