// The controllers that tune, on any ObjectStore: Experiments, Suggestions, Trials.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "api/ports.h"
#include "controller/controller.h"
#include "controller/event_recorder.h"
#include "controller/informer.h"
#include "controller/manager.h"
#include "experiment/controllers.h"
#include "experiment/optimization_reconciler.h"
#include "suggestion/analysis.h"
#include "suggestion/early_stopping.h"
#include "suggestion/suggestion_reconciler.h"

namespace mizan::cmd {

/// Thread: io. Everything referred to outlives it.
class Tuning final : public api::StoppingAdvice, public api::Analysis {
 public:
  struct World {
    boost::asio::any_io_executor io;
    boost::asio::any_io_executor numbers;  // the pool for draws that learn from results
    boost::asio::any_io_executor light;    // for draws that don't
    store::ObjectStore& store;
    const resources::ResourceTable& table;
    const resources::AdmissionTable& admission;
    const Clock& clock;
    store::ObservationLog& observations;
    store::PodLogs& logs;
    store::PodFiles* files = nullptr;  // null: files of pods can't be read
    experiment::TrialsAtOnce trials_at_once = {};
    experiment::WhoWaits who_waits = {};
    bool warm_pods = true;  // spec.trialPods.reuse can be had; else each trial has a pod of its own
    std::size_t keep_finished = 100;
    /// How long a pod may be seen later than the end of its Job: not at all beside the store
    /// itself.
    std::chrono::milliseconds unseen_pod_patience{0};
    bool optimization_jobs = false;  // turn OptimizationJobs into Experiments
  };

  explicit Tuning(World world);
  ~Tuning() override;

  /// In the order in which they start.
  void add_to(controller::Manager& manager);
  controller::Informer<resources::Experiment>& experiments() { return experiments_; }
  controller::Informer<resources::Trial>& trials() { return trials_; }

  Task<std::string> advice(std::string trial_uid) override;
  std::string best_trial(const std::string& ns, const std::string& experiment) override;
  Task<Result<Json>> importance(std::string ns, std::string experiment,
                                std::string method) override;
  Task<Result<Json>> surface(std::string ns, std::string experiment, std::string x,
                             std::string y) override;
  Task<Result<Json>> recommended(std::string ns, std::string experiment) override;

 private:
  boost::asio::any_io_executor io_;
  controller::EventRecorder experiment_events_, suggestion_events_, trial_events_;
  controller::Informer<resources::Experiment> experiments_;
  controller::Informer<resources::Suggestion> suggestions_;
  controller::Informer<resources::Trial> trials_;
  experiment::Controllers experiment_controllers_;
  suggestion::EarlyStopping early_stopping_;
  suggestion::Analysis analysis_;
  suggestion::SuggestionReconciler suggestion_reconciler_;
  controller::Controller suggestion_controller_;
  struct Optimization;
  std::unique_ptr<Optimization> optimization_;  // null: not wanted here
};

/// A recorder as a part of a manager.
controller::Manager::Part part_of(std::string name, controller::EventRecorder& recorder,
                                  boost::asio::any_io_executor io);

}  // namespace mizan::cmd
