// A Trial as controllers read it: one point of an Experiment's space, what runs it, and what it
// gave.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "resources/experiment.h"

namespace mizan::resources {

struct Assignment {
  std::string name, value;  // text, verbatim
  bool operator==(const Assignment&) const = default;
};

/// One metric of an observation. Text verbatim; "unavailable" when there is none.
struct ObservedMetric {
  std::string name, min, max, latest;
  bool operator==(const ObservedMetric&) const = default;
};

struct EarlyStoppingRule {
  std::string name, value, comparison;  // comparison: equal, less, greater
  std::int64_t start_step = 0;
  bool operator==(const EarlyStoppingRule&) const = default;
};

/// After which failures a trial is started again: those of one class, `limit` times in all.
struct RetryRule {
  std::string failure_class;             // OOMKilled, Preempted, DeadlineExceeded, Error
  std::vector<std::int64_t> exit_codes;  // of class Error; empty: any
  std::int64_t limit = 0;
  bool operator==(const RetryRule&) const = default;
};

/// The first that applies, in Katib's order of counting.
enum class TrialState {
  kPending,
  kRunning,
  kSucceeded,
  kKilled,
  kFailed,
  kEarlyStopped,
  kMetricsUnavailable,
  kInfeasible
};

struct Trial {
  std::string ns, name, uid, resource_version;
  std::map<std::string, std::string> labels, annotations;
  std::string experiment;  // label katib.kubeflow.org/experiment
  std::optional<Time> created, started, completed;
  bool being_deleted = false;

  Objective objective;
  std::vector<Assignment> assignments;
  std::vector<EarlyStoppingRule> stopping_rules;
  Json run_spec;  // the rendered object; null for client-run trials
  bool retain_run = false;
  MetricsCollector collector;
  std::map<std::string, std::string> primary_pod_labels;
  std::string primary_container;
  std::string success_condition, failure_condition;
  std::vector<RetryRule> retry;

  std::int64_t attempts = 1;  // how often it was started
  bool excluded = false;      // annotation mizan.kubeflow.org/exclude: neither model nor optimum
  TrialState state = TrialState::kPending;
  std::vector<ObservedMetric> observation;
  /// Position in the experiment's sequence of draws, from status.suggestedFrom; orders the history.
  std::optional<std::uint64_t> draw_index;
  bool imported = false;  // label mizan.kubeflow.org/origin=imported

  Json raw;
};

Trial read_trial(const Json& object);

/// Succeeded, Failed, Killed, EarlyStopped, MetricsUnavailable or Infeasible.
bool is_completed(TrialState state);
std::string_view to_string(TrialState state);

/// The objective's value by its strategy (min and max fall back to latest), when there is a finite
/// one.
std::optional<double> objective_value(const Trial& trial, const Objective& objective);
/// The same as the trial wrote it: what status.objective and status.best show.
std::optional<std::string> objective_text(const Trial& trial, const Objective& objective);
std::optional<double> metric_value(const ObservedMetric& metric, MetricStrategy strategy);

/// spec.parameterAssignments and spec.earlyStoppingRules, both ways.
std::vector<Assignment> read_assignments(const Json& list);
std::vector<EarlyStoppingRule> read_stopping_rules(const Json& list);
std::vector<RetryRule> read_retry(const Json& list);
Json to_json(const std::vector<Assignment>& assignments);
Json to_json(const std::vector<EarlyStoppingRule>& rules);
/// One entry of status.observation.metrics.
Json to_json(const ObservedMetric& metric);

/// How a trial ended, as `:tell`, the Trial controller and the tuner say it; becomes conditions in
/// one place.
struct TrialOutcome {
  TrialState state = TrialState::kSucceeded;  // a completed state
  std::string reason;                         // empty: Katib's for that state
  std::string message;                        // empty: Katib's for that state
  std::vector<ObservedMetric> observation;    // written when not empty
};

/// `trial` with its status moved to `outcome`: Running becomes False, the condition is appended,
/// completionTime and observation set. Pure. A trial that is already completed is returned
/// unchanged.
Json with_outcome(Json trial, const TrialOutcome& outcome, Time now);

// Labels and annotations that several rooms read.
inline constexpr std::string_view kExperimentLabel = "katib.kubeflow.org/experiment";
inline constexpr std::string_view kTrialLabel = "katib.kubeflow.org/trial";
inline constexpr std::string_view kOriginLabel = "mizan.kubeflow.org/origin";
inline constexpr std::string_view kClientIdAnnotation = "mizan.kubeflow.org/client-id";
inline constexpr std::string_view kSuggestedFromAnnotation =
    "mizan.kubeflow.org/suggested-from";                                              // JSON text
inline constexpr std::string_view kExcludeAnnotation = "mizan.kubeflow.org/exclude";  // "true"
/// On a run object: which attempt of its trial it is.
inline constexpr std::string_view kAttemptAnnotation = "mizan.kubeflow.org/attempt";
inline constexpr std::string_view kWhyAnnotation = "mizan.kubeflow.org/why";
/// Put on a running trial that should end early (suggestion/early_stopping); its value says why, in
/// one sentence. The Trial controller ends the run; of client-run trials `:report` says shouldStop.
inline constexpr std::string_view kStopEarlyAnnotation = "mizan.kubeflow.org/stop-early";

}  // namespace mizan::resources
