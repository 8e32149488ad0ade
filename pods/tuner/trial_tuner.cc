// The tuner between the store and the models: what it knows, and what a new pod gets.
#include "pods/tuner/trial_tuner.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/registry.h"
#include "pods/tuner/elastic_slots.h"
#include "pods/tuner/readable.h"
#include "pods/tuner/watched.h"
#include "resources/condition.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using controller::EventType;
using controller::Request;
using controller::RequeueAfter;
using resources::label_of;
using resources::object_field;
using resources::text_field;

constexpr std::string_view kTrialPrefix = "trial/";
/// So many finished trials before a trial is given up without a try.
constexpr std::size_t kSure = 10;

bool has_ended(const Json& pod) {
  const std::string phase = string_at(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed";
}

bool waits_for_room(const Json& pod) {
  for (const Json& condition : resources::array_field(object_field(pod, "status"), "conditions")) {
    const std::string type = text_field(condition, "type");
    if (type == "PodResizePending") return true;
    if (type == "PodScheduled" && text_field(condition, "status") == "False") return true;
  }
  return false;
}

/// Bytes of the largest attempt that was killed at its limit; and how many were killed.
std::pair<std::int64_t, int> killed_attempts(const ObjectList& pods, const std::string& container) {
  std::int64_t most = 0;
  int killed = 0;
  for (const auto& pod : pods) {
    if (!was_oom_killed(*pod)) continue;
    ++killed;
    most = std::max(most, size_of_container(status_of_container(*pod, container)).memory);
  }
  return {most, killed};
}

const Json& container_in_job(const Json& job, const std::string& name) {
  static const Json none = Json::object();
  const Json& spec = object_field(object_field(object_field(job, "spec"), "template"), "spec");
  const Json& containers = resources::array_field(spec, "containers");
  for (const Json& container : containers) {
    if (text_field(container, "name") == name) return container;
  }
  return containers.empty() ? none : containers.front();
}

bool may_be_elastic(const resources::Experiment& experiment) {
  const std::string& name = experiment.algorithm.name;
  const algorithms::Algorithm* row = algorithms::find_algorithm(name.empty() ? "auto" : name);
  return row != nullptr && row->can.elastic && algorithms::resolve(*row).can.elastic;
}

}  // namespace

bool was_oom_killed(const Json& pod) {
  for (const Json& status :
       resources::array_field(object_field(pod, "status"), "containerStatuses")) {
    if (string_at(status, "state.terminated.reason") == "OOMKilled") return true;
  }
  return false;
}

bool is_replaced(const Json& pod) {
  return resources::annotation(pod, kReplacedAnnotation) == "true";
}

TrialTuner::TrialTuner(World world, Timing timing)
    : world_(std::move(world)), timing_(timing), history_(world_.clock), metrics_(world_.metrics) {}
TrialTuner::~TrialTuner() = default;

void TrialTuner::listen(std::function<void(const Request&)> enqueue) {
  enqueue_ = std::move(enqueue);
  world_.pods.on_change(
      [this](const controller::Informer<Json>::Event& event) { pod_changed(event); });
  world_.trials.on_change([this](const controller::Informer<resources::Trial>::Event& event) {
    const resources::Trial& trial = event.after ? *event.after : *event.before;
    const auto experiment = world_.experiments.get(trial.ns, trial.experiment);
    if (!experiment) return;
    Experience& known = experiences_[trial.ns + "/" + trial.experiment];
    if (event.after) {
      known.put(*experiment, trial);
    } else {
      known.remove(trial.name);
    }
  });
  world_.experiments.on_change(
      [this](const controller::Informer<resources::Experiment>::Event& event) {
        if (event.after) return;
        experiences_.erase(event.before->ns + "/" + event.before->name);
        metrics_.forget(event.before->ns, event.before->name);
      });
}

