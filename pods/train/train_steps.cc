// Runtime, then TrainJob, then what one node needs, then the patches.
#include "pods/train/train_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "pods/train/runtime_patch.h"
#include "resources/meta.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::array_field;
using resources::field;
using resources::integer_field;
using resources::object_field;
using resources::text_field;

constexpr std::size_t kLongestName = 63;  // of a Job: its pods carry it in a label
constexpr const char* kTorchPort = "29500";
constexpr const char* kReportingVolume = "kubeflow-trainer-token";

std::string purpose_of(const Json& replicated) {
  return text_field(
      object_field(object_field(object_field(replicated, "template"), "metadata"), "labels"),
      kAncestorLabel);
}

/// The container of that name, or the only one. Null: neither.
Json* container_named(Json& pod_spec, std::string_view name) {
  Json& containers = pod_spec["containers"];
  if (!containers.is_array()) return nullptr;
  for (Json& container : containers) {
    if (text_field(container, "name") == name) return &container;
  }
  return containers.size() == 1 && containers[0].is_object() ? &containers[0] : nullptr;
}

void set_variable(Json& container, const char* name, std::string value) {
  put_named(container, "env", {{"name", name}, {"value", std::move(value)}});
}

void override_trainer(Json& container, const Json& trainer) {
  for (const char* key : {"image", "command", "args"}) {
    if (const Json* value = field(trainer, key)) container[key] = *value;
  }
  if (const Json* resources = field(trainer, "resourcesPerNode"))
    container["resources"] = *resources;
  for (const Json& variable : array_field(trainer, "env")) put_named(container, "env", variable);
}

void override_initializer(Json& container, const Json& initializer) {
  if (const std::string uri = text_field(initializer, "storageUri"); !uri.empty())
    set_variable(container, "STORAGE_URI", uri);
  for (const Json& variable : array_field(initializer, "env"))
    put_named(container, "env", variable);
  const std::string secret = text_field(object_field(initializer, "secretRef"), "name");
  if (secret.empty()) return;
  Json& sources = container["envFrom"];
  if (!sources.is_array()) sources = Json::array();
  sources.push_back({{"secretRef", {{"name", secret}}}});
}

/// "auto" on a node without GPUs: as many processes as CPUs are asked for, at least one.
std::string processes_per_node(const Json& container, const Json& torch, const Json& trainer) {
  for (const Json* wanted : {field(trainer, "numProcPerNode"), field(torch, "numProcPerNode")}) {
    if (wanted == nullptr || *wanted == "auto" || *wanted == "cpu") continue;
    return wanted->is_string() ? wanted->get<std::string>() : wanted->dump();
  }
  const Json& amounts = object_field(container, "resources");
  for (const char* kind : {"requests", "limits"}) {
    const Json* cpu = field(object_field(amounts, kind), "cpu");
    if (cpu == nullptr) continue;
    if (const auto amount = resources::Quantity::from_json(*cpu))
      return std::to_string(std::max<std::int64_t>(1, amount->units()));
  }
  return "1";
}

/// What torchrun reads its arguments from. Standalone: trainings that run beside each other on this
/// machine each take a free port.
void add_torch(Json& container, const Json& torch, const Json& trainer) {
  set_variable(container, "PET_NNODES", "1");
  set_variable(container, "PET_NPROC_PER_NODE", processes_per_node(container, torch, trainer));
  set_variable(container, "PET_NODE_RANK", "0");
  set_variable(container, "PET_MASTER_ADDR", "127.0.0.1");
  set_variable(container, "PET_MASTER_PORT", kTorchPort);
  set_variable(container, "PET_STANDALONE", "1");
}

void add_reporting(Json& pod_spec, const TrainReporting& reporting) {
  if (reporting.url.empty()) return;
  put_named(pod_spec, "volumes",
            {{"name", kReportingVolume}, {"secret", {{"secretName", reporting.secret}}}});
  for (Json& container : pod_spec["containers"]) {
    set_variable(container, "KUBEFLOW_TRAINER_SERVER_URL", reporting.url);
    set_variable(container, "KUBEFLOW_TRAINER_SERVER_CA_CERT",
                 fmt::format("{}/ca.crt", kReportingMount));
    set_variable(container, "KUBEFLOW_TRAINER_SERVER_TOKEN",
                 fmt::format("{}/token", kReportingMount));
    put_named(container, "volumeMounts",
              {{"name", kReportingVolume}, {"mountPath", kReportingMount}, {"readOnly", true}});
  }
}

/// Nodes, and the field that says so.
std::pair<std::int64_t, std::string> nodes_of(const Json& train_job, const Json& runtime) {
  if (const auto nodes =
          integer_field(object_field(object_field(train_job, "spec"), "trainer"), "numNodes"))
    return {*nodes, "spec.trainer.numNodes"};
  if (const auto nodes =
          integer_field(object_field(object_field(runtime, "spec"), "mlPolicy"), "numNodes"))
    return {*nodes, "spec.mlPolicy.numNodes of its runtime"};
  return {1, ""};
}

