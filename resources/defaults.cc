// See defaults.h.
#include "resources/defaults.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "resources/reading.h"

namespace mizan::resources {
namespace {

bool is_absent(const Json& object, std::string_view key) { return field(object, key) == nullptr; }

bool is_blank(const Json& object, std::string_view key) {
  const Json* value = field(object, key);
  return value == nullptr || (value->is_string() && value->get_ref<const std::string&>().empty());
}

void set_if_blank(Json& object, const char* key, std::string_view value) {
  if (is_blank(object, key)) object[key] = value;
}

/// The object at `key`, made when absent; nullptr when something else stands there.
Json* object_at(Json& object, const char* key) {
  Json& child = object[key];
  if (child.is_null()) child = Json::object();
  return child.is_object() ? &child : nullptr;
}

Json* present_object(Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_object() ? &*at : nullptr;
}

void default_parameter(Json& parameter) {
  if (!parameter.is_object()) return;
  Json* space = object_at(parameter, "feasibleSpace");
  if (space == nullptr) return;
  // Katib's Python SDK since 0.18 sends the list of a categorical here: taken as what was meant.
  if (const auto at = space->find("distribution");
      at != space->end() && at->is_array() && is_absent(*space, "list")) {
    (*space)["list"] = std::exchange(*at, "uniform");
  }
  set_if_blank(*space, "distribution", "uniform");
}

std::string_view usual_strategy(const Json& objective) {
  const std::string type = text_field(objective, "type");
  return type == "minimize" ? "min" : type == "maximize" ? "max" : "latest";
}

/// The user's entries, then the objective, then the additional metrics in their order.
void default_strategies(Json& objective) {
  const std::string metric = text_field(objective, "objectiveMetricName");
  std::vector<std::string> wanted = texts_field(objective, "additionalMetricNames");
  if (!metric.empty()) wanted.insert(wanted.begin(), metric);
  if (wanted.empty()) return;
  Json& strategies = objective["metricStrategies"];
  if (strategies.is_null()) strategies = Json::array();
  if (!strategies.is_array()) return;
  for (const std::string& name : wanted) {
    const bool known = std::ranges::any_of(
        strategies, [&](const Json& entry) { return text_field(entry, "name") == name; });
    if (!known) strategies.push_back({{"name", name}, {"value", usual_strategy(objective)}});
  }
}

constexpr std::string_view kComplete =
    R"(status.conditions.#(type=="Complete")#|#(status=="True")#)";
constexpr std::string_view kSucceeded =
    R"(status.conditions.#(type=="Succeeded")#|#(status=="True")#)";
constexpr std::string_view kFailed = R"(status.conditions.#(type=="Failed")#|#(status=="True")#)";

/// Only the kind is looked at, not the group, as in Katib.
void default_by_kind(Json& trial_template, std::string_view kind) {
  const bool of_training_operator =
      kind == "TFJob" || kind == "PyTorchJob" || kind == "XGBoostJob" || kind == "MPIJob";
  const bool of_job = kind == "Job" || kind == "TrainJob";
  if (kind == "Pod") {
    // Not in Katib: a bare pod tells its end by its phase.
    set_if_blank(trial_template, "successCondition", R"(status.[@this].#(phase=="Succeeded")#)");
    set_if_blank(trial_template, "failureCondition", R"(status.[@this].#(phase=="Failed")#)");
  }
  if (!of_job && !of_training_operator) return;
  set_if_blank(trial_template, "successCondition", of_job ? kComplete : kSucceeded);
  set_if_blank(trial_template, "failureCondition", kFailed);
  if (!object_field(trial_template, "primaryPodLabels").empty()) return;
  if (kind == "TrainJob") {
    trial_template["primaryPodLabels"] = {{"jobset.sigs.k8s.io/replicatedjob-name", "node"},
                                          {"batch.kubernetes.io/job-completion-index", "0"}};
  } else if (of_training_operator) {
    trial_template["primaryPodLabels"] = {{"training.kubeflow.org/job-role", "master"}};
  }
}

void default_files(Json& source, std::string_view kind, std::string_view path,
                   std::string_view format) {
  Json* file = object_at(source, "fileSystemPath");
  if (file == nullptr) return;
  set_if_blank(*file, "kind", kind);
  set_if_blank(*file, "path", path);
  if (!format.empty()) set_if_blank(*file, "format", format);
}

bool is_no_port(const Json* port) {
  static const std::vector<Json> kNone = {0, "0", ""};
  return port == nullptr || std::ranges::find(kNone, *port) != kNone.end();
}

void default_collector(Json& spec) {
  Json* collector_spec = object_at(spec, "metricsCollectorSpec");
  if (collector_spec == nullptr) return;
  Json* collector = object_at(*collector_spec, "collector");
  if (collector == nullptr) return;
  set_if_blank(*collector, "kind", "StdOut");
  const std::string kind = text_field(*collector, "kind");
  if (kind != "PrometheusMetric" && kind != "File" && kind != "TensorFlowEvent") return;
  Json* source = object_at(*collector_spec, "source");
  if (source == nullptr) return;
  if (kind == "File") default_files(*source, "File", "/var/log/katib/metrics.log", "TEXT");
  if (kind == "TensorFlowEvent") default_files(*source, "Directory", "/var/log/katib/tfevent/", "");
  if (kind == "PrometheusMetric") {
    Json* get = object_at(*source, "httpGet");
    if (get == nullptr) return;
    set_if_blank(*get, "path", "/metrics");
    if (is_no_port(field(*get, "port"))) (*get)["port"] = 8080;
  }
}

}  // namespace

void default_experiment(Json& experiment) {
  if (!experiment.is_object()) return;
  Json* spec = object_at(experiment, "spec");
  if (spec == nullptr) return;
  if (const auto parameters = spec->find("parameters");
      parameters != spec->end() && parameters->is_array()) {
    for (Json& parameter : *parameters) default_parameter(parameter);
  }
  if (Json* objective = present_object(*spec, "objective")) default_strategies(*objective);
  set_if_blank(*spec, "resumePolicy", "Never");

  bool client = false;
  if (Json* trial_template = present_object(*spec, "trialTemplate")) {
    client = field(*trial_template, "client") != nullptr;
    if (const Json& run = object_field(*trial_template, "trialSpec"); !run.empty()) {
      default_by_kind(*trial_template, text_field(run, "kind"));
    }
  }
  if (client) return;  // as many at once as the client asks for; it tells the metrics itself
  if (is_absent(*spec, "parallelTrialCount")) {
    const auto most = integer_field(*spec, "maxTrialCount").value_or(kDefaultParallelTrials);
    (*spec)["parallelTrialCount"] = std::clamp<std::int64_t>(most, 1, kDefaultParallelTrials);
  }
  default_collector(*spec);
}

}  // namespace mizan::resources
