// Pods that run: looked at, resized, and at their end told of.
#include <fmt/format.h>

#include <algorithm>

#include "pods/tuner/readable.h"
#include "pods/tuner/watched.h"
#include "resources/condition.h"
#include "resources/meta.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using controller::EventType;
using controller::RequeueAfter;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMostCpuLimits = 50;
/// startedAt has whole seconds: a pod no older than this has just begun.
constexpr milliseconds kFresh{1500};
constexpr milliseconds kSampleCpuEvery{500};

milliseconds age_of(const Json& status, Time now) {
  const auto started = start_of(status);
  return started
             ? std::max(std::chrono::duration_cast<milliseconds>(now - *started), milliseconds(0))
             : milliseconds(0);
}

bool is_told_of(const resources::Trial& trial, const Json& pod) {
  const Json* runs = find(trial.raw, "status.resources.runs");
  return runs != nullptr && runs->is_object() && runs->contains(resources::name_of(pod));
}

}  // namespace

void TrialTuner::Watched::account(SteadyTime now, const TrialSize& requests) {
  const double seconds = std::chrono::duration<double>(now - accounted).count();
  accounted = now;
  held += {.memory_gib_seconds = static_cast<double>(requests.memory) / (1 << 30) * seconds,
           .cpu_core_seconds = static_cast<double>(requests.cpu) / 1000 * seconds};
}

bool TrialTuner::Watched::note_cpu_limit(std::int64_t milli, Time now) {
  if (milli == cpu_limit) return false;
  cpu_limit = milli;
  cpu_limits.push_back({{"time", format_rfc3339_micro(now)}});
  if (milli > 0) cpu_limits.back().update(to_json(TrialSize{.memory = 0, .cpu = milli}));
  if (cpu_limits.size() > kMostCpuLimits) cpu_limits.erase(cpu_limits.begin());
  return true;
}

Task<Result<RequeueAfter>> TrialTuner::follow(PodPtr pod) {
  const std::optional<SizedNote> note = read_note(*pod);
  if (!note) co_return RequeueAfter{};
  const std::string uid = resources::uid_of(*pod), phase = string_at(*pod, "status.phase");
  const TrialPtr trial = trial_of(*pod);
  const ExperimentPtr experiment = experiment_of(*pod);
  const auto known = watched_.find(uid);
  WatchedPtr watched = known == watched_.end() ? nullptr : known->second;
  if (watched && watched->trial != (trial ? trial->name : "")) {
    // A warm pod went on to its next trial.
    const TrialPtr before = world_.trials.get(resources::namespace_of(*pod), watched->trial);
    if (before) {
      auto finished = co_await finish(pod, before, watched, "");
      if (!finished) co_return fail(finished.error());
    }
    auto anew = std::make_shared<Watched>(std::move(*watched));
    anew->watch.begin_anew();
    anew->trial.clear();
    anew->held = {};
    anew->cpu_limits = Json::array();
    anew->cpu_limit = -1;
    anew->told = anew->refused = false;
    watched_[uid] = watched = std::move(anew);
  }
  if (!trial || !experiment) co_return RequeueAfter{};
  if (is_replaced(*pod)) {
    if (auto removed = co_await remove_replaced(pod); !removed) co_return fail(removed.error());
    co_return co_await write_savings(experiment);
  }
  if (phase == "Succeeded" || phase == "Failed") {
    watched_.erase(uid);
    if (!is_told_of(*trial, *pod)) {
      std::string ended = was_oom_killed(*pod) ? "OOMKilled" : phase == "Failed" ? "Failed" : "";
      auto finished = co_await finish(pod, trial, watched, std::move(ended));
      if (!finished) co_return fail(finished.error());
    }
    co_return co_await write_savings(experiment);
  }
  if (phase != "Running" || resources::is_completed(trial->state)) co_return RequeueAfter{};
  watched = watched_of(*pod, *trial, *note);
  if (!watched->told) {
    if (auto begun = co_await begin(pod, trial, *note, watched); !begun)
      co_return fail(begun.error());
  }
  const SizingPolicy policy = policy_of(*experiment);
  if (policy.mode != SizingMode::kInPlace && !policy.cpu) co_return RequeueAfter{};
  if (auto looked = co_await look_at(pod, trial, policy, watched); !looked)
    co_return fail(looked.error());
  co_return RequeueAfter{policy.mode == SizingMode::kInPlace ? timing_.look_every
                                                             : kSampleCpuEvery};
}

TrialTuner::WatchedPtr TrialTuner::watched_of(const Json& pod, const resources::Trial& trial,
                                              const SizedNote& note) {
  WatchedPtr& slot = watched_[resources::uid_of(pod)];
  if (slot && slot->trial == trial.name) return slot;
  const auto now = steady_clock::now();
  const Json& status = status_of_container(pod, trial.primary_container);
  const bool next = slot != nullptr;
  if (!next) {
    slot = std::make_shared<Watched>();
    slot->watch = PodWatch(note.boost);
  }
  slot->trial = trial.name;
  slot->reserves = note.reserves;
  // A server that comes later takes the pod's whole life to have been as it is now.
  const milliseconds age = age_of(status, world_.clock.now());
  slot->began = slot->accounted = next || age < kFresh ? now : now - age;
  return slot;
}

