// Admission, start and follow-up of pods.
#include "pods/node/pod_keeper.h"

#include <fmt/format.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <utility>

#include "core/executors.h"
#include "core/log.h"
#include "pods/node/pod_local.h"
#include "pods/node/pod_resources.h"
#include "pods/node/pod_status.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
using controller::Request;
using controller::RequeueAfter;

PodKeeper::PodKeeper(World world, const NodeConfig& config, std::string node_name, NodeFacts facts)
    : world_(std::move(world)),
      config_(config),
      node_name_(std::move(node_name)),
      facts_(std::move(facts)),
      ledger_(facts_.allocatable),
      self_(std::make_shared<PodKeeper*>(this)) {}

PodKeeper::~PodKeeper() {
  for (const auto& [uid, local] : locals_) {
    local->watch.reset();
    local->pidfd.reset();
  }
}

void PodKeeper::pod_changed(const controller::Informer<Json>::Event& event) {
  const Json& pod = event.after ? *event.after : *event.before;
  const Request key = key_of(pod);
  const bool replaced = event.before && event.after &&
                        resources::uid_of(*event.before) != resources::uid_of(*event.after);
  if (event.before && (!event.after || replaced))
    departed_[key].push_back(resources::uid_of(*event.before));
  if (enqueue_) enqueue_(key);
}

PodKeeper::LocalPtr PodKeeper::find(const std::string& uid) const {
  const auto found = locals_.find(uid);
  return found == locals_.end() ? nullptr : found->second;
}

PodKeeper::LocalPtr PodKeeper::add(const Json& pod) {
  const std::string uid = resources::uid_of(pod);
  const auto local =
      std::make_shared<Local>(key_of(pod), uid, pod_folder_path(facts_.data_dir, uid));
  local->started = parse_rfc3339(string_at(pod, "status.startTime")).value_or(world_.clock.now());
  locals_[uid] = local;
  by_key_[local->key].insert(uid);
  return local;
}

/// The pod takes nothing of the node any longer.
void PodKeeper::forget(const LocalPtr& local) {
  ledger_.release(local->uid);
  locals_.erase(local->uid);
  if (const auto uids = by_key_.find(local->key); uids != by_key_.end()) {
    uids->second.erase(local->uid);
    if (uids->second.empty()) by_key_.erase(uids);
  }
  wake_waiting();
}

void PodKeeper::wake_waiting() {
  for (const Request& pod : ledger_.ready()) {
    if (const auto uids = by_key_.find(pod); uids != by_key_.end()) {
      for (const std::string& uid : uids->second) find(uid)->room_made = true;
    }
    enqueue_(pod);
  }
}

std::size_t PodKeeper::running() const {
  std::size_t count = 0;
  for (const auto& [uid, local] : locals_) count += local->runs() ? 1 : 0;
  return count;
}

Task<PodKeeper::Outcome> PodKeeper::reconcile(Request request) {
  const PodPtr pod = world_.pods.get(request.ns, request.name);
  const std::string uid = pod ? resources::uid_of(*pod) : "";
  if (const auto uids = by_key_.find(request); uids != by_key_.end()) {
    const std::set<std::string> there = uids->second;
    for (const std::string& each : there) {
      if (each != uid) (void)co_await discard(find(each));
    }
  }
  if (const auto gone = departed_.find(request); gone != departed_.end()) {
    const std::vector<std::string> uids = std::move(gone->second);
    departed_.erase(gone);
    for (const std::string& each : uids) {
      if (each != uid && !find(each)) co_await clear_away(each);
    }
  }
  if (!pod) {
    ledger_.stop_waiting(request);
    co_return RequeueAfter{};
  }
  const std::string on = string_at(*pod, "spec.nodeName");
  if (!on.empty() && on != node_name_) co_return RequeueAfter{};
  const LocalPtr local = find(uid);
  if (resources::is_being_deleted(*pod)) co_return co_await end_deleted(pod, local);
  if (is_finished(*pod)) {
    ledger_.stop_waiting(request);
    co_return RequeueAfter{};
  }
  if (!local) co_return co_await admit(pod);
  co_return co_await follow(pod, local);
}

