// The object that a trial template makes: its kind, its fields, and for Jobs and Pods its
// containers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "resources/field_error.h"
#include "resources/pod_amounts.h"
#include "resources/reading.h"
#include "resources/schema.h"
#include "resources/validate_parts.h"

namespace mizan::resources {
namespace {

/// The value at "spec.containers[0].name", or nullptr.
const Json* value_at(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty() && at != nullptr) {
    if (path.front() == '[') {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
      if (error != std::errc{} || !at->is_array() || index >= at->size()) return nullptr;
      at = &(*at)[index];
      path.remove_prefix(std::min(path.size(), static_cast<std::size_t>(end - path.data()) + 1));
    } else {
      const auto step = path.substr(0, path.find_first_of(".["));
      at = field(*at, step);
      path.remove_prefix(step.size());
    }
    if (path.starts_with('.')) path.remove_prefix(1);
  }
  return at;
}

/// A string with a placeholder is not yet the value; one that is nothing but a placeholder can
/// become a number.
bool is_yet_to_come(const Json* value, FieldReason reason) {
  constexpr std::string_view kPlaceholder = "${trialParameters.";
  if (value == nullptr || !value->is_string()) return false;
  const auto& text = value->get_ref<const std::string&>();
  if (reason != FieldReason::kTypeInvalid) return text.find(kPlaceholder) != std::string::npos;
  return text.starts_with(kPlaceholder) && text.find('}') == text.size() - 1;
}

void check_identity(const Json& run, const std::string& path, Verdict& verdict) {
  for (const std::string_view key : {"apiVersion", "kind"}) {
    if (text_field(run, key).empty()) {
      verdict.errors.push_back(
          required(fmt::format("{}.{}", path, key),
                   "APIVersion and Kind in spec.trialTemplate must be specified"));
    }
  }
  for (const std::string_view key : {"name", "namespace"}) {
    const Json& metadata = object_field(run, "metadata");
    if (!text_field(metadata, key).empty()) {
      verdict.errors.push_back(
          forbidden(fmt::format("{}.metadata.{}", path, key),
                    "metadata.name and metadata.namespace in spec.trialTemplate must be omitted: "
                    "they become the trial's"));
    }
  }
}

/// Types and rules of the kind's schema, placeholders aside. Unknown fields are dropped when the
/// object is created, so they are worth a warning.
void check_schema(const Json& run, const std::string& path, const ResourceDefinition& definition,
                  Verdict& verdict) {
  if (!definition.schema) return;
  Json copy = run;
  for (const std::string& unknown : prune(copy, *definition.schema)) {
    verdict.warnings.push_back(fmt::format("unknown field \"{}.{}\"", path, unknown));
  }
  for (FieldError error : validate(copy, *definition.schema)) {
    if (is_yet_to_come(value_at(copy, error.path), error.reason)) continue;
    error.path = path + "." + error.path;
    verdict.errors.push_back(std::move(error));
  }
}

std::vector<std::string> container_names(const Json& pod_spec) {
  std::vector<std::string> names;
  for (const std::string_view key : {"containers", "initContainers"}) {
    for (const Json& container : array_field(pod_spec, key))
      names.push_back(text_field(container, "name"));
  }
  return names;
}

void check_pod(const Json& pod_spec, const std::string& path, const Json& trial_template,
               Verdict& verdict) {
  for (FieldError& error : check_pod_amounts(pod_spec, path))
    verdict.errors.push_back(std::move(error));
  const std::vector<std::string> names = container_names(pod_spec);
  const std::string primary = text_field(trial_template, "primaryContainerName");
  if (!primary.empty() && !names.empty() && std::ranges::find(names, primary) == names.end()) {
    verdict.errors.push_back(invalid(
        "spec.trialTemplate.primaryContainerName", primary,
        fmt::format("no such container in {}.containers, which has {}", path, listed(names))));
  }
}

void check_host_paths(const Json& pod_spec, const std::string& path, Verdict& verdict) {
  const Json& volumes = array_field(pod_spec, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    if (field(volumes[i], "hostPath") != nullptr)
      verdict.errors.push_back(
          forbidden(fmt::format("{}.volumes[{}].hostPath", path, i),
                    "this server lets no trial mount a directory of the host; it would when "
                    "started with --allow-host-path"));
  }
}

void check_job(const Json& run, const std::string& path, Verdict& verdict) {
  const std::string policy_path = path + ".spec.template.spec.restartPolicy";
  const Json* pod_spec = value_at(run, "spec.template.spec");
  if (pod_spec == nullptr) return;
  const std::string policy = text_field(*pod_spec, "restartPolicy");
  if (policy == "Always") {
    static const std::vector<std::string> kPolicies = {"OnFailure", "Never"};
    verdict.errors.push_back(not_supported(policy_path, policy, kPolicies));
  } else if (policy.empty()) {
    warn(verdict, policy_path,
         "is not given; it counts as Never here, but Kubernetes refuses such a Job");
  }
}

/// A cluster may have them; the embedded one refuses such a TrainJob when it is to run.
void check_nodes(const Json& train_job, const std::string& path, Verdict& verdict) {
  const Json* trainer = value_at(train_job, "spec.trainer");
  const auto nodes = trainer == nullptr ? std::nullopt : integer_field(*trainer, "numNodes");
  if (nodes && *nodes > 1)
    warn(verdict, path + ".spec.trainer.numNodes",
         fmt::format("{} nodes are wanted, and this server is one node: its trials will fail "
                     "here; on a Kubernetes cluster they run",
                     *nodes));
}

}  // namespace

void validate_run_object(const Json& run, const std::string& path, const Json& trial_template,
                         const ValidationContext& context, Verdict& verdict) {
  check_identity(run, path, verdict);
  const std::string api_version = text_field(run, "apiVersion");
  const std::string kind = text_field(run, "kind");
  if (api_version.empty() || kind.empty()) return;
  if (context.can_run && !context.can_run(api_version, kind)) {
    verdict.errors.push_back(invalid(
        path + ".kind", kind,
        fmt::format("this server can't run a {} of {}: a trial is a Job of batch/v1, a Pod of "
                    "v1, or of a kind whose CustomResourceDefinition was applied and whose "
                    "controller runs",
                    kind, api_version)));
    return;
  }
  const ResourceDefinition* definition =
      context.definition ? context.definition(api_version, kind) : nullptr;
  if (definition != nullptr) check_schema(run, path, *definition, verdict);
  if (kind == "TrainJob") check_nodes(run, path, verdict);
  const bool is_job = api_version == "batch/v1" && kind == "Job";
  const bool is_pod = api_version == "v1" && kind == "Pod";
  if (is_job) check_job(run, path, verdict);
  const std::string_view pod_path = is_job ? "spec.template.spec" : "spec";
  const Json* pod_spec = is_job || is_pod ? value_at(run, pod_path) : nullptr;
  if (pod_spec == nullptr) return;
  check_pod(*pod_spec, fmt::format("{}.{}", path, pod_path), trial_template, verdict);
  if (context.host_paths == false)
    check_host_paths(*pod_spec, fmt::format("{}.{}", path, pod_path), verdict);
}

}  // namespace mizan::resources
