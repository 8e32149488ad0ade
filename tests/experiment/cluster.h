// Both controllers on a store in memory, with stand-ins for what lies outside this room: an
// algorithm that draws, a Job controller and node that run what the Job's annotation says.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/event_recorder.h"
#include "experiment/controllers.h"
#include "resources/condition.h"
#include "resources/known_resources.h"
#include "resources/meta.h"
#include "store/memory_observation_log.h"
#include "tests/experiment/builders.h"
#include "tests/support/flaky_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_until.h"
#include "tests/support/scripted_logs.h"

namespace mizan::experiment::testing {

using resources::kExperiments;
using resources::kJobs;
using resources::kPods;
using resources::kSuggestions;
using resources::kTrials;

/// An Experiment of Jobs: one parameter lr; the container "prints" what its argument says.
inline Json experiment_object(const std::string& name,
                              const std::string& says = "loss=${trialParameters.lr}") {
  Json object = Json::parse(R"({
    "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "spec": {
      "objective": {"type": "minimize", "objectiveMetricName": "loss", "metricStrategies": [{"name": "loss", "value": "min"}]},
      "algorithm": {"algorithmName": "random"}, "parallelTrialCount": 2, "maxTrialCount": 6, "maxFailedTrialCount": 3,
      "resumePolicy": "LongRunning",
      "parameters": [{"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0", "max": "1"}}],
      "metricsCollectorSpec": {"collector": {"kind": "StdOut"}},
      "trialTemplate": {"primaryContainerName": "main", "trialParameters": [{"name": "lr", "reference": "lr"}],
        "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {"restartPolicy": "Never",
          "containers": [{"name": "main", "image": "i", "command": ["say"]}]}}}}}}})");
  object["metadata"]["name"] = name;
  Json& made = object["spec"]["trialTemplate"];
  made["trialSpec"]["spec"]["template"]["spec"]["containers"][0]["args"] = {says};
  made["successCondition"] = kComplete;
  made["failureCondition"] = kFailed;
  return object;
}

class Cluster {
 public:
  explicit Cluster(ControllersOptions options = quick()) : options_(options) { start(); }
  ~Cluster() { stop(); }

  static ControllersOptions quick() {
    ControllersOptions options;
    options.status_interval = std::chrono::milliseconds(1);
    options.trials.unwritten_for = std::chrono::milliseconds(0);
    return options;
  }

  /// The program begins, with nothing but what the store holds.
  void start() {
    program_ = std::make_unique<Program>(*this);
    memory.run(program_->start());
  }
  void stop() {
    if (program_) memory.run(program_->stop());
    program_.reset();
  }

  void create(const resources::ResourceId& id, Json object) {
    auto made = memory.run(memory.store.create(id, "default", std::move(object), {}));
    if (!made) throw std::runtime_error(made.error().message);
  }
  /// A Job may have been removed meanwhile by the Trial controller: that is no fault of the
  /// stand-in.
  void patch(const resources::ResourceId& id, const std::string& name, Json change,
             const std::string& subresource = "") {
    auto made = memory.run(
        memory.store.patch(store::Key(id, "default", name), subresource,
                           store::Patch(store::PatchType::kMerge, std::move(change)), {}));
    if (!made && !(id == kJobs && made.error().code == Code::kNotFound))
      throw std::runtime_error(made.error().message + story());
  }
  void remove(const resources::ResourceId& id, const std::string& name) {
    auto gone = memory.run(memory.store.remove(store::Key(id, "default", name), {}));
    if (!gone) throw std::runtime_error(gone.error().message);
  }
  Json get(const resources::ResourceId& id, const std::string& name) {
    auto found = memory.run(memory.store.get(store::Key(id, "default", name)));
    return found ? **found : Json();
  }
  std::vector<Json> list(const resources::ResourceId& id) {
    std::vector<Json> items;
    for (const auto& item : memory.run(memory.store.list(store::Selection(id), {}))->items)
      items.push_back(*item);
    return items;
  }
  std::string state(const resources::ResourceId& id, const std::string& name) {
    return resources::last_condition_type(get(id, name));
  }
  std::vector<Json> trials_in(const std::string& wanted) {
    std::vector<Json> found;
    for (const Json& trial : list(kTrials)) {
      if (resources::last_condition_type(trial) == wanted) found.push_back(trial);
    }
    return found;
  }

