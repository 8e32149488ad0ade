// TrialReconciler: the I/O around plan_trial().
#include "experiment/trial_reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.h"
#include "experiment/trial_status.h"
#include "resources/known_resources.h"
#include "resources/meta.h"

namespace mizan::experiment {
namespace {

using controller::Request;
using controller::RequeueAfter;
using resources::Trial;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

using resources::kTrials;
constexpr std::size_t kMostExpressions = 256;

std::string group_of(const Trial& trial) { return trial.ns + "/" + trial.experiment; }
milliseconds since(SteadyClock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(SteadyClock::now() - begin);
}

bool has_labels(const PodView& pod, const std::map<std::string, std::string>& labels) {
  return std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
    const auto found = pod.labels.find(label.first);
    return found != pod.labels.end() && found->second == label.second;
  });
}

std::pair<std::optional<Time>, bool> rank(const PodView& pod) {
  return {pod.created, pod.phase != "Failed"};
}

/// What trying again can't mend: the object itself is refused.
bool is_refusal(Code code) {
  return code == Code::kInvalid || code == Code::kBadRequest || code == Code::kTooLarge ||
         code == Code::kMethodNotAllowed || code == Code::kUnsupportedMediaType;
}

}  // namespace

TrialReconciler::TrialReconciler(store::ObjectStore& store, const Clock& clock,
                                 controller::Recorder& recorder,
                                 store::ObservationLog& observations, MetricsSource& metrics,
                                 RunObjects& runs, Trials& trials, Pods& pods,
                                 TrialReconcilerOptions options)
    : store_(store),
      clock_(clock),
      recorder_(recorder),
      observations_(observations),
      metrics_(metrics),
      runs_(runs),
      trials_(trials),
      pods_(pods),
      options_(options),
      finished_(options.keep_finished) {
  trials_.on_change([this](const Trials::Event& event) {
    if (event.before && (!event.after || event.after->uid != event.before->uid))
      trial_gone(*event.before);
  });
}

void TrialReconciler::trial_gone(const Trial& trial) {
  running_.erase(trial.uid);
  metrics_.forget(trial.uid);
  finished_.remove(group_of(trial), trial.name);
  gone_[trial.ns + "/" + trial.name] = trial.uid;
}

TrialReconciler::ExpressionPtr TrialReconciler::expression(const std::string& text) {
  if (expressions_.size() > kMostExpressions) expressions_.clear();
  ExpressionPtr& slot = expressions_[text];
  if (!slot)
    slot = std::make_shared<const Result<ConditionExpression>>(ConditionExpression::parse(text));
  return slot;
}

std::shared_ptr<const PodView> TrialReconciler::primary_pod(const Trial& trial) const {
  std::shared_ptr<const PodView> newest;
  for (auto& pod : pods_.group(trial.ns + "/" + trial.name)) {
    if (!has_labels(*pod, trial.primary_pod_labels)) continue;
    // Creation times have seconds: of two attempts in one second the later is the one that has not
    // failed.
    if (!newest || rank(*pod) > rank(*newest)) newest = pod;
  }
  return newest;
}

