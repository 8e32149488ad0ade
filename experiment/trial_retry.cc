// Classes from what kubelet and the Job controller say.
#include "experiment/trial_retry.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "resources/meta.h"

namespace mizan::experiment {
namespace {

constexpr std::array<std::string_view, 8> kPreempted = {"Evicted",      "NodeLost",  "NodeReboot",
                                                        "NodeShutdown", "Preempted", "Preempting",
                                                        "Shutdown",     "Terminated"};

}  // namespace

std::string_view failure_class(const resources::Trial& trial, const PodView* pod,
                               const RunFailure& failure) {
  if (failure.reason == "DeadlineExceeded") return "DeadlineExceeded";
  if (pod == nullptr) return "Error";
  if (pod->reason == "DeadlineExceeded") return "DeadlineExceeded";
  if (std::ranges::find(kPreempted, pod->reason) != kPreempted.end()) return "Preempted";
  const ContainerView* container = pod->container(trial.primary_container);
  return container != nullptr && container->reason == "OOMKilled" ? "OOMKilled" : "Error";
}

const resources::RetryRule* retry_rule(const resources::Trial& trial, const PodView* pod,
                                       const RunFailure& failure) {
  const std::string_view of = failure_class(trial, pod, failure);
  const ContainerView* container =
      pod == nullptr ? nullptr : pod->container(trial.primary_container);
  for (const resources::RetryRule& rule : trial.retry) {
    if (rule.failure_class != of) continue;
    const bool by_code = !rule.exit_codes.empty();
    if (by_code &&
        (container == nullptr ||
         std::ranges::find(rule.exit_codes, container->exit_code) == rule.exit_codes.end()))
      continue;
    return trial.attempts <= rule.limit ? &rule : nullptr;
  }
  return nullptr;
}

std::int64_t attempt_of(const Json& run) {
  const auto annotations = resources::annotations_of(run);
  const auto found = annotations.find(std::string(resources::kAttemptAnnotation));
  std::int64_t attempt = 1;
  if (found != annotations.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), attempt);
  return attempt;
}

}  // namespace mizan::experiment
