// See draw_setup.h.
#include "suggestion/draw_setup.h"

#include "suggestion/assignment.h"
#include "suggestion/problem.h"

namespace mizan::suggestion {
namespace {

std::vector<algorithms::Point> first_points(const resources::Experiment& experiment,
                                            const algorithms::SearchSpace& space) {
  std::vector<algorithms::Point> points;
  for (const resources::InitialTrial& trial : experiment.initial_trials) {
    if (!trial.metrics.empty()) continue;
    algorithms::Point point = point_of(space, to_assignments(trial.assignments));
    if (space.contains(point)) points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

Result<DrawSetup> set_up_draws(const resources::Experiment& experiment, const TrialsOf& trials_of,
                               const ObjectiveOf& objective_of) {
  DrawSetup setup;
  TRY(algorithms::Problem problem, make_problem(experiment));
  setup.choice = choose_algorithm(experiment);
  if (setup.choice.row != nullptr) check_fit(setup.choice, experiment, problem);
  if (!setup.choice.errors.empty())
    return fail(Code::kInvalid, "the algorithm can't run this experiment",
                std::move(setup.choice.errors));
  setup.problem = std::make_shared<const algorithms::Problem>(std::move(problem));
  setup.seed = effective_seed(setup.choice.settings, experiment.uid);
  setup.first = first_points(experiment, setup.problem->space);
  WarmStart start = take_over(experiment, setup.problem->space, trials_of, objective_of);
  for (algorithms::Point& point : start.first) setup.first.push_back(std::move(point));
  setup.known = std::move(start.known);
  return setup;
}

}  // namespace mizan::suggestion
