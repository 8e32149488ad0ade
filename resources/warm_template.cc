// A walk over the template that knows where a trial's values may stand.
#include "resources/warm_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "resources/defaults.h"
#include "resources/field_error.h"
#include "resources/reading.h"
#include "resources/warm_lease.h"

namespace mizan::resources {
namespace {

constexpr std::string_view kPlaceholder = "${trialParameters.";

class TemplateCheck {
 public:
  TemplateCheck(const std::string& primary, const std::string& reuse)
      : primary_(primary), reuse_(reuse) {}

  std::vector<FieldError> run(const Json& run, const std::string& path) {
    const std::string kind = text_field(run, "kind");
    const bool is_job = kind == "Job" && text_field(run, "apiVersion") == "batch/v1";
    const bool is_pod = kind == "Pod" && text_field(run, "apiVersion") == "v1";
    if (!is_job && !is_pod) {
      refuse(path + ".kind", "only a batch/v1 Job or a Pod can stay warm");
      return std::move(errors_);
    }
    if (is_job) check_job(object_field(run, "spec"), path + ".spec");
    pod_path_ = path + (is_job ? ".spec.template.spec" : ".spec");
    const Json& spec = object_field(run, "spec");
    const Json& pod = is_job ? object_field(object_field(spec, "template"), "spec") : spec;
    if (!array_field(pod, "initContainers").empty())
      refuse(pod_path_ + ".initContainers",
             "init containers run once for a pod, not for each trial");
    only_container_ = array_field(pod, "containers").size() == 1;
    find_placeholders(run, path);
    return std::move(errors_);
  }

 private:
  void refuse(std::string path, std::string_view why) {
    errors_.push_back(
        forbidden(std::move(path),
                  fmt::format("not possible with spec.trialPods.reuse: {}: {}", reuse_, why)));
  }

  void check_job(const Json& spec, const std::string& path) {
    for (const char* count : {"completions", "parallelism"}) {
      if (integer_field(spec, count).value_or(1) <= 1) continue;
      refuse(fmt::format("{}.{}", path, count),
             "a trial must be one process, not several replicas");
    }
    for (const char* policy : {"podFailurePolicy", "successPolicy", "backoffLimitPerIndex"}) {
      if (field(spec, policy) != nullptr)
        refuse(fmt::format("{}.{}", path, policy), "it is about the pods of one Job alone");
    }
    const std::string manager = text_field(spec, "managedBy");
    if (!manager.empty() && manager != kWarmPodsManager)
      refuse(path + ".managedBy", fmt::format("its Jobs are managed by {}", kWarmPodsManager));
  }

  bool is_primary(const Json& container) const {
    return only_container_ || text_field(container, "name") == primary_;
  }

  /// command, args and env of the primary container are given to each trial anew; all else is of
  /// the pod.
  void find_placeholders(const Json& value, const std::string& path) {
    if (value.is_string()) {
      if (value.get_ref<const std::string&>().find(kPlaceholder) != std::string::npos)
        refuse(path,
               "a warm pod is made before its trials are: placeholders may stand in command, "
               "args and env of the primary container alone");
      return;
    }
    if (value.is_array()) {
      const bool containers = path == pod_path_ + ".containers";
      for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string at = fmt::format("{}[{}]", path, i);
        if (containers && is_primary(value[i])) {
          find_in_primary(value[i], at);
        } else {
          find_placeholders(value[i], at);
        }
      }
      return;
    }
    if (!value.is_object()) return;
    for (const auto& [key, member] : value.items()) {
      if (key.find(kPlaceholder) != std::string::npos) refuse(path, "a key can't be a placeholder");
      find_placeholders(member, path + "." + key);
    }
  }

  void find_in_primary(const Json& container, const std::string& path) {
    if (texts_field(container, "command").empty())
      errors_.push_back(required(path + ".command", "a warm pod runs it for each trial"));
    for (const auto& [key, member] : container.items()) {
      if (key == "command" || key == "args") continue;
      if (key != "env") {
        find_placeholders(member, path + "." + key);
        continue;
      }
      for (std::size_t i = 0; i < member.size(); ++i) {
        Json other = member[i];
        if (other.is_object()) other.erase("value");
        find_placeholders(other, fmt::format("{}.env[{}]", path, i));
      }
    }
  }

  const std::string& primary_;
  const std::string& reuse_;
  std::string pod_path_;
  bool only_container_ = false;
  std::vector<FieldError> errors_;
};

}  // namespace

std::vector<FieldError> check_warm_template(const Json& run, const std::string& path,
                                            const std::string& primary, const std::string& reuse) {
  return TemplateCheck(primary, reuse).run(run, path);
}

JobConditions usual_conditions(const std::string& kind) {
  Json probe{{"spec", {{"trialTemplate", {{"trialSpec", {{"kind", kind}}}}}}}};
  default_experiment(probe);
  const Json& made = object_field(object_field(probe, "spec"), "trialTemplate");
  return {text_field(made, "successCondition"), text_field(made, "failureCondition")};
}

bool is_warm_job(const Json& job) {
  return text_field(object_field(job, "spec"), "managedBy") == kWarmPodsManager;
}

Result<> make_warm(Json& trial, const std::string& reuse) {
  Json& spec = trial["spec"];
  Json& run = spec["runSpec"];
  auto errors = check_warm_template(run, "spec.trialTemplate.trialSpec",
                                    text_field(spec, "primaryContainerName"), reuse);
  if (!errors.empty()) {
    std::string message = join(errors);
    return fail(Code::kInvalid, std::move(message), std::move(errors));
  }
  if (text_field(run, "kind") == "Pod") {
    Json job{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", Json::object()}};
    if (run.contains("metadata")) job["metadata"] = run["metadata"];
    job["spec"] = {{"backoffLimit", 0}, {"template", {{"spec", object_field(run, "spec")}}}};
    const Json& metadata = object_field(run, "metadata");
    for (const char* map : {"labels", "annotations"}) {
      if (metadata.contains(map)) job["spec"]["template"]["metadata"][map] = metadata[map];
    }
    job["spec"]["template"]["spec"]["restartPolicy"] = "Never";
    run = std::move(job);
  }
  run["spec"]["managedBy"] = kWarmPodsManager;
  const JobConditions conditions = usual_conditions("Job");
  spec["successCondition"] = conditions.success;
  spec["failureCondition"] = conditions.failure;
  return {};
}

}  // namespace mizan::resources
