// See warm_start.h.
#include "suggestion/warm_start.h"

#include <algorithm>
#include <tuple>

#include "resources/reading.h"
#include "suggestion/assignment.h"
#include "suggestion/problem.h"

namespace mizan::suggestion {
namespace {

constexpr std::size_t kMostTrials = 1000;

struct PastResult {
  std::shared_ptr<const resources::Trial> trial;
  algorithms::Point point;
  double loss = 0;
};

// The best first; of equal ones the newest.
std::vector<PastResult> results_of(
    const resources::Experiment& experiment, const algorithms::SearchSpace& space,
    const std::vector<std::shared_ptr<const resources::Trial>>& trials,
    const resources::Objective& objective) {
  std::vector<PastResult> results;
  for (const auto& trial : trials) {
    const bool is_earlier =
        trial->completed && experiment.created && *trial->completed <= *experiment.created;
    if (trial->state != resources::TrialState::kSucceeded || !is_earlier) continue;
    const auto value = resources::objective_value(*trial, objective);
    algorithms::Point point = point_of(space, trial->assignments);
    if (!value || !space.contains(point)) continue;
    results.push_back({trial, std::move(point), loss_sign(objective) * *value});
  }
  std::sort(results.begin(), results.end(), [](const PastResult& a, const PastResult& b) {
    return std::tie(a.loss, b.trial->completed, a.trial->name) <
           std::tie(b.loss, a.trial->completed, b.trial->name);
  });
  return results;
}

algorithms::EvaluationPtr known_result(const std::string& experiment, const PastResult& result,
                                       std::size_t place) {
  algorithms::Evaluation e;
  e.draw = place;
  e.name = "from-" + experiment + "-" + result.trial->name;
  e.point = result.point;
  e.state = algorithms::EvaluationState::kComplete;
  e.origin = algorithms::Origin::kImported;
  e.objectives.push_back(result.loss);
  return std::make_shared<const algorithms::Evaluation>(std::move(e));
}

}  // namespace

WarmStart take_over(const resources::Experiment& experiment, const algorithms::SearchSpace& space,
                    const TrialsOf& trials_of, const ObjectiveOf& objective_of) {
  WarmStart start;
  const Json& spec =
      resources::object_field(resources::object_field(experiment.raw, "spec"), "warmStart");
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(
      resources::integer_field(spec, "maxTrials").value_or(kMostTrials), 1, 100'000));
  for (const Json& source : resources::array_field(spec, "fromExperiments")) {
    const std::string name = resources::text_field(source, "name");
    const resources::Objective* objective = objective_of(name);
    if (objective == nullptr || start.known.size() >= limit) continue;
    const bool same = resources::flag_field(source, "sameObjective");
    // With the same objective the value is read by this experiment's rules.
    const auto results =
        results_of(experiment, space, trials_of(name), same ? experiment.objective : *objective);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (same && start.known.size() < limit) {
        start.known.push_back(known_result(name, results[i], start.known.size()));
      } else if (!same && i < kFirstOfOthers) {
        start.first.push_back(results[i].point);
      }
    }
  }
  return start;
}

}  // namespace mizan::suggestion