/// The trial's status gets what its pod begins with.
Task<Result<>> TrialTuner::begin(PodPtr pod, TrialPtr trial, SizedNote note, WatchedPtr watched) {
  const Json& status = status_of_container(*pod, trial->primary_container);
  const TrialSize in_force = size_of_container(status);
  const auto started = start_of(status);
  Json told{{"start", started && trial->created && *started < *trial->created ? "warm" : "cold"}};
  if (note.trial == trial->name) {
    told["predicted"] = note_on(*pod);
    told["attempts"] = note.attempt;
  }
  if (note.requested != TrialSize{}) told["requested"] = to_json(note.requested);
  if (in_force != TrialSize{}) told["allocated"] = to_json(in_force);
  if (in_force.cpu > 0 && watched->note_cpu_limit(in_force.cpu, world_.clock.now()))
    told["cpuLimits"] = watched->cpu_limits;
  watched->told = true;
  co_return co_await tell(trial, {{"resources", std::move(told)}});
}

PodLook TrialTuner::look_of(const Json& pod, const resources::Trial& trial, const Watched& watched,
                            const ContainerUse& use) const {
  const Json& status = status_of_container(pod, trial.primary_container);
  const auto now = steady_clock::now();
  ResizeReading resize = read_resize(pod);
  PodLook look{
      .at = now,
      .age = std::chrono::duration_cast<milliseconds>(now - watched.began),
      .in_force = size_of_container(status),
      .wished = size_of_container({{"resources", wished_resources(pod, trial.primary_container)}}),
      .resize = resize.resize,
      .message = std::move(resize.message),
      .used = use.anonymous_bytes,
      .cpu = {.used_nanoseconds = use.cpu_nanoseconds,
              .periods = use.cpu_periods,
              .throttled_periods = use.throttled_periods,
              .throttled_nanoseconds = use.throttled_nanoseconds},
      .memory_need = {},
      .cpu_need = {}};
  const auto experiment = world_.experiments.get(trial.ns, trial.experiment);
  const auto known = experiences_.find(trial.ns + "/" + trial.experiment);
  if (experiment && known != experiences_.end()) {
    const TunerPoint point = point_of(*experiment, trial);
    look.memory_need = known->second.memory(point);
    look.cpu_need = known->second.cpu(point);
  }
  return look;
}

Task<Result<>> TrialTuner::look_at(PodPtr pod, TrialPtr trial, SizingPolicy policy,
                                   WatchedPtr watched) {
  const std::string ns = resources::namespace_of(*pod), name = resources::name_of(*pod);
  auto uses = co_await world_.usage(ns, name);
  if (!uses) co_return Result<>{};  // it has just ended
  // What was read is of now: so must the object be.
  const PodPtr now = world_.pods.get(ns, name);
  if (!now || resources::uid_of(*now) != resources::uid_of(*pod) || trial_of(*now) == nullptr ||
      trial_of(*now)->name != watched->trial)
    co_return Result<>{};
  const std::string container =
      resources::text_field(status_of_container(*now, trial->primary_container), "name");
  const auto use = std::ranges::find(*uses, container, &ContainerUse::container);
  if (use == uses->end()) co_return Result<>{};

  const Json& status = status_of_container(*now, trial->primary_container);
  watched->account(steady_clock::now(), requests_of_container(status));
  watched->in_force = size_of_container(status);
  const bool new_limit = watched->cpu_limit >= 0 &&
                         watched->note_cpu_limit(size_of_container(status).cpu, world_.clock.now());
  const std::string owner = foreign_manager(*now);
  // Told after the Trial controller's first write, which brings the sentence on where the point
  // came from.
  if (policy.mode == SizingMode::kInPlace && !watched->left && !owner.empty() &&
      resources::has_condition(trial->raw, "Created")) {
    if (auto left = co_await leave_to(now, trial, watched, owner); !left) co_return left;
  }
  SizingPolicy own = policy;
  if (!owner.empty() || watched->left || watched->refused) own.mode = SizingMode::kRecommend;
  PodStep step = watched->watch.look(look_of(*now, *trial, *watched, *use), own);
  if (step.news != PodStep::News::kNone) {
    if (auto told = co_await tell_news(now, trial, watched, step.news); !told) co_return told;
  } else if (new_limit) {
    auto told = co_await tell(trial, {{"resources", {{"cpuLimits", watched->cpu_limits}}}});
    if (!told) co_return told;
  }
  co_return co_await act(now, trial, watched, std::move(step));
}

Task<Result<>> TrialTuner::act(PodPtr pod, TrialPtr trial, WatchedPtr watched, PodStep step) {
  switch (step.action) {
    case PodStep::Action::kNone:
      break;
    case PodStep::Action::kResize:
      co_return co_await resize(pod, trial, watched, std::move(step));
    case PodStep::Action::kTakeBack:
      co_return co_await take_back(pod, trial, std::move(step.why));
    case PodStep::Action::kRecreate:
      co_return co_await replace(pod, trial, watched, std::move(step));
  }
  co_return Result<>{};
}

