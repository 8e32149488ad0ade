// The rows, and the refusals that follow from capabilities.
#include "algorithms/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "algorithms/auto_search.h"
#include "algorithms/bayes/bayesian.h"
#include "algorithms/cmaes/cmaes.h"
#include "algorithms/grid_search.h"
#include "algorithms/hyperband/hyperband.h"
#include "algorithms/pbt/pbt.h"
#include "algorithms/random_search.h"
#include "algorithms/sobol_search.h"
#include "algorithms/tpe/tpe.h"

namespace mizan::algorithms {
namespace {

// `auto` is the name that runs when none is given.
const std::array kAlgorithms = {
    Algorithm{.name = "auto",
              .summary = "for every draw the algorithm that suits the problem and its results",
              .settings = auto_settings(),
              .can = auto_capabilities(),
              .check = nullptr,
              .make = make_auto,
              .runs_as = ""},
    Algorithm{.name = "bayesianoptimization",
              .summary = "a Gaussian process that says where to expect an improvement",
              .settings = bayesian_settings(),
              .can = bayesian_capabilities(),
              .check = check_bayesian,
              .make = make_bayesian,
              .runs_as = ""},
    Algorithm{.name = "cmaes",
              .summary = "a normal distribution that learns where to look and how far",
              .settings = cmaes_settings(),
              .can = cmaes_capabilities(),
              .check = check_cmaes,
              .make = make_cmaes,
              .runs_as = ""},
    Algorithm{.name = "grid",
              .summary = "every combination of the parameters' values, once",
              .settings = grid_settings(),
              .can = grid_capabilities(),
              .check = check_grid,
              .make = make_grid_search,
              .runs_as = ""},
    Algorithm{.name = "hyperband",
              .summary = "many trials with little of a resource, the best again with more",
              .settings = hyperband_settings(),
              .can = hyperband_capabilities(),
              .check = check_hyperband,
              .make = make_hyperband,
              .runs_as = ""},
    Algorithm{.name = "multivariate-tpe",
              .summary = "like tpe, with all parameters modelled together",
              .settings = multivariate_tpe_settings(),
              .can = tpe_capabilities(),
              .check = nullptr,
              .make = make_multivariate_tpe,
              .runs_as = ""},
    Algorithm{.name = "pbt",
              .summary = "a population of short trials that go on from each other's checkpoints",
              .settings = pbt_settings(),
              .can = pbt_capabilities(),
              .check = check_pbt,
              .make = make_pbt,
              .runs_as = ""},
    Algorithm{.name = "random",
              .summary = "independent draws from the declared distributions",
              .settings = random_settings(),
              .can = random_capabilities(),
              .check = nullptr,
              .make = make_random_search,
              .runs_as = ""},
    Algorithm{.name = "sobol",
              .summary = "evenly spread points of a scrambled Sobol sequence",
              .settings = sobol_settings(),
              .can = sobol_capabilities(),
              .check = nullptr,
              .make = make_sobol_search,
              .runs_as = ""},
    Algorithm{.name = "tpe",
              .summary = "points that look more like the good results than like the others",
              .settings = tpe_settings(),
              .can = tpe_capabilities(),
              .check = nullptr,
              .make = make_tpe,
              .runs_as = ""},
};

void refuse_by_capabilities(const Algorithm& algorithm, const Problem& problem,
                            Findings& findings) {
  const Capabilities& can = algorithm.can;
  const auto refuse = [&](std::string what) {
    findings.errors.push_back(
        {"", fmt::format("algorithm {} can't work with {}", algorithm.name, what)});
  };
  if (problem.objectives.size() > 1 && !can.several_objectives) refuse("more than one objective");
  if (!problem.constraints.empty() && !can.constraints) refuse("constraints");
  if (problem.space.has_conditions() && !can.conditions)
    refuse("conditional parameters (activeWhen)");
  if (problem.fidelity_parameter && !can.fidelity) refuse("a fidelity parameter");
  for (const Parameter& parameter : problem.space.parameters()) {
    if (!parameter.is_numeric() && !can.categorical)
      refuse(fmt::format("the categorical parameter \"{}\"", parameter.name));
    if (level_count(parameter) == 0 && !can.continuous)
      refuse(fmt::format(
          "\"{}\": a double needs a step here, all parameters must have countable values",
          parameter.name));
  }
}

}  // namespace

std::span<const Algorithm> builtin_algorithms() { return kAlgorithms; }

const Algorithm* find_algorithm(std::string_view name) {
  const auto at = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                               [&](const Algorithm& a) { return a.name == name; });
  return at == kAlgorithms.end() ? nullptr : &*at;
}

std::vector<std::string_view> algorithm_names() {
  std::vector<std::string_view> names;
  for (const Algorithm& algorithm : kAlgorithms) names.push_back(algorithm.name);
  return names;
}

const Algorithm& resolve(const Algorithm& algorithm) {
  return algorithm.runs_as.empty() ? algorithm : *find_algorithm(algorithm.runs_as);
}

Findings check_problem(const Algorithm& algorithm, const Problem& problem, const Settings& settings,
                       std::uint64_t total_budget) {
  Findings findings;
  refuse_by_capabilities(algorithm, problem, findings);
  if (findings.errors.empty() && algorithm.check != nullptr)
    algorithm.check(problem, settings, total_budget, findings);
  return findings;
}

}  // namespace mizan::algorithms
