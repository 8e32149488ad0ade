// trialPods: amounts that parse and agree, and what warm pods can't do.
#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/quantity.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"
#include "resources/warm_template.h"

namespace mizan::resources {
namespace {

std::map<std::string, Quantity> read_amounts(const Json& resize, std::string_view key,
                                             Verdict& verdict) {
  std::map<std::string, Quantity> amounts;
  for (const auto& [resource, value] : object_field(resize, key).items()) {
    const std::string path = fmt::format("{}.resize.{}.{}", kTrialPodsPath, key, resource);
    if (resource != "cpu" && resource != "memory") {
      warn(verdict, path, "only cpu and memory are resized");
    }
    const auto amount = Quantity::from_json(value);
    if (!amount || amount->is_negative() || amount->is_zero()) {
      verdict.errors.push_back(
          invalid(path, value, "must be an amount above 0 such as 500m, 2, 64Mi or 1.5Gi"));
    } else {
      amounts.emplace(resource, *amount);
    }
  }
  return amounts;
}

void check_resize(const Json& resize, Verdict& verdict) {
  const auto least = read_amounts(resize, "minAllowed", verdict);
  const auto most = read_amounts(resize, "maxAllowed", verdict);
  for (const auto& [resource, amount] : least) {
    const auto bound = most.find(resource);
    if (bound != most.end() && amount > bound->second) {
      verdict.errors.push_back(invalid(
          fmt::format("{}.resize.maxAllowed.{}", kTrialPodsPath, resource), bound->second.text(),
          fmt::format("must not be less than minAllowed.{}, {}", resource, amount.text())));
    }
  }
}

/// Warm pods serve trial after trial: whatever belongs to one trial alone has no place there.
void check_reuse(const Json& spec, const std::string& reuse, Verdict& verdict) {
  const Json& trial_template = object_field(spec, "trialTemplate");
  const Json& run = object_field(trial_template, "trialSpec");
  const auto refuse = [&](std::string_view path, std::string_view why) {
    verdict.errors.push_back(
        forbidden(std::string(path),
                  fmt::format("not possible with spec.trialPods.reuse: {}: {}", reuse, why)));
  };
  if (flag_field(trial_template, "retain")) {
    refuse("spec.trialTemplate.retain", "the pod goes on to other trials");
  }
  const JobConditions job = usual_conditions("Job"), pod = usual_conditions("Pod");
  const auto check_condition = [&](const char* key, const std::string& of_job,
                                   const std::string& of_pod) {
    const std::string given = text_field(trial_template, key);
    if (!given.empty() && given != of_job && given != of_pod)
      refuse(fmt::format("spec.trialTemplate.{}", key),
             "a trial has succeeded when its process says so; leave it out");
  };
  if (run.empty() || text_field(run, "kind") == "Job" || text_field(run, "kind") == "Pod") {
    check_condition("successCondition", job.success, pod.success);
    check_condition("failureCondition", job.failure, pod.failure);
  }
  const std::string collector = text_field(
      object_field(object_field(spec, "metricsCollectorSpec"), "collector"), "kind", "StdOut");
  if (collector != "StdOut" && collector != "Push" && collector != "None")
    refuse("spec.metricsCollectorSpec.collector.kind",
           fmt::format("{} reads what belongs to the pod, not to the trial; print the metrics "
                       "(StdOut)",
                       collector));
  if (run.empty()) return;  // in a ConfigMap: looked at when the trials are made
  for (FieldError& error :
       check_warm_template(run, "spec.trialTemplate.trialSpec",
                           text_field(trial_template, "primaryContainerName"), reuse))
    verdict.errors.push_back(std::move(error));
}

/// A worker is started once: what its command line says of one trial's point would be wrong for the
/// next, so the runner starts it anew for each.
void warn_of_restarts(const Json& spec, Verdict& verdict) {
  const Json& run = object_field(object_field(spec, "trialTemplate"), "trialSpec");
  const Json& job = object_field(run, "spec");
  const Json& pod =
      text_field(run, "kind") == "Job" ? object_field(object_field(job, "template"), "spec") : job;
  for (const Json& container : array_field(pod, "containers")) {
    for (const char* list : {"command", "args"}) {
      for (const std::string& word : texts_field(container, list)) {
        if (word.find("${trialParameters.") == std::string::npos) continue;
        warn(verdict, kTrialPodsPath + ".reuse",
             fmt::format("with Process, a placeholder in {} starts the worker anew for each trial; "
                         "it hears of the assignments on its standard input",
                         list));
        return;
      }
    }
  }
}

}  // namespace

void validate_trial_pods(const Json& spec, Verdict& verdict) {
  const Json* pods = field(spec, "trialPods");
  if (pods == nullptr || !pods->is_object()) return;
  if (field(object_field(spec, "trialTemplate"), "client") != nullptr) {
    warn(verdict, kTrialPodsPath,
         "has no effect: the client runs the trials, so there are no pods");
    return;
  }
  const std::string reuse = text_field(*pods, "reuse", "None");
  const Json& resize = object_field(*pods, "resize");
  check_resize(resize, verdict);
  if (reuse != "None") {
    check_reuse(spec, reuse, verdict);
    if (reuse == "Process") warn_of_restarts(spec, verdict);
  }
  validate_sizing(spec, verdict);
}

}  // namespace mizan::resources
