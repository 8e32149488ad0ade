// The second half: the next trials onto free pods, at their size; new pods, and fewer.
#include "pods/warm/pool_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "pods/pod_annotations.h"
#include "pods/warm/lease_ends.h"
#include "pods/warm/pool_slot.h"
#include "pods/warm/warm_job.h"
#include "resources/condition.h"
#include "resources/defaults.h"
#include "resources/meta.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::text_field;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Planner {
 public:
  explicit Planner(const PoolView& view)
      : view_(view),
        resize_(resources::object_field(view.experiment.trial_pods, "resize")),
        mode_(text_field(resize_, "mode", "Off")),
        ends_(view, plan_) {
    for (const auto& pod : view.pods) slots_.emplace_back(pod);
    std::ranges::sort(slots_, {}, [](const PoolSlot& slot) {
      return std::pair(slot_of(*slot.pod).slot, slot_of(*slot.pod).generation);
    });
  }

  PoolPlan plan() {
    ends_.look_at(slots_);
    for (const auto& job : view_.jobs) {
      if (!is_suspended_job(*job) && !resources::is_being_deleted(*job)) ++active_;
    }
    for (const auto& job : view_.jobs) place(job);
    shrink();
    forget_ended();
    return std::move(plan_);
  }

 private:
  bool resizes() const { return mode_.starts_with("InPlace"); }

  std::size_t most_pods() const {
    const bool over = resources::has_condition(view_.experiment.raw, "Succeeded") ||
                      resources::has_condition(view_.experiment.raw, "Failed") ||
                      view_.experiment.suspend || view_.experiment.being_deleted ||
                      text_field(view_.experiment.trial_pods, "reuse", "None") == "None";
    const auto parallel = static_cast<std::size_t>(std::max<std::int64_t>(
        1, view_.experiment.parallel_trial_count.value_or(resources::kDefaultParallelTrials)));
    return over ? active_ : std::max(parallel, active_);
  }

  std::size_t alive() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        slots_, [](const PoolSlot& slot) { return slot.alive() && !slot.ending(); }));
  }

  /// A lease for `job`, or a step on the way to one.
  void place(const PoolView::Object& job) {
    if (is_suspended_job(*job) || resources::is_being_deleted(*job) ||
        ends_.busy_jobs().contains(resources::uid_of(*job)))
      return;
    const auto trial = view_.trial(resources::name_of(*job));
    // Of a trial that is over already the Job goes soon.
    if (!trial || trial->being_deleted || resources::is_completed(trial->state)) return;
    const auto attempts = attempts_of(*job);
    const auto wait = backoff_left(attempts, view_.oom_retries(*job), view_.timing.job, view_.now);
    if (wait > milliseconds(0)) return plan_.again_in(wait);
    if (!view_.admits(*job)) return plan_.again_in(milliseconds(500));

    const std::int64_t attempt = next_attempt(*job, trial->attempts);
    Json pod =
        build_warm_pod(view_.experiment, *job, trial->primary_container, next_slot(), view_.facts);
    const WantedSize wanted = view_.size(*job, attempt, pod);
    const auto lease = lease_for(*job, *trial, attempt, view_.now);
    if (PoolSlot* slot = best_slot(wanted, trial->primary_container)) {
      slot->free = false;
      const WantedSize here = beside_what_is_left(*slot, wanted);
      if (made_ready(*slot, *trial, here, !attempts.empty())) grant(*slot, *job, lease, here);
    } else if (alive() + plan_.create.size() < most_pods()) {
      create(std::move(pod), *trial, lease, wanted);
    }
  }

  /// A free pod that has room already, else the first.
  PoolSlot* best_slot(const WantedSize& wanted, const std::string& container) {
    PoolSlot* best = nullptr;
    for (PoolSlot& slot : slots_) {
      if (!slot.free) continue;
      if (best == nullptr) best = &slot;
      const Json in_force = resources_in_force(*slot.pod, container);
      if (wanted.resources.is_null() ||
          memory_in(in_force) >= memory_in(beside_what_is_left(slot, wanted).resources))
        return &slot;
    }
    return best;
  }

  /// The tuner says what a trial needs by itself; a worker that still holds something of earlier
  /// trials needs that much more, up to what is allowed at most.
  WantedSize beside_what_is_left(const PoolSlot& slot, WantedSize wanted) const {
    if (slot.result && slot.result->left_bytes > 0)
      add_memory(wanted.resources, slot.result->left_bytes,
                 resources::object_field(resize_, "maxAllowed"));
    return wanted;
  }

  /// The pod is of the size that the trial needs, or can't be: false while it has to grow.
  bool made_ready(PoolSlot& slot, const resources::Trial& trial, const WantedSize& wanted,
                  bool tried) {
    if (wanted.resources.is_null() || !slot.running) return true;
    const std::string& container = trial.primary_container;
    const std::int64_t need = memory_in(wanted.resources);
    const Json in_force = resources_in_force(*slot.pod, container);
    const bool must_grow = need > memory_in(in_force);
    if (!resizes()) {
      // Sized at its start alone: what was killed for want of memory needs another pod.
      if (mode_ != "Initial" || !tried || !must_grow) return true;
      end(slot);
      return false;
    }
    const bool asked = same_amounts(desired_resources(*slot.pod, container), wanted.resources);
    const auto trouble = asked ? resize_trouble(*slot.pod) : std::nullopt;
    if (!must_grow) {
      if (!asked) resize(slot, container, wanted.resources, &trial, in_force);
      return true;  // a shrink is never waited for
    }
    if (!asked) {
      resize(slot, container, wanted.resources, &trial, in_force);
      plan_.again_in(seconds(2));
      return false;
    }
    if (!trouble) {
      plan_.again_in(seconds(2));
      return false;
    }
    const auto patience =
        seconds(resources::integer_field(resize_, "deferredTimeoutSeconds").value_or(300));
    const auto waited = view_.now - trouble->since;
    if (!trouble->hopeless && waited < patience) {
      plan_.again_in(std::chrono::ceil<milliseconds>(patience - waited) + milliseconds(1));
      return false;
    }
    if (mode_ == "InPlaceOrRecreate" && !trouble->hopeless) {
      end(slot);
      return false;
    }
    resize(slot, container, in_force, nullptr, in_force);
    tell(trial, true, "ResizeDeferred",
         "The node had no room for more memory in time; the trial runs at its pod's present size");
    return true;
  }

  /// `trial`: for whom; null: a wish is taken back.
  void resize(const PoolSlot& slot, const std::string& container, const Json& resources,
              const resources::Trial* trial, const Json& in_force) {
    if (same_amounts(desired_resources(*slot.pod, container), resources)) return;
    plan_.resizes.push_back({slot.pod, container, resources});
    if (trial == nullptr) return;
    tell(*trial, false, "ResizeRequested",
         fmt::format("Memory of its warm pod {} becomes {} instead of {}, between two trials",
                     mizan::resources::name_of(*slot.pod), memory_text_in(resources),
                     memory_text_in(in_force)));
  }

  void tell(const resources::Trial& trial, bool warning, std::string reason, std::string message) {
    Json about{{"apiVersion", "kubeflow.org/v1beta1"},
               {"kind", "Trial"},
               {"metadata", {{"namespace", trial.ns}, {"name", trial.name}, {"uid", trial.uid}}}};
    plan_.events.push_back({std::move(about), warning, std::move(reason), std::move(message)});
  }

  static Json lease_metadata(const Json& job, const resources::WarmLease& lease,
                             const WantedSize& wanted) {
    Json metadata;
    const Json* labels = find(job, "spec.template.metadata.labels");
    metadata["labels"] = labels != nullptr && labels->is_object() ? *labels : Json::object();
    metadata["labels"][std::string(resources::kTrialLabel)] = lease.trial;
    Json& annotations = metadata["annotations"];
    annotations[std::string(resources::kLeaseAnnotation)] = resources::compact(to_json(lease));
    annotations[std::string(resources::kLeaseResultAnnotation)] = nullptr;
    annotations[kSizedAnnotation] = wanted.note.empty() ? Json() : Json(wanted.note);
    return metadata;
  }

  void grant(const PoolSlot& slot, const Json& job, const resources::WarmLease& lease,
             const WantedSize& wanted) {
    plan_.pods.push_back({slot.pod, lease_metadata(job, lease, wanted)});
  }

  /// The first pod after those that there are and those that this plan makes.
  WarmSlot next_slot() const {
    for (std::int64_t place = 0;; ++place) {
      std::int64_t generation = 0;
      bool taken = false;
      for (const PoolSlot& slot : slots_) {
        const WarmSlot of = slot_of(*slot.pod);
        if (of.slot != place) continue;
        generation = std::max(generation, of.generation);
        taken = taken || (slot.alive() && !slot.ending());
      }
      for (const Json& made : plan_.create) taken = taken || slot_of(made).slot == place;
      if (!taken) return {place, generation + 1};
    }
  }

  void create(Json pod, const resources::Trial& trial, const resources::WarmLease& lease,
              const WantedSize& wanted) {
    Json& spec = pod["spec"];
    if (const Json* container = primary_container(spec, trial.primary_container);
        container != nullptr && !wanted.resources.is_null())
      const_cast<Json&>(*container)["resources"] = wanted.resources;
    Json& metadata = pod["metadata"];
    metadata["labels"][std::string(resources::kTrialLabel)] = lease.trial;
    Json& annotations = metadata["annotations"];
    annotations[std::string(resources::kLeaseAnnotation)] = resources::compact(to_json(lease));
    if (!wanted.note.empty()) annotations[kSizedAnnotation] = wanted.note;
    annotations.erase(kSampleAnnotation);  // the runner measures
    plan_.create.push_back(std::move(pod));
  }

  void end(PoolSlot& slot) {
    resources::WarmLease lease;
    lease.end = true;
    lease.since = view_.now;
    Json metadata;
    metadata["annotations"][std::string(resources::kLeaseAnnotation)] =
        resources::compact(to_json(lease));
    metadata["annotations"][std::string(resources::kLeaseResultAnnotation)] = nullptr;
    plan_.pods.push_back({slot.pod, std::move(metadata)});
    plan_.again_in(view_.timing.stop_patience);
  }

  /// Idle pods: those that are too many are told to end; the others let go of room that they only
  /// wait for.
  void shrink() {
    std::size_t surplus = alive() > most_pods() ? alive() - most_pods() : 0;
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
      if (!slot->free || !slot->alive()) continue;
      if (surplus > 0) {
        --surplus;
        if (!slot->running) {
          plan_.remove.push_back(slot->pod);
          continue;
        }
        end(*slot);
      } else if (resizes() && resize_trouble(*slot->pod)) {
        const std::string container = view_.experiment.trial_template.primary_container;
        const Json in_force = resources_in_force(*slot->pod, container);
        resize(*slot, container, in_force, nullptr, in_force);
      }
    }
  }

  /// Pods that have ended stay for their logs, the newest of them.
  void forget_ended() {
    std::vector<const PoolSlot*> ended;
    for (const PoolSlot& slot : slots_) {
      if (slot.ended && !slot.removed && !ends_.holds(slot)) ended.push_back(&slot);
    }
    std::ranges::stable_sort(ended, std::greater<>(), [](const PoolSlot* slot) {
      return resources::creation_time_of(*slot->pod).value_or(Time{});
    });
    for (std::size_t i = view_.timing.keep_ended; i < ended.size(); ++i)
      plan_.remove.push_back(ended[i]->pod);
  }

  const PoolView& view_;
  const Json& resize_;
  std::string mode_;
  PoolPlan plan_;
  LeaseEnds ends_;
  std::vector<PoolSlot> slots_;
  std::size_t active_ = 0;
};

}  // namespace

PoolPlan plan_pool(const PoolView& view) { return Planner(view).plan(); }

}  // namespace mizan::pods