void TrialTuner::pod_changed(const controller::Informer<Json>::Event& event) {
  history_.pod_changed(event.before.get(), event.after.get());
  const Json& pod = event.after ? *event.after : *event.before;
  const std::string ns = resources::namespace_of(pod), name = resources::name_of(pod);
  // A warm pod goes from trial to trial: its label moves.
  const auto trial_key = [&](const Json& of) {
    const std::string trial = label_of(of, resources::kTrialLabel);
    return trial.empty() ? trial : ns + "/" + trial;
  };
  const std::string before = event.before ? trial_key(*event.before) : "";
  const std::string after = event.after ? trial_key(*event.after) : "";
  if (before != after && !before.empty()) {
    const auto found = pods_of_.find(before);
    if (found != pods_of_.end() && found->second.erase(name) > 0 && found->second.empty())
      pods_of_.erase(found);
  }
  if (!after.empty()) pods_of_[after].insert(name);
  if (!event.after) {
    watched_.erase(resources::uid_of(pod));
    return;
  }
  const auto note = read_note(pod);
  if (!note) return;
  if (const auto known = experiences_.find(ns + "/" + label_of(pod, resources::kExperimentLabel));
      known != experiences_.end()) {
    known->second.requested = note->requested;
    known->second.reserves = note->reserves;
  }
  if (enqueue_) enqueue_({ns, name});
}

TrialTuner::ExperimentPtr TrialTuner::experiment_of(const Json& object) const {
  const std::string name = label_of(object, resources::kExperimentLabel);
  return name.empty() ? nullptr : world_.experiments.get(resources::namespace_of(object), name);
}
TrialTuner::TrialPtr TrialTuner::trial_of(const Json& object) const {
  const std::string name = label_of(object, resources::kTrialLabel);
  return name.empty() ? nullptr : world_.trials.get(resources::namespace_of(object), name);
}

SizingPolicy TrialTuner::policy_of(const resources::Experiment& experiment) const {
  SizingPolicy policy = read_policy(experiment.trial_pods);
  return world_.node ? within_node(policy, world_.node()) : policy;
}

int TrialTuner::oom_retries(const Json& job) const {
  const ExperimentPtr experiment = experiment_of(job);
  if (!experiment) return 0;
  const SizingPolicy policy = read_policy(experiment->trial_pods);
  return policy.sizes_new_pods() && policy.memory ? policy.oom_retries : 0;
}

TrialTuner::Need TrialTuner::need(const resources::Experiment& experiment,
                                  const resources::Trial& trial, const TrialSize& given,
                                  std::int64_t killed_at) const {
  Need need;
  const SizingPolicy policy = policy_of(experiment);
  if (const auto known = experiences_.find(experiment.ns + "/" + experiment.name);
      known != experiences_.end()) {
    const TunerPoint point = point_of(experiment, trial);
    if (policy.memory) need.memory = known->second.memory(point);
    if (policy.cpu) need.cpu = known->second.cpu(point);
  }
  if (policy.cpu && need.cpu) need.size.cpu = bounded_cpu(need.cpu->upper, policy);
  if (!policy.memory) return need;
  const Json* wished = find(trial.raw, "status.resources.wished");
  const std::int64_t at_least = wished == nullptr ? 0 : read_trial_size(*wished).memory;
  const double bytes = killed_at > 0 ? after_oom(static_cast<double>(killed_at), need.memory)
                       : need.memory ? need.memory->upper
                                     : static_cast<double>(given.memory);
  need.size.memory = bounded_memory(std::max(bytes, static_cast<double>(at_least)), policy);

  const std::int64_t most = policy.most.memory;
  if (most <= 0) return need;
  const SizingPolicy asked = read_policy(experiment.trial_pods);
  const std::string bound =
      asked.most.memory == most
          ? fmt::format("trialPods.resize.maxAllowed.memory is {}", readable_bytes(most))
          : fmt::format("no node has more than {}", readable_bytes(most));
  if (killed_at >= need.size.memory) {
    need.impossible =
        fmt::format("It was killed with {} of memory, and {}", readable_bytes(killed_at), bound);
  } else if (need.memory && need.memory->evidence >= kSure &&
             need.memory->lower > static_cast<double>(most)) {
    need.impossible = fmt::format(
        "By {} finished trials it needs {} of memory or more, and {}", need.memory->evidence,
        readable_bytes(static_cast<std::int64_t>(need.memory->lower)), bound);
  }
  return need;
}

