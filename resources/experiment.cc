// See experiment.h.
#include "resources/experiment.h"

#include "resources/meta.h"
#include "resources/reading.h"
#include "resources/spec_parts.h"

namespace mizan::resources {
namespace {

ParameterType parameter_type(std::string_view word) {
  if (word == "double") return ParameterType::kDouble;
  if (word == "int") return ParameterType::kInt;
  if (word == "discrete") return ParameterType::kDiscrete;
  if (word == "categorical") return ParameterType::kCategorical;
  return ParameterType::kUnknown;
}

Distribution distribution(std::string_view word) {
  if (word == "logUniform") return Distribution::kLogUniform;
  if (word == "normal") return Distribution::kNormal;
  if (word == "logNormal") return Distribution::kLogNormal;
  return Distribution::kUniform;
}

/// Any other word counts as latest, as in Katib; validation warns of it.
MetricStrategy strategy(std::string_view word) {
  if (word == "min") return MetricStrategy::kMin;
  if (word == "max") return MetricStrategy::kMax;
  return MetricStrategy::kLatest;
}

Parameter read_parameter(const Json& source) {
  const Json& space = object_field(source, "feasibleSpace");
  const Json& active = object_field(source, "activeWhen");
  Parameter parameter;
  parameter.name = text_field(source, "name");
  parameter.type = parameter_type(text_field(source, "parameterType"));
  parameter.min = text_field(space, "min");
  parameter.max = text_field(space, "max");
  parameter.step = text_field(space, "step");
  parameter.list = texts_field(space, "list");
  // Katib's Python SDK since 0.18 writes a categorical's list here.
  if (parameter.list.empty()) parameter.list = texts_field(space, "distribution");
  parameter.distribution = distribution(text_field(space, "distribution"));
  parameter.active_parent = text_field(active, "parameter");
  parameter.active_values = texts_field(active, "in");
  parameter.inactive_value = text_field(source, "inactiveValue");
  return parameter;
}

InitialTrial read_initial_trial(const Json& source) {
  InitialTrial trial;
  trial.assignments = text_map_field(source, "assignments");
  const Json& metrics = object_field(source, "metrics");
  for (const auto& [name, value] : metrics.items()) {
    if (const auto number = number_field(metrics, name)) trial.metrics.emplace(name, *number);
  }
  return trial;
}

TrialTemplate read_template(const Json& source) {
  TrialTemplate read;
  read.retain = flag_field(source, "retain");
  if (const Json* spec = field(source, "trialSpec"); spec != nullptr && spec->is_object())
    read.trial_spec = *spec;
  if (const Json& map = object_field(source, "configMap"); !map.empty()) {
    read.config_map =
        ConfigMapSource{text_field(map, "configMapName"), text_field(map, "configMapNamespace"),
                        text_field(map, "templatePath")};
  }
  if (const Json* client = field(source, "client"); client != nullptr && client->is_object()) {
    read.client = true;
    read.abandon_after_seconds = integer_field(*client, "abandonAfterSeconds");
  }
  for (const Json& parameter : array_field(source, "trialParameters")) {
    read.parameters.push_back({text_field(parameter, "name"), text_field(parameter, "description"),
                               text_field(parameter, "reference")});
  }
  read.primary_pod_labels = text_map_field(source, "primaryPodLabels");
  read.primary_container = text_field(source, "primaryContainerName");
  read.success_condition = text_field(source, "successCondition");
  read.failure_condition = text_field(source, "failureCondition");
  return read;
}

ResumePolicy resume_policy(std::string_view word) {
  if (word == "LongRunning") return ResumePolicy::kLongRunning;
  if (word == "FromVolume") return ResumePolicy::kFromVolume;
  return ResumePolicy::kNever;
}

void read_identity(const Json& object, Experiment& experiment) {
  experiment.ns = namespace_of(object);
  experiment.name = name_of(object);
  experiment.uid = uid_of(object);
  experiment.resource_version = resource_version_of(object);
  experiment.labels = labels_of(object);
  experiment.created = creation_time_of(object);
  experiment.being_deleted = is_being_deleted(object);
}

void read_budget(const Json& spec, Experiment& experiment) {
  experiment.parallel_trial_count = integer_field(spec, "parallelTrialCount");
  experiment.max_trial_count = integer_field(spec, "maxTrialCount");
  experiment.max_failed_trial_count = integer_field(spec, "maxFailedTrialCount");
  experiment.suspend = flag_field(spec, "suspend");
  experiment.max_duration_seconds = integer_field(spec, "maxDurationSeconds");
  if (const Json* stop = field(spec, "stopWhen"); stop != nullptr && stop->is_object()) {
    experiment.stop_when = StopWhen{integer_field(*stop, "noImprovementTrials").value_or(0),
                                    number_field(*stop, "minImprovement").value_or(0)};
  }
}

}  // namespace

Objective read_objective(const Json& source) {
  Objective objective;
  objective.type = text_field(source, "type") == "maximize" ? ObjectiveType::kMaximize
                                                            : ObjectiveType::kMinimize;
  objective.goal = number_field(source, "goal");
  objective.metric = text_field(source, "objectiveMetricName");
  objective.additional_metrics = texts_field(source, "additionalMetricNames");
  for (const Json& entry : array_field(source, "metricStrategies")) {
    objective.strategies.emplace(text_field(entry, "name"), strategy(text_field(entry, "value")));
  }
  // Katib's default for every metric without an entry: that of the objective's direction.
  const auto usual =
      objective.type == ObjectiveType::kMaximize ? MetricStrategy::kMax : MetricStrategy::kMin;
  if (!objective.metric.empty()) objective.strategies.emplace(objective.metric, usual);
  for (const std::string& name : objective.additional_metrics)
    objective.strategies.emplace(name, usual);
  return objective;
}

Algorithm read_algorithm(const Json& source) {
  Algorithm algorithm{text_field(source, "algorithmName"), {}};
  for (const Json& setting : array_field(source, "algorithmSettings")) {
    algorithm.settings.push_back({text_field(setting, "name"), text_field(setting, "value")});
  }
  return algorithm;
}

MetricsCollector read_collector(const Json& source) {
  const Json& collector = object_field(source, "collector");
  const Json& where = object_field(source, "source");
  const Json& file = object_field(where, "fileSystemPath");
  MetricsCollector read;
  if (std::string kind = text_field(collector, "kind"); !kind.empty()) read.kind = std::move(kind);
  read.path = text_field(file, "path");
  read.path_kind = text_field(file, "kind");
  read.format = text_field(file, "format");
  read.filters = texts_field(object_field(where, "filter"), "metricsFormat");
  if (const Json* get = field(where, "httpGet")) read.http_get = *get;
  if (const Json* custom = field(collector, "customCollector")) read.custom = *custom;
  return read;
}

Experiment read_experiment(const Json& object) {
  Experiment experiment = glance_at_experiment(object);
  experiment.raw = object;
  return experiment;
}

Experiment glance_at_experiment(const Json& object) {
  Experiment experiment;
  const Json& spec = object_field(object, "spec");
  read_identity(object, experiment);
  for (const Json& parameter : array_field(spec, "parameters")) {
    experiment.parameters.push_back(read_parameter(parameter));
  }
  experiment.objective = read_objective(object_field(spec, "objective"));
  experiment.algorithm = read_algorithm(object_field(spec, "algorithm"));
  if (const Json* early = field(spec, "earlyStopping"); early != nullptr && early->is_object()) {
    experiment.early_stopping = read_algorithm(*early);
  }
  experiment.trial_template = read_template(object_field(spec, "trialTemplate"));
  read_budget(spec, experiment);
  experiment.collector = read_collector(object_field(spec, "metricsCollectorSpec"));
  experiment.resume_policy = resume_policy(text_field(spec, "resumePolicy"));
  experiment.has_nas = field(spec, "nasConfig") != nullptr;
  for (const Json& trial : array_field(spec, "initialTrials")) {
    experiment.initial_trials.push_back(read_initial_trial(trial));
  }
  if (const Json* pods = field(spec, "trialPods")) experiment.trial_pods = *pods;
  return experiment;
}

std::string_view to_string(ParameterType type) {
  switch (type) {
    case ParameterType::kDouble:
      return "double";
    case ParameterType::kInt:
      return "int";
    case ParameterType::kDiscrete:
      return "discrete";
    case ParameterType::kCategorical:
      return "categorical";
    case ParameterType::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Distribution distribution) {
  switch (distribution) {
    case Distribution::kUniform:
      return "uniform";
    case Distribution::kLogUniform:
      return "logUniform";
    case Distribution::kNormal:
      return "normal";
    case Distribution::kLogNormal:
      return "logNormal";
  }
  return "uniform";
}

std::string_view to_string(MetricStrategy strategy) {
  switch (strategy) {
    case MetricStrategy::kMin:
      return "min";
    case MetricStrategy::kMax:
      return "max";
    case MetricStrategy::kLatest:
      return "latest";
  }
  return "latest";
}

}  // namespace mizan::resources