Task<Result<RequeueAfter>> TrialReconciler::reconcile(Request request) {
  if (const auto gone = gone_.extract(request.ns + "/" + request.name))
    co_await remove_measurements(gone.mapped());
  TrialPtr trial = trials_.get(request.ns, request.name);
  if (!trial || trial->being_deleted) co_return RequeueAfter();

  store::ObjectPtr run;
  if (trial->run_spec.is_object()) {
    Result<> watched = co_await runs_.watch(run_kind_of(*trial));
    if (!watched && resources::is_completed(trial->state)) co_return RequeueAfter();
    if (!watched) {
      Result<> failed = co_await fail_unrunnable(trial, watched.error());
      if (!failed) co_return fail(std::move(failed).error());
      co_return RequeueAfter();
    }
    run = runs_.get(run_kind_of(*trial), trial->ns, trial->name);
  }
  if (!resources::is_completed(trial->state))
    running_.try_emplace(trial->uid, Running{SteadyClock::now(), false, {}, {}});

  const std::shared_ptr<const PodView> pod = primary_pod(*trial);
  const ExpressionPtr success = expression(trial->success_condition);
  const ExpressionPtr failure = expression(trial->failure_condition);
  TrialView view{.trial = *trial,
                 .run = run.get(),
                 .success = *success,
                 .failure = *failure,
                 .pod = pod.get(),
                 .collected = nullptr,
                 .last_line = metrics_.last_line(trial->uid),
                 .stop_early = metrics_.stop_early(trial->uid),
                 .seen_for = milliseconds(0),
                 .unwritten_for = options_.unwritten_for,
                 .now = clock_.now()};
  if (const auto known = running_.find(trial->uid); known != running_.end())
    view.seen_for = since(known->second.since);
  TrialPlan plan = plan_trial(view);
  if (plan.follow_metrics && MetricsFeeds::follows(trial->collector.kind)) {
    metrics_.follow(*trial, *pod, running_[trial->uid].run_created_here);
  }
  if (plan.note_stop) {
    Result<> noted = co_await note_stop(trial, *plan.note_stop);
    if (!noted) co_return fail(std::move(noted).error());
  }
  if (plan.finish_metrics && !plan.delete_run) {
    CO_TRY(const Collected* all, co_await collected(trial, pod));
    if (all == nullptr)
      co_return RequeueAfter(std::min(options_.drain_patience, milliseconds(1000)));
    view.collected = all;
    plan = plan_trial(view);
  }
  co_return co_await apply(trial, std::move(plan), run);
}

/// Null while the output is still being read: the collector calls when it is done.
Task<Result<const Collected*>> TrialReconciler::collected(TrialPtr trial,
                                                          std::shared_ptr<const PodView> pod) {
  Running& running = running_[trial->uid];
  if (!running.run_over_since) running.run_over_since = SteadyClock::now();
  const std::string& kind = trial->collector.kind;
  const bool followed = MetricsFeeds::follows(kind) && pod != nullptr &&
                        pod->container(trial->primary_container) != nullptr;
  // Each kind is watched by itself: far from the store, the end of a Job may be seen before its
  // pod.
  const bool unseen = MetricsFeeds::follows(kind) && !followed;
  if (unseen && since(*running.run_over_since) < options_.unseen_pod_patience) co_return nullptr;
  const Collected* all = followed ? metrics_.result(trial->uid, *pod) : nullptr;
  const bool reading =
      followed ? all == nullptr : pod == nullptr && metrics_.finish_reading(trial->uid);
  if (reading) {
    if (since(*running.run_over_since) < options_.drain_patience) co_return nullptr;
    metrics_.give_up(trial->uid, "its log did not end although its pod has");
    if (pod != nullptr) all = metrics_.result(trial->uid, *pod);
  }
  // A user's collector may have reported over REST as well as printed.
  if (all != nullptr && kind != "Custom") co_return all;
  // Reported over REST, or the pod is gone: what was kept is all there is.
  auto from_log = std::make_unique<Collected>(trial->objective);
  if (all != nullptr) {
    from_log->notes = all->notes;
    from_log->problem = all->problem;
  } else if (MetricsFeeds::follows(kind)) {
    from_log->problem = fmt::format("its pod was gone before its {} could be read",
                                    kind == "StdOut" ? "output" : "metrics");
  }
  CO_TRY(const std::vector<store::Measurement> rows, co_await observations_.read(trial->uid, ""));
  from_log->observation.add(rows);
  Running& still = running_[trial->uid];  // the map may have changed meanwhile
  still.from_log = std::move(from_log);
  co_return still.from_log.get();
}

