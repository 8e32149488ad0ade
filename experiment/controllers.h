// The room in one piece, for cmd/: the Experiment and Trial controllers with what they own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "controller/informer.h"
#include "controller/manager.h"
#include "controller/recorder.h"
#include "core/time.h"
#include "experiment/experiment_reconciler.h"
#include "experiment/trial_reconciler.h"
#include "resources/admission.h"
#include "resources/definition.h"
#include "resources/experiment.h"
#include "resources/suggestion.h"
#include "resources/trial.h"
#include "store/object_store.h"
#include "store/observation_log.h"
#include "store/pod_files.h"
#include "store/pod_logs.h"

namespace mizan::experiment {

/// All outlive the controllers. The three informers are shared with other rooms: whoever owns them
/// runs them, after Controllers was constructed (it adds handlers) and before its start() is
/// awaited to the end.
struct Dependencies {
  boost::asio::any_io_executor executor;
  store::ObjectStore& store;
  const resources::ResourceTable& table;
  const resources::AdmissionTable& admission;
  const Clock& clock;
  controller::Recorder& experiment_events;  // component experiment-controller
  controller::Recorder& trial_events;       // component trial-controller
  store::ObservationLog& observations;
  store::PodLogs& logs;
  controller::Informer<resources::Experiment>& experiments;
  controller::Informer<resources::Suggestion>& suggestions;
  controller::Informer<resources::Trial>& trials;
  store::PodFiles* files = nullptr;  // null: files of pods can't be read on this cluster
  TrialsAtOnce trials_at_once = {};  // empty: as many as each experiment says
  WhoWaits who_waits = {};           // empty: nobody asks in this process
};

struct ControllersOptions {
  std::size_t experiment_workers = 8;
  std::size_t trial_workers =
      64;  // each waits for the disk most of the time, and waiting together shares commits
  std::chrono::milliseconds status_interval{200};
  TrialReconcilerOptions trials;
};

/// Thread: io. stop() must have finished before it is destroyed.
class Controllers {
 public:
  Controllers(const Dependencies& dependencies, ControllersOptions options = {});
  ~Controllers();

  /// Waits for the shared informers, then works.
  Task<> start();
  Task<> stop();
  /// As one part of a manager, after the shared informers.
  controller::Manager::Part part();

  /// The name of the best trial as of now, which status.currentOptimalTrial says a moment later;
  /// empty: none yet.
  std::string best_trial(const std::string& experiment_uid) const;

  const controller::Controller& experiments() const;
  const controller::Controller& trials() const;
  /// Nothing queued, nothing in hand. For tests.
  bool idle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decoders for the shared informers. An Experiment gets its defaults here where no admission stood
/// before the store.
std::function<resources::Experiment(const Json&)> experiment_decoder(
    const resources::AdmissionTable& admission);
/// A Trial without what is big and never asked for again: `raw` has no spec.runSpec, and `run_spec`
/// of a completed trial only apiVersion and kind. Of 10,000 trials this saves most of the memory.
resources::Trial decode_trial(const Json& object);

}  // namespace mizan::experiment
