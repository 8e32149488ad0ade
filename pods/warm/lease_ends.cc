// From results, dead pods, deadlines and silence to what becomes of Jobs and pods.
#include "pods/warm/lease_ends.h"

#include <fmt/format.h>

#include <algorithm>

#include "pods/tuner/sized_note.h"
#include "resources/meta.h"
#include "resources/quantity.h"
#include "resources/reading.h"

namespace mizan::pods {
namespace {

using resources::Quantity;
using resources::WarmLease;
using resources::WarmResult;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kInfeasible = 78;  // as trials without warm pods say it
constexpr std::int64_t kNoticeable = 1LL << 20U;

milliseconds left(Time until, Time now) {
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(until - now));
}

Json about(const Json& object, const char* api_version, const char* kind) {
  return {{"apiVersion", api_version},
          {"kind", kind},
          {"metadata",
           {{"namespace", resources::namespace_of(object)},
            {"name", resources::name_of(object)},
            {"uid", resources::uid_of(object)}}}};
}

bool was_recorded(const Json& job, std::int64_t attempt) {
  return is_finished_job(job) ||
         std::ranges::any_of(attempts_of(job),
                             [attempt](const WarmAttempt& one) { return one.attempt == attempt; });
}

std::optional<Time> deadline_of_pod(const Json& job, Time given) {
  const auto limit = resources::integer_field(
      resources::object_field(
          find(job, "spec.template.spec") != nullptr ? *find(job, "spec.template") : Json::object(),
          "spec"),
      "activeDeadlineSeconds");
  if (!limit) return std::nullopt;
  return given + seconds(std::clamp<std::int64_t>(*limit, 0, 1'000'000'000));
}

}  // namespace

std::string LeaseEnds::container_of(const WarmLease& lease) const {
  const auto trial = view_.trial(lease.trial);
  return trial ? trial->primary_container : std::string();
}

void LeaseEnds::look_at(std::vector<PoolSlot>& slots) {
  for (PoolSlot& slot : slots) look_at(slot);
}

void LeaseEnds::look_at(PoolSlot& slot) {
  if (!slot.lease) {
    slot.free = slot.alive();
    return;
  }
  const WarmLease& lease = *slot.lease;
  if (lease.end) {
    const Time until = lease.since + view_.timing.stop_patience;
    if (!slot.alive()) return;
    if (view_.now < until && slot.running) return plan_.again_in(left(until, view_.now));
    return remove(slot, "WarmPodRemoved", "It did not end when there were no more trials for it");
  }
  PoolView::Object job = view_.job(lease.trial);
  const bool another = job && resources::uid_of(*job) != lease.job_uid;
  if (job && (another || resources::is_being_deleted(*job))) job = nullptr;
  const bool recorded = job && was_recorded(*job, lease.attempt);
  if (job && !recorded) {
    if (!slot.result || !slot.result->cancelled) {
      busy_.insert(lease.job_uid);
      return running(slot, job);
    }
    // The runner gave it up by itself, as when its pod is being stopped: it is tried anew.
  } else if (slot.alive() && !slot.result) {
    if (!slot.running) return remove(slot, "WarmPodRemoved", "Its trial is gone before it started");
    if (!lease.cancelled) return cancel(slot);
    const Time until = *lease.cancelled + seconds(lease.grace_seconds) + view_.timing.stop_patience;
    if (view_.now >= until)
      return remove(slot, "WarmPodHangs", "Its runner did not stop a trial in time");
    return plan_.again_in(left(until, view_.now));
  }
  slot.free = slot.alive() && slot.result && (another || is_settled(slot, job, recorded));
}

/// The Trial controller has seen what it needs to see on this pod.
bool LeaseEnds::is_settled(const PoolSlot& slot, const PoolView::Object& job, bool recorded) const {
  if (job && !recorded) return true;               // given up, to be tried anew
  if (job && !is_finished_job(*job)) return true;  // the Job tries again
  const auto trial = view_.trial(slot.lease->trial);
  return !trial || trial->uid != slot.lease->trial_uid || resources::is_completed(trial->state) ||
         trial->attempts != slot.lease->trial_attempt;
}

void LeaseEnds::running(PoolSlot& slot, const PoolView::Object& job) {
  const WarmLease& lease = *slot.lease;
  if (slot.result) return concluded(slot, job, *slot.result);
  if (slot.removed) {
    busy_.erase(lease.job_uid);  // somebody deletes the pod: no fault of the trial
    return;
  }
  WarmAttempt attempt;
  attempt.attempt = lease.attempt;
  attempt.pod = resources::name_of(*slot.pod);
  attempt.at = view_.now;
  if (slot.ended) {
    const std::string container = container_of(lease);
    PodEnd end = end_of_pod(*slot.pod, container);
    attempt.reason = std::move(end.reason);
    attempt.message = std::move(end.message);
    attempt.exit_code = end.exit_code;
    if (attempt.reason == "OOMKilled")
      attempt.memory = memory_text_in(resources_in_force(*slot.pod, container));
    return attempt_failed(slot, job, std::move(attempt), false);
  }
  if (const auto deadline = deadline_of(*job, lease.since)) {
    if (view_.now >= *deadline) {
      plan_.jobs.push_back(
          {job, "",
           failed_status(*job, attempts_of(*job).size(), lease.since, view_.now, "DeadlineExceeded",
                         "Job was active longer than specified deadline")});
      return slot.running ? cancel(slot)
                          : remove(slot, "WarmPodRemoved", "It was not started in time");
    }
    plan_.again_in(left(*deadline, view_.now));
  }
  if (const auto deadline = deadline_of_pod(*job, lease.since)) {
    if (view_.now >= *deadline) {
      attempt.reason = "DeadlineExceeded";
      attempt.message = "The trial ran longer than its pod's activeDeadlineSeconds";
      attempt_failed(slot, job, std::move(attempt), false);
      return slot.running ? cancel(slot)
                          : remove(slot, "WarmPodRemoved", "It was not started in time");
    }
    plan_.again_in(left(*deadline, view_.now));
  }
  if (!slot.running) return;
  if (is_suspended_job(*job)) {
    if (!lease.cancelled) cancel(slot);
    return;
  }
  const seconds silent = view_.silent_for(resources::uid_of(*slot.pod));
  if (silent >= view_.timing.silence) {
    attempt.reason = "RunnerSilent";
    attempt.message = fmt::format("The warm pod's runner said nothing for {} s", silent.count());
    remove(slot, "WarmPodHangs", attempt.message);
    return attempt_failed(slot, job, std::move(attempt), false);
  }
  plan_.again_in(view_.timing.silence - silent + seconds(1));
}

void LeaseEnds::concluded(PoolSlot& slot, const PoolView::Object& job, const WarmResult& result) {
  tell_trial(slot, job, result);
  if (result.succeeded()) {
    plan_.jobs.push_back(
        {job, "", complete_status(*job, attempts_of(*job).size(), slot.lease->since, view_.now)});
    return;
  }
  WarmAttempt attempt;
  attempt.attempt = result.attempt;
  attempt.pod = resources::name_of(*slot.pod);
  attempt.at = view_.now;
  attempt.exit_code = result.exit_code;
  attempt.message = result.message;
  attempt.reason = result.oom_killed ? "OOMKilled" : "Error";
  if (result.oom_killed)
    attempt.memory = memory_text_in(resources_in_force(*slot.pod, container_of(*slot.lease)));
  // Parameters that can't work don't work the next time either.
  const bool infeasible = result.exit_code == kInfeasible && !result.message.empty();
  attempt_failed(slot, job, std::move(attempt), infeasible);
}

void LeaseEnds::attempt_failed(PoolSlot& slot, const PoolView::Object& job, WarmAttempt attempt,
                               bool for_good) {
  std::vector<WarmAttempt> attempts = attempts_of(*job);
  const std::string said = attempt.message;
  attempts.push_back(std::move(attempt));
  Json status;
  const Time started = slot.lease->since;
  if (for_good || !may_try_again(*job, attempts, view_.oom_retries(*job))) {
    std::string message = "Job has reached the specified backoff limit";
    if (!said.empty() && !slot.result) message += ": " + said;
    status =
        failed_status(*job, attempts.size(), started, view_.now, "BackoffLimitExceeded", message);
  } else {
    status = active_status(*job, attempts.size(), started);
  }
  plan_.jobs.push_back({job, to_text(attempts), std::move(status)});
}

/// What the trial used, for people and for the tuner, before its end is told.
void LeaseEnds::tell_trial(const PoolSlot& slot, const PoolView::Object& job,
                           const WarmResult& result) {
  const Json& resize = resources::object_field(view_.experiment.trial_pods, "resize");
  const auto trial = view_.trial(slot.lease->trial);
  if (!trial || resources::text_field(resize, "mode", "Off") == "Off") return;
  Json told{{"attempts", attempts_of(*job).size() + 1}};
  const std::string in_force =
      memory_text_in(resources_in_force(*slot.pod, trial->primary_container));
  if (!in_force.empty()) told["allocated"] = {{"memory", in_force}};
  const auto bytes = [](std::int64_t amount) {
    return Json{{"memory", Quantity::of_bytes(amount).text()}};
  };
  if (result.baseline_bytes > 0) told["baseline"] = bytes(result.baseline_bytes);
  // What the worker carried over from other trials is not this one's, in so far as it did not reuse
  // it: then its peak lies above where it began.
  const bool rose = result.peak_bytes > result.baseline_bytes + kNoticeable;
  const std::int64_t own = rose ? result.peak_bytes - result.carried_bytes : result.peak_bytes;
  // A run that was killed or failed did not show all that it needs.
  if (result.succeeded() && own > 0) told["peak"] = bytes(own);
  // The tuner tells of it, too, but not of trials that are over before it looks.
  if (Json note = note_on(*slot.pod); !note.is_null()) told["predicted"] = std::move(note);
  plan_.trials.push_back({trial, std::move(told)});
}

void LeaseEnds::cancel(PoolSlot& slot) {
  if (slot.lease->cancelled) return;
  WarmLease lease = *slot.lease;
  lease.cancelled = view_.now;
  Json metadata;
  metadata["annotations"][std::string(resources::kLeaseAnnotation)] =
      resources::compact(to_json(lease));
  plan_.pods.push_back({slot.pod, std::move(metadata)});
  plan_.again_in(seconds(lease.grace_seconds) + view_.timing.stop_patience);
}

void LeaseEnds::remove(PoolSlot& slot, const char* reason, const std::string& message) {
  plan_.remove.push_back(slot.pod);
  plan_.events.push_back({about(*slot.pod, "v1", "Pod"), true, reason, message});
}

}  // namespace mizan::pods
