// An Experiment as controllers read it: Katib's v1beta1 with mizan's additions, defaults filled in.
//
// Reading is tolerant: an unknown field is kept in `raw`, a mistyped one reads as absent. What must
// hold for an experiment to run is said by validate_experiment (resources/validate.h), which works
// on the same JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time.h"

namespace mizan::resources {

enum class ParameterType { kUnknown, kDouble, kInt, kDiscrete, kCategorical };
enum class Distribution { kUniform, kLogUniform, kNormal, kLogNormal };

/// feasibleSpace as text, as Katib has it; suggestion/problem turns it into numbers.
struct Parameter {
  std::string name;
  ParameterType type = ParameterType::kUnknown;
  std::string min, max, step;     // empty: absent
  std::vector<std::string> list;  // discrete, categorical
  Distribution distribution = Distribution::kUniform;
  std::string active_parent;               // activeWhen.parameter; empty: always active
  std::vector<std::string> active_values;  // activeWhen.in
  std::string inactive_value;              // what a template gets while inactive
  bool operator==(const Parameter&) const = default;
};

struct NamedSetting {
  std::string name, value;
  bool operator==(const NamedSetting&) const = default;
};

enum class ObjectiveType { kMinimize, kMaximize };
enum class MetricStrategy { kMin, kMax, kLatest };

struct Objective {
  ObjectiveType type = ObjectiveType::kMinimize;
  std::optional<double> goal;
  std::string metric;  // objectiveMetricName
  std::vector<std::string> additional_metrics;
  std::map<std::string, MetricStrategy>
      strategies;  // one for the objective and each additional metric
  bool operator==(const Objective&) const = default;
};

struct Algorithm {
  std::string name;  // empty: none given
  std::vector<NamedSetting> settings;
  bool operator==(const Algorithm&) const = default;
};

struct TrialParameter {
  std::string name, description, reference;
  bool operator==(const TrialParameter&) const = default;
};

struct ConfigMapSource {
  std::string name, ns, path;
  bool operator==(const ConfigMapSource&) const = default;
};

struct TrialTemplate {
  bool retain = false;
  Json trial_spec;  // null when the source is another
  std::optional<ConfigMapSource> config_map;
  bool client = false;  // trials are run by the client (ask/tell)
  std::optional<std::int64_t> abandon_after_seconds;
  std::vector<TrialParameter> parameters;
  std::map<std::string, std::string> primary_pod_labels;
  std::string primary_container;
  std::string success_condition, failure_condition;
};

struct MetricsCollector {
  std::string kind = "StdOut";  // StdOut File TensorFlowEvent PrometheusMetric Custom Push None
  std::string path, path_kind, format;  // source.fileSystemPath
  std::vector<std::string> filters;     // source.filter.metricsFormat
  Json http_get;                        // source.httpGet
  Json custom;                          // collector.customCollector
};

struct InitialTrial {
  std::map<std::string, std::string> assignments;
  std::map<std::string, double> metrics;  // empty: run first; else imported
};

struct StopWhen {
  std::int64_t no_improvement_trials = 0;
  double min_improvement = 0;
};

enum class ResumePolicy { kNever, kLongRunning, kFromVolume };

struct Experiment {
  std::string ns, name, uid, resource_version;
  std::map<std::string, std::string> labels;
  std::optional<Time> created;
  bool being_deleted = false;

  std::vector<Parameter> parameters;
  Objective objective;
  Algorithm algorithm;
  std::optional<Algorithm> early_stopping;
  TrialTemplate trial_template;
  std::optional<std::int64_t>
      parallel_trial_count;  // absent only for client-run experiments: no bound of its own
  std::optional<std::int64_t> max_trial_count;
  std::optional<std::int64_t> max_failed_trial_count;
  MetricsCollector collector;
  ResumePolicy resume_policy = ResumePolicy::kNever;
  bool has_nas = false;

  bool suspend = false;
  std::optional<std::int64_t> max_duration_seconds;
  std::optional<StopWhen> stop_when;
  std::vector<InitialTrial> initial_trials;
  Json trial_pods;  // spec.trialPods as given; pods/ reads it

  Json raw;  // the whole object, unknown fields included
};

/// Thread: any; pure.
Experiment read_experiment(const Json& object);
/// The same without `raw`: for a look, where a copy of the whole object would cost more than the
/// rest.
Experiment glance_at_experiment(const Json& object);

std::string_view to_string(ParameterType type);
std::string_view to_string(Distribution distribution);
std::string_view to_string(MetricStrategy strategy);

}  // namespace mizan::resources
