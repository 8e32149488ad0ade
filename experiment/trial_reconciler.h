// Runs trials: reads, plans (trial_plan), applies.
//
// Everything is read from informers; a short trial costs three writes: its run object, its
// measurements, its end.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include "controller/controller.h"
#include "controller/informer.h"
#include "controller/recorder.h"
#include "experiment/finished_runs.h"
#include "experiment/metrics_feed.h"
#include "experiment/metrics_source.h"
#include "experiment/run_objects.h"
#include "experiment/trial_plan.h"
#include "store/observation_log.h"

namespace mizan::experiment {

struct TrialReconcilerOptions {
  std::size_t keep_finished = 100;               // run objects per experiment
  std::chrono::milliseconds unwritten_for{200};  // see trial_plan
  std::chrono::milliseconds drain_patience{
      30'000};  // for a log that doesn't end although its pod has
  /// How long the pod of a Job that has ended may still be unseen: watches over a network keep no
  /// order among kinds.
  std::chrono::milliseconds unseen_pod_patience{0};
};

/// Thread: io. All references outlive it.
class TrialReconciler final : public controller::Reconciler {
 public:
  using Trials = controller::Informer<resources::Trial>;
  using Pods = controller::Informer<PodView>;

  TrialReconciler(store::ObjectStore& store, const Clock& clock, controller::Recorder& recorder,
                  store::ObservationLog& observations, MetricsSource& metrics, RunObjects& runs,
                  Trials& trials, Pods& pods, TrialReconcilerOptions options);

  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

  /// Other trials than the one at hand have to be looked at. Set before the first reconcile.
  void on_surplus(std::function<void(const controller::Request&)> enqueue) {
    enqueue_ = std::move(enqueue);
  }

 private:
  using TrialPtr = std::shared_ptr<const resources::Trial>;
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// What is remembered of a trial that is not finished. Lost at a restart, and not missed.
  struct Running {
    SteadyTime since;
    bool run_created_here = false;
    std::optional<SteadyTime> run_over_since;
    std::unique_ptr<Collected> from_log;  // measurements that were reported, not printed
  };

  using ExpressionPtr = std::shared_ptr<const Result<ConditionExpression>>;

  ExpressionPtr expression(const std::string& text);
  std::shared_ptr<const PodView> primary_pod(const resources::Trial& trial) const;
  Task<Result<const Collected*>> collected(TrialPtr trial, std::shared_ptr<const PodView> pod);
  Task<Result<controller::RequeueAfter>> apply(TrialPtr trial, TrialPlan plan,
                                               store::ObjectPtr run);
  Task<Result<>> create_run(TrialPtr trial);
  Task<Result<>> fail_unrunnable(TrialPtr trial, Error error);
  Task<Result<>> write_status(TrialPtr trial, Json patch);
  Task<Result<>> note_stop(TrialPtr trial, std::string why);
  Task<Result<>> release_run(TrialPtr trial, store::ObjectPtr run);
  void trial_gone(const resources::Trial& trial);
  Task<> remove_measurements(std::string uid);

  store::ObjectStore& store_;
  const Clock& clock_;
  controller::Recorder& recorder_;
  store::ObservationLog& observations_;
  MetricsSource& metrics_;
  RunObjects& runs_;
  Trials& trials_;
  Pods& pods_;
  TrialReconcilerOptions options_;
  std::function<void(const controller::Request&)> enqueue_;
  FinishedRuns finished_;
  std::unordered_map<std::string, Running> running_;            // by trial uid
  std::unordered_map<std::string, ExpressionPtr> expressions_;  // by text
  std::unordered_map<std::string, std::string>
      gone_;  // ns/name -> uid of deleted trials whose rows are to go
};

}  // namespace mizan::experiment
