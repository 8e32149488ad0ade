// Runs experiments: reads, plans (experiment_plan), applies.
//
// The cost of a reconcile doesn't grow with the number of trials: a tally per experiment is fed by
// the Trial informer, and the status is written at most five times a second, or at once when a
// condition changes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "controller/informer.h"
#include "controller/reconciler.h"
#include "controller/recorder.h"
#include "experiment/child_writer.h"
#include "experiment/client_silence.h"
#include "experiment/experiment_plan.h"
#include "experiment/trial_tally.h"
#include "resources/admission.h"
#include "resources/definition.h"
#include "store/object_store.h"

namespace mizan::experiment {

/// Whoever sizes pods may have room for more trials than the experiment plans for: how many may be
/// active at once, when `completed` have ended. nullopt: as many as it says itself.
using TrialsAtOnce = std::function<std::optional<std::int64_t>(
    const resources::Experiment& experiment, std::int64_t completed)>;

/// Thread: io. All references outlive it.
class ExperimentReconciler final : public controller::Reconciler {
 public:
  using Experiments = controller::Informer<resources::Experiment>;
  using Suggestions = controller::Informer<resources::Suggestion>;
  using Trials = controller::Informer<resources::Trial>;

  ExperimentReconciler(store::ObjectStore& store, const resources::ResourceTable& table,
                       const resources::AdmissionTable& admission, const Clock& clock,
                       controller::Recorder& recorder, store::ObservationLog& observations,
                       Experiments& experiments, Suggestions& suggestions, Trials& trials,
                       std::chrono::milliseconds status_interval, TrialsAtOnce trials_at_once = {},
                       WhoWaits who_waits = {});

  Task<Result<controller::RequeueAfter>> reconcile(controller::Request request) override;

  /// What is known of an experiment's trials now. Null: none was seen.
  const TrialTally* tally(const std::string& experiment_uid) const;

 private:
  using ExperimentPtr = std::shared_ptr<const resources::Experiment>;
  using SuggestionPtr = std::shared_ptr<const resources::Suggestion>;
  using TrialPtr = std::shared_ptr<const resources::Trial>;
  struct Entry {
    TrialTally tally;
    std::string fidelity_parameter;
    std::string validated;  // the spec's generation that was found valid
    std::optional<std::chrono::steady_clock::time_point> status_written;
  };

  void trial_changed(const Trials::Event& event);
  Entry& entry_of(const resources::Experiment& experiment);
  std::optional<Verdict> invalid(const resources::Experiment& experiment, Entry& entry) const;
  SuggestionPtr own_suggestion(const resources::Experiment& experiment) const;

  Task<Result<>> kill_leftovers(ExperimentPtr experiment, std::vector<std::string> names,
                                Verdict verdict);
  Task<Result<controller::RequeueAfter>> kill_silent(ExperimentPtr experiment);
  Task<Result<controller::RequeueAfter>> write_status(ExperimentPtr experiment,
                                                      SuggestionPtr suggestion, Verdict verdict);
  void record_change(const resources::Experiment& experiment, const Verdict& verdict);
  ExperimentView view_of(const resources::Experiment& experiment, const TrialTally& tally,
                         const resources::Suggestion* suggestion) const;

  store::ObjectStore& store_;
  const resources::AdmissionTable& admission_;
  const Clock& clock_;
  controller::Recorder& recorder_;
  Experiments& experiments_;
  Suggestions& suggestions_;
  Trials& trials_;
  ChildWriter children_;
  ClientSilence silence_;
  std::chrono::milliseconds status_interval_;
  TrialsAtOnce trials_at_once_;                     // empty: nobody has room to give
  std::unordered_map<std::string, Entry> entries_;  // by the experiment's uid
};

}  // namespace mizan::experiment