Task<Result<>> TrialTuner::tell_news(PodPtr pod, TrialPtr trial, WatchedPtr watched,
                                     PodStep::News news) {
  if (news != PodStep::News::kResized) {
    const bool deferred = news == PodStep::News::kDeferred;
    metrics_.count_resize(deferred ? "deferred" : "infeasible");
    record(*trial, EventType::kWarning, deferred ? "ResizeDeferred" : "ResizeInfeasible",
           read_resize(*pod).message);
    co_return Result<>{};
  }
  metrics_.count_resize("completed");
  const TrialSize size = size_of_container(status_of_container(*pod, trial->primary_container));
  const auto took =
      std::chrono::duration_cast<milliseconds>(steady_clock::now() - watched->asked_at);
  std::string has = size.memory > 0 ? readable_bytes(size.memory) + " of memory" : "";
  if (size.cpu > 0) has += (has.empty() ? "" : " and ") + readable_cpu(size.cpu);
  record(*trial, EventType::kNormal, "Resized",
         fmt::format("Its pod has {}, {} ms after that was asked for", has, took.count()));
  Json told{{"allocated", to_json(size)}, {"resizes", watched->watch.resizes()}};
  if (!watched->cpu_limits.empty()) told["cpuLimits"] = watched->cpu_limits;
  co_return co_await tell(trial, {{"resources", std::move(told)}});
}

/// Two that resize the same pod would undo each other's work.
Task<Result<>> TrialTuner::leave_to(PodPtr pod, TrialPtr trial, WatchedPtr watched,
                                    std::string owner) {
  watched->left = true;
  const std::string why =
      fmt::format("The resources of its pod {} are left to {}, which resized it",
                  resources::name_of(*pod), owner);
  record(*trial, EventType::kNormal, "ResizingLeftToOthers", why);
  co_return co_await tell(trial, {{"why", why + "."}});
}

/// `watched` null: nobody of this server saw it run.
Task<Result<>> TrialTuner::finish(PodPtr pod, TrialPtr trial, WatchedPtr watched,
                                  std::string ended) {
  const Json& status = status_of_container(*pod, trial->primary_container);
  const std::optional<SizedNote> note = read_note(*pod);
  const bool own_pod = note && note->trial == trial->name;
  const auto now = steady_clock::now();
  if (!watched) {
    watched = std::make_shared<Watched>();
    if (note) watched->reserves = note->reserves;
    const auto from = start_of(status), to = end_of(status);
    watched->began = watched->accounted = from && to ? now - (*to - *from) : now;
  }
  // A warm pod may have its next trial's size by now.
  const TrialPtr current = trial_of(*pod);
  const bool went_on = !current || current->name != trial->name;
  const TrialSize in_force = went_on ? watched->in_force : size_of_container(status);
  if (const auto& asked = watched->watch.asked();
      asked && (asked->memory == 0 || asked->memory == in_force.memory) &&
      (asked->cpu == 0 || asked->cpu == in_force.cpu))
    watched->watch.count_resize();
  watched->account(now, requests_of_container(status));

  TrialRun run{.held = watched->held,
               .would_have_held = {},
               .seconds = std::chrono::duration<double>(now - watched->began).count(),
               .ended = std::move(ended)};
  const auto experiment = world_.experiments.get(trial->ns, trial->experiment);
  const bool sized = experiment && read_policy(experiment->trial_pods).sizes_new_pods();
  // A static pod would have been large enough, and would have run once.
  const bool in_vain = sized && (run.ended == "OOMKilled" || run.ended == "Replaced");
  if (!in_vain) {
    Watched fixed;
    fixed.accounted = watched->began;
    fixed.account(now, watched->reserves);
    run.would_have_held = fixed.held;
    // Of what the template does not ask for nothing is known, so nothing is saved.
    if (watched->reserves.memory == 0)
      run.would_have_held.memory_gib_seconds = run.held.memory_gib_seconds;
    if (watched->reserves.cpu == 0)
      run.would_have_held.cpu_core_seconds = run.held.cpu_core_seconds;
  }
  Json told{{"resizes", watched->watch.resizes()},
            {"seconds", std::round(run.seconds * 1e3) / 1e3},
            {"runs", {{resources::name_of(*pod), run.json()}}}};
  if (own_pod) told["attempts"] = note->attempt;
  if (in_force != TrialSize{}) told["allocated"] = to_json(in_force);
  TrialSize peak{.memory = 0, .cpu = watched->watch.cpu().peak_milli()};
  // A run that was killed or failed did not show all that it needs.
  if (own_pod && string_at(*pod, "status.phase") == "Succeeded")
    peak.memory = resources::integer_field(status, "peakMemoryBytes").value_or(0);
  if (peak != TrialSize{}) told["peak"] = to_json(peak);
  if (watched->cpu_limit >= 0) {
    told["cpuLimits"] = watched->cpu_limits;
    told["throttledSeconds"] = std::round(watched->watch.cpu().throttled_seconds() * 1e3) / 1e3;
  }
  co_return co_await tell(trial, {{"resources", std::move(told)}});
}

}  // namespace mizan::pods
