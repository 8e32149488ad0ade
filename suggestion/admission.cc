// The checks, in the order of the spec.
#include "suggestion/admission.h"

#include <fmt/format.h>

#include "resources/reading.h"
#include "suggestion/algorithm_choice.h"
#include "suggestion/assignment.h"
#include "suggestion/problem.h"
#include "suggestion/stopping_choice.h"

namespace mizan::suggestion {
namespace {

using resources::Admission;

void check_initial_trial(const resources::InitialTrial& trial, std::size_t index,
                         const resources::Experiment& experiment,
                         const algorithms::SearchSpace& space, std::vector<FieldError>& errors) {
  const std::string path = fmt::format("spec.initialTrials[{}]", index);
  const algorithms::Point point = point_of(space, to_assignments(trial.assignments));
  for (const auto& [name, text] : trial.assignments) {
    const auto i = space.find(name);
    const std::string where = fmt::format("{}.assignments[{}]", path, name);
    if (!i) {
      errors.push_back({FieldReason::kInvalid, where, "is no parameter of this experiment"});
    } else if (!space.is_switched_on(*i, point)) {
      errors.push_back(
          {FieldReason::kInvalid, where, "is inactive under the other values; leave it out"});
    } else if (!algorithms::is_value_of(space[*i], point.values[*i])) {
      errors.push_back({FieldReason::kInvalid, where,
                        fmt::format("\"{}\" is not in the parameter's feasible space", text)});
    }
  }
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space.is_switched_on(i, point) && !trial.assignments.contains(space[i].name))
      errors.push_back({FieldReason::kRequired,
                        fmt::format("{}.assignments[{}]", path, space[i].name),
                        "must have a value"});
  }
  if (!trial.metrics.empty() && !trial.metrics.contains(experiment.objective.metric))
    errors.push_back({FieldReason::kRequired,
                      fmt::format("{}.metrics[{}]", path, experiment.objective.metric),
                      "an imported trial must have a value of the objective"});
}

}  // namespace

Admission::Verdict check_algorithm(const resources::Experiment& experiment) {
  Admission::Verdict verdict;
  AlgorithmChoice choice = choose_algorithm(experiment);
  if (experiment.has_nas) {
    choice.errors.push_back({FieldReason::kNotSupported, "spec.nasConfig",
                             "architecture search isn't supported; use spec.parameters"});
  } else if (const auto problem = make_problem(experiment); !problem) {
    const auto& faults = problem.error().fields;
    choice.errors.insert(choice.errors.end(), faults.begin(), faults.end());
  } else {
    if (choice.row != nullptr) check_fit(choice, experiment, *problem);
    for (std::size_t i = 0; i < experiment.initial_trials.size(); ++i)
      check_initial_trial(experiment.initial_trials[i], i, experiment, problem->space,
                          choice.errors);
  }
  const bool elastic = resources::field(experiment.trial_pods, "elasticParallelism") != nullptr;
  if (elastic && choice.row != nullptr && !choice.row->can.elastic)
    choice.warnings.push_back(fmt::format(
        "spec.trialPods.elasticParallelism: has no effect with {}, which more trials at "
        "once than planned would harm",
        choice.row->name));
  verdict.errors = std::move(choice.errors);
  verdict.warnings = std::move(choice.warnings);
  StoppingChoice stopping = choose_stopping(experiment);
  for (auto& fault : stopping.errors) verdict.errors.push_back(std::move(fault));
  for (auto& warning : stopping.warnings) verdict.warnings.push_back(std::move(warning));
  return verdict;
}

}  // namespace mizan::suggestion