class Builder {
 public:
  Builder(const Json& train_job, const Json& runtime, const TrainReporting& reporting)
      : train_job_(train_job),
        spec_(object_field(train_job, "spec")),
        runtime_(object_field(runtime, "spec")),
        reporting_(reporting) {}

  Result<std::vector<TrainStep>> build() {
    const auto& jobs =
        array_field(object_field(object_field(runtime_, "template"), "spec"), "replicatedJobs");
    const bool trains = std::ranges::any_of(
        jobs, [](const Json& replicated) { return purpose_of(replicated) == "trainer"; });
    if (!trains)
      return fail(Code::kInvalid,
                  fmt::format("its runtime has no Job that trains: none of "
                              "spec.template.spec.replicatedJobs is labelled {}: trainer",
                              kAncestorLabel));
    std::vector<TrainStep> steps;
    for (const Json& replicated : jobs) {
      TRY(TrainStep step, build_step(replicated));
      steps.push_back(std::move(step));
    }
    for (const Json& patch : array_field(spec_, "runtimePatches")) {
      for (TrainStep& step : steps) patch_step(step.name, patch, step.job);
    }
    return steps;
  }

 private:
  Result<TrainStep> build_step(const Json& replicated) const {
    TrainStep step;
    step.name = text_field(replicated, "name");
    for (const Json& dependency : array_field(replicated, "dependsOn")) {
      step.after.push_back(
          {text_field(dependency, "name"), text_field(dependency, "status") != "Ready"});
    }
    const std::string name = fmt::format("{}-{}-0", resources::name_of(train_job_), step.name);
    if (name.size() > kLongestName)
      return fail(Code::kInvalid,
                  fmt::format("its Job {} would have a name of {} characters, and {} are allowed: "
                              "give the TrainJob a shorter metadata.name",
                              name, name.size(), kLongestName));
    step.job = object_field(replicated, "template");
    step.job["apiVersion"] = "batch/v1";
    step.job["kind"] = "Job";
    Json& metadata = object_at(step.job, "metadata");
    metadata["name"] = name;
    metadata["namespace"] = resources::namespace_of(train_job_);
    metadata["ownerReferences"] = Json::array({resources::controller_reference_to(train_job_)});
    add_labels(step.name, metadata);
    Json& job_spec = object_at(step.job, "spec");
    if (!job_spec.contains("backoffLimit")) job_spec["backoffLimit"] = 0;
    job_spec["completions"] = 1;
    job_spec["parallelism"] = 1;
    job_spec["suspend"] = resources::flag_field(spec_, "suspend");
    Json& pod = object_at(job_spec, "template");
    add_labels(step.name, object_at(pod, "metadata"));
    object_at(pod["metadata"], "labels")["batch.kubernetes.io/job-completion-index"] = "0";
    Json& pod_spec = object_at(pod, "spec");
    if (text_field(pod_spec, "restartPolicy").empty()) pod_spec["restartPolicy"] = "Never";
    fill(purpose_of(replicated), pod_spec, job_spec);
    return step;
  }

  void add_labels(const std::string& step, Json& metadata) const {
    Json& labels = object_at(metadata, "labels");
    labels["jobset.sigs.k8s.io/jobset-name"] = resources::name_of(train_job_);
    labels["jobset.sigs.k8s.io/replicatedjob-name"] = step;
    labels["jobset.sigs.k8s.io/job-index"] = "0";
  }

  void fill(const std::string& purpose, Json& pod_spec, Json& job_spec) const {
    const Json& initializer = object_field(spec_, "initializer");
    const Json& trainer = object_field(spec_, "trainer");
    if (purpose == "dataset-initializer" || purpose == "model-initializer") {
      const bool dataset = purpose == "dataset-initializer";
      if (Json* container = container_named(pod_spec, purpose))
        override_initializer(*container, object_field(initializer, dataset ? "dataset" : "model"));
    }
    if (purpose != "trainer") return;
    if (const auto deadline = integer_field(spec_, "activeDeadlineSeconds"))
      job_spec["activeDeadlineSeconds"] =
          std::min(*deadline, integer_field(job_spec, "activeDeadlineSeconds").value_or(*deadline));
    if (Json* container = container_named(pod_spec, "node")) {
      override_trainer(*container, trainer);
      const Json& policy = object_field(runtime_, "mlPolicy");
      if (policy.contains("torch")) add_torch(*container, object_field(policy, "torch"), trainer);
    }
    add_reporting(pod_spec, reporting_);
  }

  const Json& train_job_;
  const Json& spec_;
  const Json& runtime_;
  const TrainReporting& reporting_;
};

}  // namespace

Result<std::vector<TrainStep>> train_steps(const Json& train_job, const Json& runtime,
                                           const TrainReporting& reporting) {
  const auto [nodes, said_by] = nodes_of(train_job, runtime);
  if (nodes != 1)
    return fail(Code::kInvalid,
                fmt::format("it wants {} nodes ({}), and this server is one node: set "
                            "spec.trainer.numNodes to 1, or run it on a Kubernetes cluster",
                            nodes, said_by));
  return Builder(train_job, runtime, reporting).build();
}

}  // namespace mizan::pods
