// Copies what a user wrote, not what the server made of it.
#include "api/clone_experiment.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::api {
namespace {

/// What belongs to the one object alone.
bool is_of_the_object(std::string_view annotation) {
  return annotation.starts_with("kubectl.kubernetes.io/") ||
         annotation.starts_with("mizan.kubeflow.org/");
}

std::vector<FieldError> faults_of(const Json& wanted) {
  std::vector<FieldError> errors;
  if (resources::text_field(wanted, "name").empty())
    errors.push_back({FieldReason::kRequired, "name", "is required: what the clone is called"});
  const auto history = wanted.find("history");
  if (history != wanted.end() && !history->is_boolean())
    errors.push_back({FieldReason::kTypeInvalid, "history", "must be true or false"});
  const auto spec = wanted.find("spec");
  if (spec != wanted.end() && !spec->is_object())
    errors.push_back({FieldReason::kTypeInvalid, "spec",
                      "must be an object of what is different, as in {\"maxTrialCount\": 50}"});
  for (const auto& [key, value] : wanted.items()) {
    if (key != "name" && key != "history" && key != "spec")
      errors.push_back(
          {FieldReason::kForbidden, key, "is no field here: name, history and spec are"});
  }
  return errors;
}

/// Its results first, then those that it began with itself.
void take_history(const std::string& name, Json& spec) {
  Json sources = Json::array({{{"name", name}, {"sameObjective", true}}});
  Json& warm = spec["warmStart"];
  if (!warm.is_object()) warm = Json::object();
  for (const Json& earlier : resources::array_field(warm, "fromExperiments")) {
    if (resources::text_field(earlier, "name") != name) sources.push_back(earlier);
  }
  warm["fromExperiments"] = std::move(sources);
  if (!spec.contains("initialTrials") || !spec["initialTrials"].is_array()) return;
  auto& points = spec["initialTrials"].get_ref<Json::array_t&>();
  std::erase_if(
      points, [](const Json& point) { return resources::object_field(point, "metrics").empty(); });
  if (points.empty()) spec.erase("initialTrials");
}

}  // namespace

Result<Json> clone_experiment(const Json& experiment, const Json& wanted) {
  if (!wanted.is_object())
    return fail(Code::kBadRequest, "the body must be a JSON object, as in {\"name\": \"again\"}");
  if (auto errors = faults_of(wanted); !errors.empty())
    return fail(Code::kInvalid, "this can't be cloned so", std::move(errors));
  Json clone{{"apiVersion", experiment.value("apiVersion", Json("kubeflow.org/v1beta1"))},
             {"kind", "Experiment"}};
  Json& metadata = clone["metadata"];
  metadata["name"] = wanted["name"];
  metadata["namespace"] = resources::namespace_of(experiment);
  if (const auto labels = resources::labels_of(experiment); !labels.empty())
    metadata["labels"] = labels;
  for (const auto& [key, value] : resources::annotations_of(experiment)) {
    if (!is_of_the_object(key)) metadata["annotations"][key] = value;
  }
  Json& spec = clone["spec"];
  spec = resources::object_field(experiment, "spec");
  spec.erase("suspend");
  if (wanted.value("history", true)) take_history(resources::name_of(experiment), spec);
  if (wanted.contains("spec")) spec.merge_patch(wanted["spec"]);
  return clone;
}

}  // namespace mizan::api