bool TrialTuner::admits(const Json& job, const ObjectList& pods) {
  const ExperimentPtr experiment = experiment_of(job);
  const TrialPtr trial = trial_of(job);
  if (!experiment || !trial) return true;
  const SizingPolicy policy = read_policy(experiment->trial_pods);
  if (!policy.sizes_new_pods() || !policy.memory) return true;
  if (resources::has_condition(job, "Complete") || resources::has_condition(job, "Failed"))
    return true;
  // One that runs, or has succeeded, needs no other.
  for (const PodPtr& pod : pods) {
    if (!is_replaced(*pod) && string_at(*pod, "status.phase") != "Failed") return true;
  }
  const auto [killed_at, killed] = killed_attempts(pods, trial->primary_container);
  const TrialSize given = size_of_container(container_in_job(job, trial->primary_container));
  if (need(*experiment, *trial, given, killed_at).impossible.empty()) return true;
  if (enqueue_) enqueue_({trial->ns, std::string(kTrialPrefix) + trial->name});
  return false;
}

void TrialTuner::size(const Json& job, const ObjectList& pods, Json& pod) {
  const ExperimentPtr experiment = experiment_of(job);
  const TrialPtr trial = trial_of(job);
  if (!experiment || !trial) return;
  const SizingPolicy policy = policy_of(*experiment);
  Json* container = container_of(pod, trial->primary_container);
  if (policy.mode == SizingMode::kOff || container == nullptr) return;

  const auto [killed_at, killed] = killed_attempts(pods, trial->primary_container);
  SizedNote note{.trial = trial->name,
                 .attempt = killed + 1,
                 .size = {},
                 .requested = size_of_container(*container),
                 .reserves = requests_of_container(*container),
                 .memory = {},
                 .cpu = {},
                 .boost = {}};
  const Need wanted = need(*experiment, *trial, note.requested, killed_at);
  note.size = wanted.size;
  note.memory = wanted.memory;
  note.cpu = wanted.cpu;
  Json& annotations = pod["metadata"]["annotations"];
  annotations[kSampleAnnotation] = "true";
  if (policy.sizes_new_pods()) {
    Json sized = sized_resources(*container, wanted.size, policy);
    if (policy.boosts()) {
      const Json before{{"resources", sized}};
      if (auto boosted = boosted_resources(sized, policy)) {
        sized = *std::move(boosted);
        note.boost = {.to = size_of_container({{"resources", sized}}).cpu,
                      .from = size_of_container(before).cpu};
      }
    }
    if (!sized.empty()) (*container)["resources"] = std::move(sized);
  }
  annotations[kSizedAnnotation] = note.json().dump();
  if (killed == 0 || !policy.sizes_new_pods() || !policy.memory) return;
  metrics_.count_oom_retry();
  record(
      *trial, EventType::kWarning, "OOMRetry",
      fmt::format("Attempt {} was killed at its limit of {}; attempt {} gets {}", note.attempt - 1,
                  readable_bytes(killed_at), note.attempt, readable_bytes(wanted.size.memory)));
}