Task<Result<RequeueAfter>> TrialReconciler::apply(TrialPtr trial, TrialPlan plan,
                                                  store::ObjectPtr run) {
  if (plan.create_run) {
    Result<> created = co_await create_run(trial);
    if (!created && is_refusal(created.error().code)) {
      created = co_await fail_unrunnable(trial, created.error());
    }
    if (!created) co_return fail(std::move(created).error());
  }
  if (plan.writes_status()) {
    Result<> written = co_await write_status(trial, trial_status_patch(*trial, plan, clock_.now()));
    if (!written) co_return fail(std::move(written).error());
  }
  for (PlannedEvent& event : plan.events) {
    recorder_.record(trial->raw, event.type, std::move(event.reason), std::move(event.message));
  }
  if (plan.attempt) running_[trial->uid] = Running{SteadyClock::now(), false, {}, {}};
  if (plan.outcome || resources::is_completed(trial->state)) {
    running_.erase(trial->uid);
    metrics_.forget(trial->uid);
  }
  if (plan.delete_run) {
    Result<> removed =
        co_await runs_.remove(run_kind_of(*trial), trial->ns, trial->name, resources::uid_of(*run));
    if (!removed) co_return fail(std::move(removed).error());
  } else if (plan.release_run) {
    Result<> released = co_await release_run(trial, run);
    if (!released) co_return fail(std::move(released).error());
  }
  co_return RequeueAfter(plan.look_again);
}

Task<Result<>> TrialReconciler::create_run(TrialPtr trial) {
  CO_TRY(const bool created,
         co_await runs_.create(run_kind_of(*trial), trial->ns, build_run_object(*trial)));
  if (!created) co_return Result<>();
  if (const auto known = running_.find(trial->uid); known != running_.end())
    known->second.run_created_here = true;
  recorder_.record(trial->raw, controller::EventType::kNormal, "JobCreated",
                   fmt::format("Job {} has been created", trial->name));
  co_return Result<>();
}

Task<Result<>> TrialReconciler::fail_unrunnable(TrialPtr trial, Error error) {
  const std::string why = fmt::format("What runs the trial was refused: {}.", error.message);
  resources::TrialOutcome outcome;
  outcome.state = resources::TrialState::kFailed;
  outcome.message = "Trial has failed. " + why;
  Result<> written =
      co_await write_status(trial, trial_outcome_patch(*trial, outcome, why, clock_.now()));
  if (!written) co_return written;
  recorder_.record(trial->raw, controller::EventType::kWarning, "TrialFailed", why);
  co_return Result<>();
}

Task<Result<>> TrialReconciler::write_status(TrialPtr trial, Json patch) {
  if (patch.empty()) co_return Result<>();
  store::Key key(kTrials, trial->ns, trial->name);
  const Result<store::Written> written = co_await store_.patch(
      std::move(key), "status", store::Patch(store::PatchType::kMerge, std::move(patch)));
  if (!written) {
    if (written.error().code == Code::kNotFound) co_return Result<>();
    co_return fail(written.error());
  }
  trials_.observe(written->object);
  co_return Result<>();
}

Task<Result<>> TrialReconciler::note_stop(TrialPtr trial, std::string why) {
  Json change;
  change["metadata"]["annotations"][std::string(resources::kStopEarlyAnnotation)] = std::move(why);
  store::Key key(kTrials, trial->ns, trial->name);
  const Result<store::Written> written = co_await store_.patch(
      std::move(key), "", store::Patch(store::PatchType::kMerge, std::move(change)));
  if (!written) {
    if (written.error().code == Code::kNotFound) co_return Result<>();
    co_return fail(written.error());
  }
  trials_.observe(written->object);
  co_return Result<>();
}

/// The run is over and need not be stopped: it goes when enough newer ones have finished.
Task<Result<>> TrialReconciler::release_run(TrialPtr trial, store::ObjectPtr run) {
  const std::string group = group_of(*trial);
  const Time completed = trial->completed.value_or(clock_.now());
  for (const std::string& surplus : finished_.add(group, completed, trial->name)) {
    if (surplus != trial->name && enqueue_) enqueue_(Request(trial->ns, surplus));
  }
  if (!finished_.is_surplus(group, trial->name)) co_return Result<>();
  Result<> removed =
      co_await runs_.remove(run_kind_of(*trial), trial->ns, trial->name, resources::uid_of(*run));
  if (!removed) co_return removed;
  finished_.remove(group, trial->name);
  co_return Result<>();
}

Task<> TrialReconciler::remove_measurements(std::string uid) {
  const Result<> removed = co_await observations_.remove(uid);
  if (removed) co_return;
  log_warn("trial", "failed to remove the measurements of a deleted trial",
           {{"uid", uid}, {"error", removed.error().message}});
}

}  // namespace mizan::experiment
