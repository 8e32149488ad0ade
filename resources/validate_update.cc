// What may change in an Experiment that exists, and when an ended one may go on.
#include <fmt/format.h>

#include <algorithm>

#include "resources/condition.h"
#include "resources/defaults.h"
#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

const std::vector<std::string> kEditable = {
    "parallelTrialCount", "maxTrialCount", "maxFailedTrialCount",
    "maxDurationSeconds", "stopWhen",      "suspend"};

/// Top-level fields of the spec that differ, one that is null counting as absent.
std::vector<std::string> changed_fields(const Json& before, const Json& after) {
  std::set<std::string> names;
  for (const Json* spec : {&before, &after}) {
    for (const auto& [name, unused] : spec->items()) names.insert(name);
  }
  std::vector<std::string> changed;
  for (const std::string& name : names) {
    const Json* a = field(before, name);
    const Json* b = field(after, name);
    if ((a == nullptr) != (b == nullptr) || (a != nullptr && *a != *b)) changed.push_back(name);
  }
  return changed;
}

bool is_completed(const Json& experiment) {
  return has_condition(experiment, "Succeeded") || has_condition(experiment, "Failed");
}

/// Katib's rule: only who ran out of trials, and only with a policy that allows it.
bool is_restartable(const Json& experiment) {
  const auto succeeded = find_condition(experiment, "Succeeded");
  const std::string policy = text_field(object_field(experiment, "spec"), "resumePolicy");
  return succeeded && succeeded->status && succeeded->reason == "ExperimentMaxTrialsReached" &&
         (policy == "LongRunning" || policy == "FromVolume");
}

}  // namespace

void validate_update(const Json& experiment, const Json& old, Verdict& verdict) {
  // What was stored by an older version may lack defaults that were filled in just now.
  Json before = old;
  default_experiment(before);
  const Json& spec = object_field(experiment, "spec");
  const std::vector<std::string> changed = changed_fields(object_field(before, "spec"), spec);
  if (changed.empty()) return;
  for (const std::string& name : changed) {
    if (std::ranges::find(kEditable, name) != kEditable.end()) continue;
    std::vector<std::string> paths;
    for (const std::string& editable : kEditable) paths.push_back("spec." + editable);
    verdict.errors.push_back(forbidden(
        "spec." + name,
        fmt::format("can't be changed: only {} are editable; make another experiment instead",
                    listed(paths))));
  }
  if (!is_completed(old)) return;
  if (!is_restartable(old)) {
    verdict.errors.push_back(
        invalid("spec.resumePolicy", text_field(spec, "resumePolicy"),
                "Experiment can be restarted if it is in succeeded state by reaching max trials "
                "and spec.resumePolicy = "
                "LongRunning or spec.resumePolicy = FromVolume, when experiment is completed"));
    return;
  }
  const auto most = integer_field(spec, "maxTrialCount");
  const auto trials = integer_field(object_field(old, "status"), "trials").value_or(0);
  if (most && *most <= trials) {
    verdict.errors.push_back(
        invalid("spec.maxTrialCount", *most,
                fmt::format("must be greater than status.trials count, {}, to go on", trials)));
  }
}

}  // namespace mizan::resources
