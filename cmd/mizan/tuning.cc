// Informers are shared by the rooms: each kind is watched once.
#include "cmd/mizan/tuning.h"

#include "resources/known_resources.h"

namespace mizan::cmd {
namespace {

experiment::ControllersOptions options_for(const Tuning::World& world) {
  experiment::ControllersOptions options;
  options.trials.keep_finished = world.keep_finished;
  options.trials.unseen_pod_patience = world.unseen_pod_patience;
  return options;
}

std::function<resources::Experiment(const Json&)> experiments_of(const Tuning::World& world) {
  auto decode = experiment::experiment_decoder(world.admission);
  if (world.warm_pods) return decode;
  return [decode = std::move(decode)](const Json& object) {
    resources::Experiment experiment = decode(object);
    if (experiment.trial_pods.is_object()) experiment.trial_pods.erase("reuse");
    return experiment;
  };
}

std::string experiment_index(const resources::Trial& trial) {
  return trial.ns + "/" + trial.experiment;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): the manager dies first
Task<> start_recorder(controller::EventRecorder& recorder, boost::asio::any_io_executor io) {
  recorder.start(io);
  co_return;
}

}  // namespace

controller::Manager::Part part_of(std::string name, controller::EventRecorder& recorder,
                                  boost::asio::any_io_executor io) {
  return {.name = std::move(name),
          .start = [&recorder, io = std::move(io)] { return start_recorder(recorder, io); },
          .stop = [&recorder] { return recorder.stop(); }};
}

/// OptimizationJobs: with their own informer, on the Experiments that everybody reads.
struct Tuning::Optimization {
  Optimization(const World& world, controller::Informer<resources::Experiment>& experiments)
      : events(world.store, world.clock, "optimization-controller"),
        jobs(world.store, store::Selection(resources::kOptimizationJobs), {}),
        reconciler(world.store, world.clock, events, jobs, experiments),
        controller(world.io, reconciler, {.name = "optimization", .workers = 4, .on_error = {}}) {
    reconciler.listen([this](const controller::Request& request) { controller.enqueue(request); });
  }

  controller::EventRecorder events;
  controller::Informer<Json> jobs;
  experiment::OptimizationReconciler reconciler;
  controller::Controller controller;
};

Tuning::~Tuning() = default;

Tuning::Tuning(World world)
    : io_(world.io),
      experiment_events_(world.store, world.clock, "experiment-controller"),
      suggestion_events_(world.store, world.clock, "suggestion-controller"),
      trial_events_(world.store, world.clock, "trial-controller"),
      experiments_(world.store, store::Selection(resources::kExperiments), experiments_of(world)),
      suggestions_(world.store, store::Selection(resources::kSuggestions),
                   resources::read_suggestion),
      trials_(world.store, store::Selection(resources::kTrials), experiment::decode_trial,
              experiment_index),
      experiment_controllers_({.executor = world.io,
                               .store = world.store,
                               .table = world.table,
                               .admission = world.admission,
                               .clock = world.clock,
                               .experiment_events = experiment_events_,
                               .trial_events = trial_events_,
                               .observations = world.observations,
                               .logs = world.logs,
                               .experiments = experiments_,
                               .suggestions = suggestions_,
                               .trials = trials_,
                               .files = world.files,
                               .trials_at_once = world.trials_at_once,
                               .who_waits = world.who_waits},
                              options_for(world)),
      early_stopping_({.io = world.io,
                       .store = world.store,
                       .observations = world.observations,
                       .experiments = experiments_,
                       .trials = trials_,
                       .recorder = suggestion_events_}),
      analysis_({.experiments = experiments_, .trials = trials_, .numbers = world.numbers}),
      suggestion_reconciler_({.store = world.store,
                              .suggestions = suggestions_,
                              .experiments = experiments_,
                              .trials = trials_,
                              .recorder = suggestion_events_,
                              .clock = world.clock,
                              .numbers = world.numbers,
                              .light = world.light}),
      // Many: one that waits for a model's fit holds up no other experiment.
      suggestion_controller_(world.io, suggestion_reconciler_,
                             {.name = "suggestion", .workers = 64, .on_error = {}}),
      optimization_(world.optimization_jobs ? std::make_unique<Optimization>(world, experiments_)
                                            : nullptr) {
  suggestion_reconciler_.listen(
      [this](const controller::Request& request) { suggestion_controller_.enqueue(request); });
}

void Tuning::add_to(controller::Manager& manager) {
  manager.add(part_of("experiment events", experiment_events_, io_));
  manager.add(part_of("suggestion events", suggestion_events_, io_));
  manager.add(part_of("trial events", trial_events_, io_));
  manager.add("experiments", experiments_);
  manager.add("suggestions", suggestions_);
  manager.add("trials", trials_);
  manager.add({.name = "early stopping",
               .start = [this] { return early_stopping_.start(); },
               .stop = [this] { return early_stopping_.stop(); }});
  manager.add(suggestion_controller_);
  manager.add(experiment_controllers_.part());
  if (!optimization_) return;
  manager.add(part_of("optimization events", optimization_->events, io_));
  manager.add("optimization jobs", optimization_->jobs);
  manager.add(optimization_->controller);
}

Task<std::string> Tuning::advice(std::string trial_uid) {
  return early_stopping_.advice(std::move(trial_uid));
}

std::string Tuning::best_trial(const std::string& ns, const std::string& experiment) {
  const auto known = experiments_.get(ns, experiment);
  return known ? experiment_controllers_.best_trial(known->uid) : "";
}

Task<Result<Json>> Tuning::importance(std::string ns, std::string experiment, std::string method) {
  return analysis_.importance(std::move(ns), std::move(experiment), std::move(method));
}

Task<Result<Json>> Tuning::surface(std::string ns, std::string experiment, std::string x,
                                   std::string y) {
  return analysis_.surface(std::move(ns), std::move(experiment), std::move(x), std::move(y));
}

Task<Result<Json>> Tuning::recommended(std::string ns, std::string experiment) {
  return analysis_.recommended(std::move(ns), std::move(experiment));
}

}  // namespace mizan::cmd