Task<PodKeeper::Outcome> PodKeeper::admit(PodPtr pod) {
  const Request key = key_of(*pod);
  if (string_at(*pod, "status.phase") == "Running") {  // recover() would have found its folder
    const StatusFacts facts{world_.clock.now(), world_.clock.now()};
    auto lost = co_await write_status(
        pod, lost_status(*pod, facts, "FolderLost", "What the node knew about the pod is gone"));
    if (!lost) co_return fail(lost.error());
    co_return RequeueAfter{};
  }
  const std::vector<std::string> without = containers_without_command(*pod);
  if (!without.empty()) {
    PlanRefusal refusal{
        false, "NoCommandOnHost",
        fmt::format(
            "container {} has no command; images are not pulled here, so say in `command` what "
            "to run on this host",
            without.front()),
        "NoCommandOnHost"};
    co_return co_await refuse(pod, nullptr, std::move(refusal));
  }
  const Amounts requests = pod_requests(*pod);
  if (const std::string message = ledger_.take(resources::uid_of(*pod), requests);
      !message.empty()) {
    ledger_.wait(key, string_at(*pod, "metadata.creationTimestamp"), requests);
    const auto before = condition_message(*pod, "PodScheduled");
    if (before == message) co_return RequeueAfter{};
    world_.recorder.record(*pod, controller::EventType::kWarning, "FailedScheduling", message);
    const StatusFacts facts{world_.clock.now(), world_.clock.now()};
    auto written = co_await write_status(pod, unschedulable_status(*pod, facts, message));
    if (!written) co_return fail(written.error());
    co_return RequeueAfter{};
  }
  ledger_.stop_waiting(key);
  const LocalPtr local = add(*pod);
  local->resize = ResizeState(wanted_size(*pod));
  local->considered = resources::generation_of(*pod);
  co_return co_await start(pod, local);
}

Task<Result<PodSources>> PodKeeper::fetch_sources(PodPtr pod) {
  PodSources sources;
  const SourceNames names = sources_of(*pod);
  const std::string ns = resources::namespace_of(*pod);
  for (const bool secret : {false, true}) {
    for (const std::string& name : secret ? names.secrets : names.config_maps) {
      store::Key key({"", secret ? "secrets" : "configmaps"}, ns, name);
      auto got = co_await world_.store.get(std::move(key));
      if (!got && got.error().code != Code::kNotFound) co_return fail(got.error());
      (secret ? sources.secrets : sources.config_maps)[name] = got ? **got : Json();
    }
  }
  co_return sources;
}

Task<PodKeeper::Outcome> PodKeeper::start(PodPtr pod, LocalPtr local) {
  if (facts_.isolation == Isolation::kNone && !config_.allow_unisolated) {
    PlanRefusal refusal{true, "IsolationUnavailable",
                        "this host has neither mount namespaces nor Landlock, so the pod could "
                        "read the server's data "
                        "directory",
                        ""};
    co_return co_await refuse(pod, local, std::move(refusal));
  }
  CO_TRY(const PodSources sources, co_await fetch_sources(pod));
  // What it was granted when it was let in: a resize in between is one of a running pod.
  const auto granted = std::make_shared<const Json>(with_size(*pod, local->resize.allocated()));
  auto plan = plan_pod(*granted, sources, facts_, local->started);
  if (!plan) co_return co_await refuse(pod, local, plan.error());
  note_image(*pod);

  // The order matters for kill -9: the plan is on disk before anyone can claim, and the claim
  // decides who runs it.
  const auto shared = std::make_shared<const PodPlan>(*std::move(plan));
  auto prepare = [shared, granted, cgroups = world_.cgroups] {
    return prepare_pod(*shared, *granted, cgroups);
  };
  auto prepared = co_await run_on(world_.files, std::move(prepare));
  if (!prepared && prepared.error().code != Code::kAlreadyExists) co_return fail(prepared.error());
  co_return co_await launch(local);
}