std::optional<std::int64_t> TrialTuner::trials_at_once(const resources::Experiment& experiment,
                                                       std::int64_t completed) const {
  const SizingPolicy policy = read_policy(experiment.trial_pods);
  const auto known = experiences_.find(experiment.ns + "/" + experiment.name);
  if (policy.elastic_most == 0 || !policy.sizes_new_pods() || !policy.memory ||
      !experiment.parallel_trial_count || known == experiences_.end() ||
      !may_be_elastic(experiment))
    return std::nullopt;
  const Experience& experience = known->second;
  Fleet fleet{.planned = *experiment.parallel_trial_count,
              .most = policy.elastic_most,
              .completed = completed,
              .static_bytes = experience.reserves.memory,
              .held = {},
              .waits = false};
  if (fleet.static_bytes <= 0) fleet.static_bytes = bounded_memory(0, policy);
  const double of_limit = experience.requested.memory > 0
                              ? static_cast<double>(fleet.static_bytes) /
                                    static_cast<double>(experience.requested.memory)
                              : 1;
  for (const std::string& name : experience.active()) {
    std::int64_t held = 0;
    if (const auto pods = pods_of_.find(experiment.ns + "/" + name); pods != pods_of_.end()) {
      for (const std::string& pod_name : pods->second) {
        const PodPtr pod = world_.pods.get(experiment.ns, pod_name);
        if (!pod || has_ended(*pod)) continue;
        Json copy = *pod;
        const TrialPtr trial = world_.trials.get(experiment.ns, name);
        const Json* container = container_of(copy, trial ? trial->primary_container : "");
        if (container != nullptr) held = requests_of_container(*container).memory;
        fleet.waits = fleet.waits || waits_for_room(*pod);
      }
    }
    const TrialPtr trial = held == 0 ? world_.trials.get(experiment.ns, name) : nullptr;
    if (trial) {
      const std::int64_t size = need(experiment, *trial, experience.requested, 0).size.memory;
      held = static_cast<std::int64_t>(static_cast<double>(size) * of_limit);
    }
    fleet.held.push_back(held);
  }
  return pods::trials_at_once(fleet);
}

/// A trial that no allowed size would do for ends here; its run goes with it.
Task<Result<RequeueAfter>> TrialTuner::end_infeasible(TrialPtr trial) {
  const ExperimentPtr experiment = world_.experiments.get(trial->ns, trial->experiment);
  if (!experiment || resources::is_completed(trial->state)) co_return RequeueAfter{};
  // The Trial controller's first write takes over where the point came from: not before it.
  if (!resources::has_condition(trial->raw, "Created"))
    co_return RequeueAfter{std::chrono::milliseconds(100)};
  std::int64_t killed_at = 0;
  int attempts = 0;
  if (const auto names = pods_of_.find(trial->ns + "/" + trial->name); names != pods_of_.end()) {
    ObjectList pods;
    for (const std::string& name : names->second) {
      if (PodPtr pod = world_.pods.get(trial->ns, name)) pods.push_back(std::move(pod));
    }
    std::tie(killed_at, attempts) = killed_attempts(pods, trial->primary_container);
  }
  const auto known = experiences_.find(trial->ns + "/" + trial->experiment);
  const TrialSize given = known == experiences_.end() ? TrialSize{} : known->second.requested;
  const std::string why = need(*experiment, *trial, given, killed_at).impossible;
  if (why.empty()) co_return RequeueAfter{};
  resources::TrialOutcome outcome;
  outcome.state = resources::TrialState::kInfeasible;
  outcome.reason = "ResourceLimit";
  outcome.message = why;
  const Json ended = resources::with_outcome(trial->raw, outcome, world_.clock.now());
  Json status{{"conditions", ended["status"]["conditions"]},
              {"completionTime", ended["status"]["completionTime"]},
              {"why", why + "."},
              {"resources", {{"attempts", attempts}}}};
  Json body{{"metadata", {{"uid", trial->uid}, {"resourceVersion", trial->resource_version}}},
            {"status", std::move(status)}};
  store::Key key(resources::kTrials, trial->ns, trial->name);
  auto written = co_await world_.store.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(body)));
  if (!written && written.error().code == Code::kNotFound) co_return RequeueAfter{};
  if (!written) co_return fail(written.error());
  world_.trials.observe(written->object);
  record(*trial, EventType::kWarning, "TrialInfeasible", why);
  co_return RequeueAfter{};
}

Task<Result<RequeueAfter>> TrialTuner::reconcile(Request request) {
  if (request.name.starts_with(kTrialPrefix)) {
    const TrialPtr trial = world_.trials.get(request.ns, request.name.substr(kTrialPrefix.size()));
    if (!trial) co_return RequeueAfter{};
    co_return co_await end_infeasible(trial);
  }
  const PodPtr pod = world_.pods.get(request.ns, request.name);
  if (!pod) co_return RequeueAfter{};
  co_return co_await follow(pod);
}

}  // namespace mizan::pods
