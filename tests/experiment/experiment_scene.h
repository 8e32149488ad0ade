// An experiment as its controller sees it, said in a few words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/experiment_plan.h"
#include "tests/support/manual_clock.h"

namespace mizan::experiment::testing {

/// An experiment, what is known of its trials, and a Suggestion, said in a few words.
class ExperimentScene {
 public:
  ExperimentScene() {
    experiment.ns = "default";
    experiment.name = "e";
    experiment.uid = "uid-e";
    experiment.objective.metric = "loss";
    experiment.parallel_trial_count = 3;
    experiment.raw = {{"metadata", {{"name", "e"}}}};
    suggestion.emplace();
    suggestion->raw = Json::object();
  }

  ExperimentScene& trials(resources::TrialState state, int count, const std::string& loss = "") {
    for (int i = 0; i < count; ++i) {
      resources::Trial trial;
      trial.name = "t" + std::to_string(made_);
      trial.draw_index = static_cast<std::uint64_t>(made_++);
      trial.state = state;
      if (resources::is_completed(state))
        trial.completed = clock.now() + std::chrono::seconds(made_);
      trial.objective = experiment.objective;
      if (!loss.empty()) trial.observation = {{"loss", loss, loss, loss}};
      tally.put(trial);
    }
    return *this;
  }
  /// Draws that the algorithm has made and nobody has taken yet.
  ExperimentScene& draws(int count) {
    for (int i = 0; i < count; ++i) {
      resources::TrialAssignment draw;
      draw.name = "d" + std::to_string(i);
      suggestion->suggestions.push_back(std::move(draw));
    }
    suggestion->count = made_ + count;
    suggestion->requests = suggestion->count;
    return *this;
  }
  ExperimentScene& condition(const std::string& type, const std::string& reason = "") {
    experiment.raw["status"]["conditions"].push_back(
        {{"type", type}, {"status", "True"}, {"reason", reason}, {"message", ""}});
    return *this;
  }

  std::optional<std::int64_t> trials_at_once;  // as whoever sizes pods says

  ExperimentView view() {
    return ExperimentView{
        .experiment = experiment,
        .tally = tally,
        .suggestion = suggestion ? &*suggestion : nullptr,
        .has_trial = [this](const std::string& name) { return tally.contains(name); },
        .now = clock.now(),
        .trials_at_once = trials_at_once};
  }
  ExperimentPlan plan() { return plan_experiment(view()); }
  std::vector<std::string> created() {
    std::vector<std::string> names;
    for (const auto* draw : plan().create_trials) names.push_back(draw->name);
    return names;
  }

  mizan::testing::ManualClock clock;
  resources::Experiment experiment;
  std::optional<resources::Suggestion> suggestion;
  TrialTally tally;

 private:
  int made_ = 0;
};

}  // namespace mizan::experiment::testing