Task<PodKeeper::Outcome> PodKeeper::launch(LocalPtr local) {
  watch_folder(local);
  auto launched = co_await world_.launcher.launch(local->folder);
  if (!launched) co_return fail(launched.error());
  local->pid = launched->pid;
  local->launched = std::chrono::steady_clock::now();
  local->stage = Local::Stage::kRunning;
  watch_exit(local, std::move(launched->pidfd));
  co_return RequeueAfter{};
}

Task<PodKeeper::Outcome> PodKeeper::refuse(PodPtr pod, LocalPtr local, PlanRefusal refusal) {
  const StatusFacts facts{world_.clock.now(), local ? local->started : world_.clock.now()};
  if (local) forget(local);
  if (refusal.fatal) {
    world_.recorder.record(*pod, controller::EventType::kWarning, refusal.reason, refusal.message);
    auto written =
        co_await write_status(pod, lost_status(*pod, facts, refusal.reason, refusal.message));
    if (!written) co_return fail(written.error());
    co_return RequeueAfter{};
  }
  const RequeueAfter again =
      refusal.reason == "NoCommandOnHost" ? RequeueAfter{} : RequeueAfter{config_.retry_config};
  if (waiting_message(*pod) == refusal.message) co_return again;
  world_.recorder.record(*pod, controller::EventType::kWarning, refusal.event, refusal.message);
  auto written =
      co_await write_status(pod, waiting_status(*pod, facts, refusal.reason, refusal.message));
  if (!written) co_return fail(written.error());
  co_return again;
}

Task<PodKeeper::Outcome> PodKeeper::follow(PodPtr pod, LocalPtr local) {
  if (local->stage == Local::Stage::kStarting) co_return co_await start(pod, local);
  if (local->exited) {
    auto inspect = [folder = local->folder] { return inspect_folder(folder); };
    FolderState state = co_await run_on(world_.files, std::move(inspect));
    co_return co_await conclude(pod, local, std::move(state));
  }
  co_return co_await follow_running(pod, local);
}

Task<PodKeeper::Outcome> PodKeeper::follow_running(PodPtr pod, LocalPtr local) {
  // A pod that ends at once is written once: as ended.
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - local->launched);
  if (!local->running_written && age < config_.running_delay)
    co_return RequeueAfter{config_.running_delay - age + std::chrono::milliseconds(1)};
  const bool resizes = wants_resize(*pod, *local);
  if (!local->changed && !resizes) co_return resize_due(*local);
  bool news = std::exchange(local->changed, false);
  auto inspect = [folder = local->folder] { return inspect_folder(folder); };
  const FolderState state = co_await run_on(world_.files, std::move(inspect));
  if (!state.report || state.final || local->exited)
    co_return RequeueAfter{};  // its end comes by the pidfd
  tell_story(*pod, *state.report, false);
  if (resizes) {
    auto resized = co_await resize(pod, local, *state.report);
    if (!resized) local->changed = true;
    if (!resized) co_return fail(resized.error());
    news = news || *resized;
  }
  if (!news) co_return resize_due(*local);
  const StatusFacts facts{world_.clock.now(), local->started};
  auto written =
      co_await write_status(pod, status_from_report(*pod, facts, *state.report, local->resize));
  if (!written) {
    local->changed = true;
    co_return fail(written.error());
  }
  local->running_written = true;
  co_return resize_due(*local);
}

