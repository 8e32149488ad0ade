// trialPods: amounts that parse and agree, and what warm pods can't do.
#include <fmt/format.h>

#include <algorithm>

#include "resources/field_error.h"
#include "resources/quantity.h"
#include "resources/reading.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

const std::string kPath = "spec.trialPods";

std::map<std::string, Quantity> read_amounts(const Json& resize, std::string_view key,
                                             Verdict& verdict) {
  std::map<std::string, Quantity> amounts;
  for (const auto& [resource, value] : object_field(resize, key).items()) {
    const std::string path = fmt::format("{}.resize.{}.{}", kPath, key, resource);
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
      verdict.errors.push_back(
          invalid(fmt::format("{}.resize.maxAllowed.{}", kPath, resource), bound->second.text(),
                  fmt::format("must not be less than minAllowed.{}, {}", resource, amount.text())));
    }
  }
}

/// What of `resize` this version doesn't do yet.
void warn_of_cpu(const Json& resize, Verdict& verdict) {
  for (const Json& controlled : array_field(resize, "controlledResources")) {
    if (controlled == Json("cpu"))
      warn(verdict, kPath + ".resize.controlledResources",
           "cpu isn't tuned by this version yet: only memory is");
  }
  if (field(resize, "startupBoost") != nullptr)
    warn(verdict, kPath + ".resize.startupBoost", "isn't done by this version yet");
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
  const std::string kind = text_field(run, "kind");
  const bool is_job = kind == "Job" && text_field(run, "apiVersion") == "batch/v1";
  const bool is_pod = kind == "Pod" && text_field(run, "apiVersion") == "v1";
  if (!run.empty() && !is_job && !is_pod) {
    refuse("spec.trialTemplate.trialSpec.kind", "only a batch/v1 Job or a Pod can stay warm");
    return;
  }
  const Json& job_spec = object_field(run, "spec");
  const Json& pod_spec =
      is_job ? object_field(object_field(job_spec, "template"), "spec") : job_spec;
  if (is_job && (integer_field(job_spec, "parallelism").value_or(1) > 1 ||
                 integer_field(job_spec, "completions").value_or(1) > 1)) {
    refuse("spec.trialTemplate.trialSpec.spec.completions",
           "a trial must be one process, not several replicas");
  }
  if (!array_field(pod_spec, "initContainers").empty()) {
    refuse(is_job ? "spec.trialTemplate.trialSpec.spec.template.spec.initContainers"
                  : "spec.trialTemplate.trialSpec.spec.initContainers",
           "init containers run once for a pod, not for each trial");
  }
}

}  // namespace

void validate_trial_pods(const Json& spec, Verdict& verdict) {
  const Json* pods = field(spec, "trialPods");
  if (pods == nullptr || !pods->is_object()) return;
  if (field(object_field(spec, "trialTemplate"), "client") != nullptr) {
    warn(verdict, kPath, "has no effect: the client runs the trials, so there are no pods");
    return;
  }
  const std::string reuse = text_field(*pods, "reuse", "None");
  const Json& resize = object_field(*pods, "resize");
  check_resize(resize, verdict);
  if (reuse != "None") {
    check_reuse(spec, reuse, verdict);
    warn(verdict, kPath + ".reuse",
         fmt::format("{} isn't done by this version yet: each trial gets a pod of its own", reuse));
  }
  const std::string mode = text_field(resize, "mode", "Off");
  if (mode == "InPlaceOrRecreate") {
    warn(
        verdict, kPath + ".resize.mode",
        "InPlaceOrRecreate counts as InPlace in this version: a pod that can't be resized runs on");
  }
  if (mode != "Off") warn_of_cpu(resize, verdict);
  if (field(*pods, "elasticParallelism") != nullptr) {
    warn(verdict, kPath + ".elasticParallelism",
         "isn't done by this version yet: spec.parallelTrialCount holds");
  }
}

}  // namespace mizan::resources
