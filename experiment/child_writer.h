// Writes the children of Experiments: makes Suggestions and Trials, raises requests, ends Trials.
//
// Every call may be made again: what is there already, or gone already, is as good as done.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/informer.h"
#include "core/time.h"
#include "resources/definition.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"
#include "resources/trial.h"
#include "store/object_store.h"

namespace mizan::experiment {

/// The client of this process that waits for a trial and gets this one, which is about to be made
/// and seen by whoever answers; "" when nobody does. Called again, should the trial not be made.
using WhoWaits = std::function<std::string(const resources::Experiment& experiment,
                                           const resources::TrialAssignment& draw)>;

/// Thread: io. All references outlive it; the informers are told of each write. Errors: as the
/// store's.
class ChildWriter {
 public:
  using ExperimentPtr = std::shared_ptr<const resources::Experiment>;
  using SuggestionPtr = std::shared_ptr<const resources::Suggestion>;
  using Suggestions = controller::Informer<resources::Suggestion>;
  using Trials = controller::Informer<resources::Trial>;

  ChildWriter(store::ObjectStore& store, const resources::ResourceTable& table, const Clock& clock,
              Suggestions& suggestions, Trials& trials, WhoWaits who_waits = {});

  /// kConflict: there is one of that name, not known yet or of an earlier experiment: try again
  /// soon.
  Task<Result<>> create_suggestion(ExperimentPtr experiment, std::int64_t requests);
  Task<Result<>> raise_requests(SuggestionPtr suggestion, std::int64_t requests);

  /// kInvalid: no trial of this template can ever be made; kNotFound: its ConfigMap isn't there
  /// yet.
  Task<Result<>> create_trials(ExperimentPtr experiment,
                               std::vector<resources::TrialAssignment> draws);

  Task<Result<>> kill_trials(ExperimentPtr experiment, std::vector<std::string> names,
                             std::string reason, std::string why);

 private:
  using TrialPtr = std::shared_ptr<const resources::Trial>;
  Task<> create_trial(ExperimentPtr experiment, Json trial, Result<>* outcome);
  Task<> kill_trial(TrialPtr trial, std::string reason, std::string why, Result<>* outcome);

  store::ObjectStore& store_;
  const resources::ResourceTable& table_;
  const Clock& clock_;
  Suggestions& suggestions_;
  Trials& trials_;
  WhoWaits who_waits_;  // empty: nobody is known here
};

}  // namespace mizan::experiment
