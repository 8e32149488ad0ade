// Field by field, as KEP-3562 of Kubeflow Trainer names them.
#include "experiment/optimization_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::experiment {
namespace {

using resources::array_field;
using resources::field;
using resources::integer_field;
using resources::object_field;
using resources::text_field;

/// learning_rate -> KUBEFLOW_TRAINER_OPT_LEARNING_RATE
std::string variable_of(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  return "KUBEFLOW_TRAINER_OPT_" + name;
}

Json parameter_of(const Json& parameter) {
  const Json& space = object_field(parameter, "searchSpace");
  Json made{{"name", text_field(parameter, "name")}};
  if (const Json* categorical = field(space, "categorical")) {
    made["parameterType"] = "categorical";
    made["feasibleSpace"] = {{"list", array_field(*categorical, "choices")}};
    return made;
  }
  const bool log = field(space, "logUniform") != nullptr;
  const Json& range = object_field(space, log ? "logUniform" : "uniform");
  made["parameterType"] = text_field(range, "type", "Float") == "Int" ? "int" : "double";
  made["feasibleSpace"] = {{"min", text_field(range, "min")},
                           {"max", text_field(range, "max")},
                           {"distribution", log ? "logUniform" : "uniform"}};
  return made;
}

Json algorithm_of(const Json& search) {
  if (field(search, "grid") != nullptr) return {{"algorithmName", "grid"}};
  Json algorithm{{"algorithmName", "random"}};
  if (const auto seed = integer_field(object_field(search, "random"), "seed")) {
    algorithm["algorithmSettings"] =
        Json::array({{{"name", "random_state"}, {"value", std::to_string(*seed)}}});
  }
  return algorithm;
}

Json template_of(const Json& spec) {
  const Json& given = object_field(spec, "trainJobTemplate");
  Json run{{"apiVersion", "trainer.kubeflow.org/v1alpha1"}, {"kind", "TrainJob"}};
  for (const char* key : {"labels", "annotations"}) {
    const Json& entries = object_field(object_field(given, "metadata"), key);
    if (!entries.empty()) run["metadata"][key] = entries;
  }
  run["spec"] = object_field(given, "spec");
  Json& env = run["spec"]["trainer"]["env"];
  if (!env.is_array()) env = Json::array();
  Json parameters = Json::array();
  for (const Json& parameter : array_field(spec, "parameters")) {
    const std::string name = text_field(parameter, "name");
    parameters.push_back({{"name", name}, {"reference", name}});
    env.push_back(
        {{"name", variable_of(name)}, {"value", fmt::format("${{trialParameters.{}}}", name)}});
  }
  return {{"primaryContainerName", "node"},
          {"trialParameters", std::move(parameters)},
          {"trialSpec", std::move(run)}};
}

/// "ExperimentMaxTrialsReached" -> "MaxTrialsReached"
std::string own_reason(std::string reason) {
  constexpr std::string_view kPrefix = "Experiment";
  if (reason.starts_with(kPrefix) && reason.size() > kPrefix.size())
    reason.erase(0, kPrefix.size());
  return reason;
}

void set(Json& status, const char* type, bool holds, std::string reason, std::string message,
         Time now) {
  Json conditions = array_field(status, "conditions");
  if (!resources::set_condition(conditions, {type, holds, std::move(reason), std::move(message)},
                                now))
    return;
  for (Json& condition : conditions) condition.erase("lastUpdateTime");  // not of this kind
  status["conditions"] = std::move(conditions);
}

void put_result(const Json& experiment, Json& status) {
  const Json& best = object_field(object_field(experiment, "status"), "currentOptimalTrial");
  const std::string name = text_field(best, "bestTrialName");
  if (name.empty()) return;
  Json parameters = Json::array();
  for (const Json& one : array_field(best, "parameterAssignments"))
    parameters.push_back({{"name", text_field(one, "name")}, {"value", text_field(one, "value")}});
  status["result"] = {{"trainJobName", name}, {"parameters", std::move(parameters)}};
}

}  // namespace

Json experiment_of(const Json& optimization_job) {
  const Json& spec = object_field(optimization_job, "spec");
  const Json& objectives = array_field(spec, "objectives");
  const Json objective = objectives.empty() ? Json::object() : objectives.front();
  const auto trials = integer_field(spec, "numTrials").value_or(1);
  Json experiment{{"apiVersion", "kubeflow.org/v1beta1"}, {"kind", "Experiment"}};
  Json& metadata = experiment["metadata"];
  metadata["name"] = resources::name_of(optimization_job);
  metadata["namespace"] = resources::namespace_of(optimization_job);
  const auto labels = resources::labels_of(optimization_job);
  if (!labels.empty()) metadata["labels"] = labels;
  metadata["ownerReferences"] = Json::array({resources::controller_reference_to(optimization_job)});
  Json& made = experiment["spec"];
  made["objective"] = {
      {"type", text_field(objective, "direction") == "Maximize" ? "maximize" : "minimize"},
      {"objectiveMetricName", text_field(objective, "metric")}};
  made["algorithm"] = algorithm_of(object_field(spec, "searchAlgorithm"));
  made["parameters"] = Json::array();
  for (const Json& parameter : array_field(spec, "parameters"))
    made["parameters"].push_back(parameter_of(parameter));
  made["maxTrialCount"] = trials;
  made["parallelTrialCount"] = std::min(trials, integer_field(spec, "parallelTrials").value_or(1));
  made["metricsCollectorSpec"] = {{"collector", {{"kind", "Push"}}}};
  made["trialTemplate"] = template_of(spec);
  return experiment;
}

Json optimization_status(const Json& optimization_job, const std::string& problem, bool for_good,
                         Time now) {
  Json status = object_field(optimization_job, "status");
  set(status, "Created", false, "ExperimentCreationFailed", problem, now);
  if (for_good) set(status, "Failed", true, "ExperimentCreationFailed", problem, now);
  return status;
}

Json optimization_status(const Json& optimization_job, const Json& experiment, Time now) {
  Json status = object_field(optimization_job, "status");
  set(status, "Created", true, "ExperimentCreated",
      fmt::format("Experiment {} does the tuning", resources::name_of(experiment)), now);
  put_result(experiment, status);
  for (const char* end : {"Succeeded", "Failed"}) {
    auto ended = resources::find_condition(experiment, end);
    if (!ended || !ended->status) continue;
    const bool failed = std::string_view(end) == "Failed";
    set(status, failed ? "Failed" : "Complete", true, own_reason(std::move(ended->reason)),
        std::move(ended->message), now);
  }
  return status;
}

bool is_finished_optimization(const Json& optimization_job) {
  return resources::has_condition(optimization_job, "Complete") ||
         resources::has_condition(optimization_job, "Failed");
}

}  // namespace mizan::experiment