Task<PodKeeper::Outcome> PodKeeper::conclude(PodPtr pod, LocalPtr local, FolderState state) {
  const StatusFacts facts{world_.clock.now(), local->started};
  if (!state.final && state.alive) {
    // Another shim was faster, one that an earlier server asked for: the pod is that one's.
    adopt(local, state);
    co_return local->exited ? RequeueAfter{std::chrono::milliseconds(1)} : RequeueAfter{};
  }
  if (state.claimed && !state.claim && !state.final && !state.other_boot &&
      ++local->unread_claims < 10) {
    // Someone is between making the claim and writing it, or died there.
    co_return RequeueAfter{std::chrono::milliseconds(50)};
  }
  Json status;
  if (state.final) {
    tell_story(*pod, *state.report, true);
    status = status_from_report(*pod, facts, *state.report, local->resize);
  } else if (!state.claimed) {
    local->stage = Local::Stage::kStarting;  // the shim never got so far
    local->exited = false;
    co_return RequeueAfter{std::chrono::milliseconds(100)};
  } else {
    auto kill = [cgroups = world_.cgroups, uid = local->uid] { kill_leftovers(cgroups, uid); };
    co_await run_on(world_.files, std::move(kill));
    const bool reboot = state.other_boot;
    const char* reason = reboot ? "NodeReboot" : "ShimLost";
    const char* message =
        reboot ? "The machine was started anew while the pod ran"
               : "The process that supervised the pod was killed; what it ran was killed with it";
    world_.recorder.record(*pod, controller::EventType::kWarning, reason, message);
    status = lost_status(*pod, facts, reason, message);
  }
  auto written = co_await write_status(pod, std::move(status));
  if (!written) co_return fail(written.error());
  if (world_.cgroups != nullptr) {
    auto remove = [cgroups = world_.cgroups, uid = local->uid] { return cgroups->remove(uid); };
    auto removed = co_await run_on(world_.files, std::move(remove));
    if (!removed)
      log_warn("node", "left a cgroup behind",
               {{"pod", local->uid}, {"error", removed.error().message}});
  }
  forget(local);
  co_return RequeueAfter{};
}

Task<Result<>> PodKeeper::write_status(PodPtr pod, Json status) {
  const bool bound = !string_at(*pod, "spec.nodeName").empty();
  const bool binds =
      !bound && status.contains("startTime");  // a pod that doesn't fit stays without a node
  Json body{{"metadata", {{"uid", resources::uid_of(*pod)}}}, {"status", std::move(status)}};
  if (binds) body["spec"]["nodeName"] = node_name_;
  store::Key key(resources::kPods, resources::namespace_of(*pod), resources::name_of(*pod));
  store::Patch patch(store::PatchType::kMerge, std::move(body));
  auto written =
      co_await world_.store.patch(std::move(key), binds ? "binding" : "status", std::move(patch));
  if (!written && written.error().code == Code::kNotFound) co_return Result<>{};
  if (!written) co_return fail(written.error());
  world_.pods.observe(written->object);
  co_return Result<>{};
}

void PodKeeper::note_image(const Json& pod) {
  for (const Json* container : all_containers(pod)) {
    const std::string image = resources::text_field(*container, "image");
    if (image.empty() || images_.size() > 10'000 || !images_.insert(image).second) continue;
    world_.recorder.record(
        pod, controller::EventType::kNormal, "ImageNotPulled",
        fmt::format("Image \"{}\" is not pulled: its containers' commands run on this host",
                    image));
  }
}

void PodKeeper::tell_story(const Json& pod, const PodReport& report, bool final) {
  using controller::EventType;
  if (final && !report.reason.empty())
    world_.recorder.record(pod, EventType::kWarning, report.reason, report.message);
  for (const ContainerReport& container : report.containers) {
    const bool ended = container.state == ContainerReport::State::kTerminated;
    if (container.state == ContainerReport::State::kWaiting &&
        container.reason == "CrashLoopBackOff")
      world_.recorder.record(pod, EventType::kWarning, "BackOff",
                             "Back-off restarting failed container " + container.name);
    if (!final || !ended) continue;
    if (container.ended.reason == "StartError" ||
        container.ended.reason == "MountNamespaceUnavailable")
      world_.recorder.record(pod, EventType::kWarning, "Failed",
                             "Error: " + container.ended.message);
    if (container.ended.reason == "OOMKilled")
      world_.recorder.record(
          pod, EventType::kWarning, "OOMKilling",
          fmt::format("Container {} passed its memory limit and was killed", container.name));
  }
}

}  // namespace mizan::pods
