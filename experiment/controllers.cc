// Wiring: which change makes which key be looked at.
#include "experiment/controllers.h"

#include <algorithm>

#include "experiment/experiment_reconciler.h"
#include "experiment/metrics_follower.h"
#include "experiment/run_objects.h"
#include "resources/known_resources.h"
#include "resources/reading.h"

namespace mizan::experiment {
namespace {

using controller::Controller;
using controller::Informer;
using controller::InformerCore;
using controller::Request;

store::Selection trial_pods() {
  store::Selection selection(resources::kPods);
  store::LabelRequirement labelled;
  labelled.key = resources::kTrialLabel;
  labelled.op = store::LabelRequirement::Operator::kExists;
  selection.labels.push_back(std::move(labelled));
  return selection;
}

/// That is for the Suggestion controller: there is nothing to do here before it has answered.
bool only_asks_for_more(const resources::Suggestion& before, const resources::Suggestion& after) {
  const auto status = [](const resources::Suggestion& suggestion) -> const Json& {
    return resources::object_field(suggestion.raw, "status");
  };
  return after.requests > before.requests && after.uid == before.uid &&
         status(after) == status(before) &&
         std::ranges::equal(after.suggestions, before.suggestions, {},
                            &resources::TrialAssignment::name, &resources::TrialAssignment::name);
}

}  // namespace

struct Controllers::State {
  State(const Dependencies& given, ControllersOptions options)
      : needs(given),
        pods(given.store, trial_pods(), read_pod_view,
             [](const PodView& pod) { return pod.ns + "/" + pod.trial; }),
        runs(given.store, given.table),
        feeds(given.executor, given.logs, given.files, given.clock),
        metrics(given.executor, feeds, given.observations),
        experiment_reconciler(given.store, given.table, given.admission, given.clock,
                              given.experiment_events, given.observations, given.experiments,
                              given.suggestions, given.trials, options.status_interval,
                              given.trials_at_once, given.who_waits),
        trial_reconciler(given.store, given.clock, given.trial_events, given.observations, metrics,
                         runs, given.trials, pods, options.trials),
        experiments(given.executor, experiment_reconciler,
                    {"experiment", options.experiment_workers,
                     [this](const Request& request, const Error& error) {
                       if (const auto object = needs.experiments.get(request.ns, request.name)) {
                         needs.experiment_events.record(
                             object->raw, controller::EventType::kWarning, "ReconcileError",
                             "Failed to reconcile: " + error.message);
                       }
                     }}),
        trials(given.executor, trial_reconciler,
               {"trial", options.trial_workers, [this](const Request& request, const Error& error) {
                  if (const auto object = needs.trials.get(request.ns, request.name)) {
                    needs.trial_events.record(object->raw, controller::EventType::kWarning,
                                              "ReconcileError",
                                              "Failed to reconcile: " + error.message);
                  }
                }}) {
    watch_experiments();
    watch_trials();
  }

  void watch_experiments() {
    needs.experiments.on_change([this](const Informer<resources::Experiment>::Event& event) {
      const auto& experiment = event.after ? *event.after : *event.before;
      experiments.enqueue(Request(experiment.ns, experiment.name));
    });
    needs.suggestions.on_change([this](const Informer<resources::Suggestion>::Event& event) {
      if (event.before && event.after && only_asks_for_more(*event.before, *event.after)) return;
      const auto& suggestion = event.after ? *event.after : *event.before;
      experiments.enqueue(Request(suggestion.ns, suggestion.name));
    });
    needs.trials.on_change([this](const Informer<resources::Trial>::Event& event) {
      const auto& trial = event.after ? *event.after : *event.before;
      if (!trial.experiment.empty()) experiments.enqueue(Request(trial.ns, trial.experiment));
      trials.enqueue(Request(trial.ns, trial.name));
    });
  }

  void watch_trials() {
    pods.on_change([this](const Informer<PodView>::Event& event) {
      const PodView& pod = event.after ? *event.after : *event.before;
      trials.enqueue(Request(pod.ns, pod.trial));
    });
    const auto look_at = [this](const std::string& ns, const std::string& name) {
      trials.enqueue(Request(ns, name));
    };
    runs.on_change(look_at);
    metrics.on_result(look_at);
    trial_reconciler.on_surplus([this](const Request& request) { trials.enqueue(request); });
  }

  Dependencies needs;
  Informer<PodView> pods;
  RunObjects runs;
  MetricsFeeds feeds;
  MetricsFollower metrics;
  ExperimentReconciler experiment_reconciler;
  TrialReconciler trial_reconciler;
  Controller experiments, trials;
};

Controllers::Controllers(const Dependencies& dependencies, ControllersOptions options)
    : state_(std::make_unique<State>(dependencies, options)) {}
Controllers::~Controllers() = default;

Task<> Controllers::start() {
  State& state = *state_;
  co_await InformerCore::start(state.pods.core());
  co_await state.runs.start();
  // A controller that knows half of the trials would make the other half again.
  co_await state.needs.suggestions.wait_until_synced();
  co_await state.needs.trials.wait_until_synced();
  co_await state.needs.experiments.wait_until_synced();
  state.trials.start();
  state.experiments.start();
}

Task<> Controllers::stop() {
  State& state = *state_;
  co_await state.experiments.stop();
  co_await state.trials.stop();
  co_await state.metrics.stop();
  co_await state.runs.stop();
  co_await InformerCore::finish(state.pods.core());
}

controller::Manager::Part Controllers::part() {
  return {"experiment", [this] { return start(); }, [this] { return stop(); }};
}

std::string Controllers::best_trial(const std::string& experiment_uid) const {
  const TrialTally* tally = state_->experiment_reconciler.tally(experiment_uid);
  const auto best = tally == nullptr ? std::nullopt : tally->best();
  return best ? best->name : "";
}

const Controller& Controllers::experiments() const { return state_->experiments; }
const Controller& Controllers::trials() const { return state_->trials; }
bool Controllers::idle() const { return state_->experiments.idle() && state_->trials.idle(); }

std::function<resources::Experiment(const Json&)> experiment_decoder(
    const resources::AdmissionTable& admission) {
  return [&admission](const Json& object) {
    const auto row = admission.find({"kubeflow.org/v1beta1", "Experiment"});
    if (row == admission.end() || !row->second.apply_defaults)
      return resources::read_experiment(object);
    Json defaulted = object;
    row->second.apply_defaults(defaulted);
    return resources::read_experiment(defaulted);
  };
}

resources::Trial decode_trial(const Json& object) {
  resources::Trial trial = resources::read_trial(object);
  if (trial.run_spec.is_object()) {
    trial.raw["spec"].erase("runSpec");
    if (resources::is_completed(trial.state)) {
      const RunKind kind = run_kind_of(trial);
      trial.run_spec = {{"apiVersion", kind.api_version}, {"kind", kind.kind}};
    }
  }
  return trial;
}

}  // namespace mizan::experiment
