// See experiment_json.h.
#include "tests/support/experiment_json.h"

#include "tests/support/manual_clock.h"

namespace mizan::testing {

Json double_parameter(const std::string& name, const std::string& min, const std::string& max,
                      const std::string& step) {
  Json space = {{"min", min}, {"max", max}};
  if (!step.empty()) space["step"] = step;
  return {{"name", name}, {"parameterType", "double"}, {"feasibleSpace", space}};
}

Json int_parameter(const std::string& name, const std::string& min, const std::string& max) {
  return {
      {"name", name}, {"parameterType", "int"}, {"feasibleSpace", {{"min", min}, {"max", max}}}};
}

Json list_parameter(const std::string& name, const std::string& type,
                    const std::vector<std::string>& list) {
  return {{"name", name}, {"parameterType", type}, {"feasibleSpace", {{"list", list}}}};
}

Json experiment_json(const std::string& name, const std::vector<Json>& parameters,
                     const std::string& algorithm, const Json& settings) {
  Json object = {{"apiVersion", "kubeflow.org/v1beta1"},
                 {"kind", "Experiment"},
                 {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", "uid-1"}}},
                 {"spec",
                  {{"objective", {{"type", "minimize"}, {"objectiveMetricName", "loss"}}},
                   {"algorithm", Json::object()},
                   {"parallelTrialCount", 3},
                   {"parameters", parameters},
                   {"trialTemplate", {{"client", Json::object()}}}}}};
  if (!algorithm.empty()) object["spec"]["algorithm"]["algorithmName"] = algorithm;
  if (!settings.empty()) object["spec"]["algorithm"]["algorithmSettings"] = settings;
  return object;
}

Json trial_json(const std::string& experiment, const std::string& name, std::uint64_t draw,
                const Json& assignments) {
  Json list = Json::array();
  for (const auto& [parameter, value] : assignments.items())
    list.push_back({{"name", parameter}, {"value", value}});
  return {{"apiVersion", "kubeflow.org/v1beta1"},
          {"kind", "Trial"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"labels", {{std::string(resources::kExperimentLabel), experiment}}},
            {"annotations",
             {{std::string(resources::kSuggestedFromAnnotation), Json{{"draw", draw}}.dump()}}}}},
          {"spec",
           {{"objective", {{"type", "minimize"}, {"objectiveMetricName", "loss"}}},
            {"parameterAssignments", list}}}};
}

Json ended_trial(Json trial, resources::TrialState state, int second, const std::string& loss) {
  resources::TrialOutcome outcome{state, "", "", {}};
  if (!loss.empty()) outcome.observation.push_back({"loss", loss, loss, loss});
  return resources::with_outcome(std::move(trial), outcome,
                                 ManualClock().now() + std::chrono::seconds(second));
}

}  // namespace mizan::testing