  /// Runs controllers and stand-ins by turns.
  template <class Condition>
  void run_until(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline)
        throw std::runtime_error("waited in vain: " + story());
      work_for(std::chrono::milliseconds(5));
      draw_points();
      move_jobs();
    }
  }
  void run_until_state(const std::string& experiment, const std::string& wanted) {
    run_until([&] { return state(kExperiments, experiment) == wanted; });
  }
  /// What there is, for a test that fails.
  std::string story() {
    std::string told;
    for (const auto& id : {kExperiments, kTrials}) {
      for (const Json& object : list(id)) {
        told += "\n" + resources::name_of(object) + " " + resources::last_condition_type(object) +
                ": " + string_at(object, "status.why");
      }
    }
    return told;
  }
  /// Some turns in which nothing in particular is expected.
  void turns(int count) {
    for (int i = 0; i < count; ++i) {
      work_for(std::chrono::milliseconds(5));
      draw_points();
      move_jobs();
    }
  }

  // What the stand-ins do.
  bool hold_jobs = false;              // Jobs run on until told otherwise
  WhoWaits who_waits;                  // of a program that begins
  std::int64_t points = 1'000;         // then the algorithm is exhausted
  std::map<std::string, int> started;  // by Job: how often a pod was started for it

  mizan::testing::MemoryStore memory;
  mizan::testing::FlakyStore store{memory.store};
  store::MemoryObservationLog observations;
  mizan::testing::ScriptedLogs logs;

  Controllers& controllers() { return program_->controllers; }

 private:
  struct Program {
    explicit Program(Cluster& cluster)
        : manager(cluster.memory.io.get_executor()),
          experiment_events(cluster.store, cluster.memory.clock, "experiment-controller"),
          trial_events(cluster.store, cluster.memory.clock, "trial-controller"),
          experiments(cluster.store, store::Selection(kExperiments), resources::read_experiment),
          suggestions(cluster.store, store::Selection(kSuggestions), resources::read_suggestion),
          trials(cluster.store, store::Selection(kTrials), decode_trial),
          controllers({.executor = cluster.memory.io.get_executor(),
                       .store = cluster.store,
                       .table = cluster.memory.table,
                       .admission = cluster.memory.admission,
                       .clock = cluster.memory.clock,
                       .experiment_events = experiment_events,
                       .trial_events = trial_events,
                       .observations = cluster.observations,
                       .logs = cluster.logs,
                       .experiments = experiments,
                       .suggestions = suggestions,
                       .trials = trials,
                       .who_waits = cluster.who_waits},
                      cluster.options_) {
      experiment_events.start(cluster.memory.io.get_executor());
      trial_events.start(cluster.memory.io.get_executor());
      manager.add("experiments", experiments);
      manager.add("suggestions", suggestions);
      manager.add("trials", trials);
      manager.add(controllers.part());
    }
    Task<> start() { return manager.start(); }
    Task<> stop() {
      co_await manager.stop(std::chrono::seconds(20));
      co_await experiment_events.stop();
      co_await trial_events.stop();
    }

    controller::Manager manager;
    controller::EventRecorder experiment_events, trial_events;
    controller::Informer<resources::Experiment> experiments;
    controller::Informer<resources::Suggestion> suggestions;
    controller::Informer<resources::Trial> trials;
    Controllers controllers;
  };

  void work_for(std::chrono::milliseconds time) {
    memory.io.restart();
    memory.io.run_for(time);
  }

  void draw_points() {
    for (const Json& object : list(kSuggestions)) {
      const resources::Suggestion suggestion = resources::read_suggestion(object);
      if (suggestion.count >= suggestion.requests) continue;
      Json list = Json::array();
      for (const auto& open : suggestion.suggestions) list.push_back(resources::to_json(open));
      std::int64_t count = suggestion.count;
      for (; count < std::min(suggestion.requests, points); ++count) {
        resources::TrialAssignment draw;
        draw.name = suggestion.name + "-" + std::to_string(1000 + count);
        draw.assignments = {{"lr", "0." + std::to_string(999 - count)}};
        draw.suggested_from = {{"draw", count}};
        draw.why = "the next point";
        list.push_back(resources::to_json(draw));
      }
      Json change;
      change["status"] = {{"suggestions", list}, {"suggestionCount", count}};
      if (count >= points) change["status"]["exhausted"] = true;
      patch(kSuggestions, suggestion.name, change, "status");
    }
  }

  /// Each Job gets one pod, which prints its argument and ends; "exit N" makes it fail.
  void move_jobs() {
    for (const Json& job : list(kJobs)) {
      const std::string name = resources::name_of(job);
      if (find(job, "status.conditions") != nullptr || resources::is_being_deleted(job)) continue;
      if (get(kPods, name + "-pod").is_null()) {
        Json pod = job["spec"]["template"];
        pod["apiVersion"] = "v1";
        pod["kind"] = "Pod";
        pod["metadata"]["name"] = name + "-pod";
        create(kPods, pod);
        ++started[name];
        logs.print(name + "-pod", "");
        set_pod(name, "Running", {{"running", Json::object()}});
        patch(kJobs, name, {{"status", {{"active", 1}}}}, "status");
        continue;
      }
      if (hold_jobs) continue;
      const std::string says = job["spec"]["template"]["spec"]["containers"][0]["args"][0];
      logs.print(name + "-pod", says + "\n");
      logs.end(name + "-pod");
      const bool fails = says.starts_with("exit ");
      const int code = fails ? std::stoi(says.substr(5)) : 0;
      set_pod(name, fails ? "Failed" : "Succeeded",
              {{"terminated", {{"exitCode", code}, {"reason", fails ? "Error" : "Completed"}}}});
      Json condition = {{"type", fails ? "Failed" : "Complete"},
                        {"status", "True"},
                        {"reason", fails ? "BackoffLimitExceeded" : "CompletionsReached"}};
      patch(kJobs, name, {{"status", {{"active", 0}, {"conditions", {condition}}}}}, "status");
    }
  }

  void set_pod(const std::string& name, const std::string& phase, const Json& container_state) {
    Json change;
    change["status"]["phase"] = phase;
    change["status"]["containerStatuses"] = {{{"name", "main"},
                                              {"image", "i"},
                                              {"imageID", ""},
                                              {"ready", false},
                                              {"restartCount", 0},
                                              {"state", container_state}}};
    patch(kPods, name + "-pod", change, "status");
  }

  ControllersOptions options_;
  std::unique_ptr<Program> program_;
};

}  // namespace mizan::experiment::testing
