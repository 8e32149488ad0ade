// The generators behind the conformance suite.
#include "tests/support/random_problems.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "algorithms/random_search.h"

namespace mizan::testing {
namespace {

using namespace algorithms;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Distribution random_distribution(CounterRng& rng) {
  constexpr Distribution kAll[] = {Distribution::kUniform, Distribution::kLogUniform,
                                   Distribution::kNormal, Distribution::kLogNormal};
  return kAll[rng.below(4)];
}

Parameter random_double(CounterRng& rng, std::string name, bool with_step) {
  const Distribution distribution = random_distribution(rng);
  const bool log =
      distribution == Distribution::kLogUniform || distribution == Distribution::kLogNormal;
  const double low = log ? std::pow(10.0, -6 * rng.uniform()) : 10 * rng.uniform() - 5;
  const std::string min = fmt::format("{:.4f}", log ? low + 1e-4 : low);
  const std::string max =
      fmt::format("{:.4f}", (log ? low + 1e-4 : low) + 3 * rng.uniform() + 0.001);
  return *make_double(std::move(name), {min, max, with_step ? "0.0500" : ""}, distribution);
}

Parameter random_parameter(CounterRng& rng, std::string name, const Capabilities& can) {
  switch (rng.below(can.categorical ? 6 : 5)) {
    case 0:
      return random_double(rng, std::move(name), !can.continuous);
    case 1:
      return random_double(rng, std::move(name), true);
    case 2: {
      const std::string max = fmt::format("{}", 1 + rng.below(40));
      return *make_int(std::move(name), {"1", max, rng.below(2) == 0 ? "" : "3"},
                       random_distribution(rng));
    }
    case 3:
      return *make_discrete(std::move(name), {"0.5", "16", "1e-3", "64"});
    case 4:
      return *make_int(std::move(name), {"7", "7", ""}, Distribution::kUniform);
    default: {
      std::vector<std::string> words;
      for (std::uint64_t i = 0; i <= rng.below(6); ++i) words.push_back(fmt::format("word{}", i));
      return *make_categorical(std::move(name), std::move(words));
    }
  }
}

// Hangs the parameter below an earlier one that has levels.
void maybe_add_condition(CounterRng& rng, const std::vector<Parameter>& earlier, Parameter& child) {
  if (earlier.empty() || rng.below(2) == 0) return;
  const std::size_t parent = rng.below(earlier.size());
  const std::uint64_t levels = level_count(earlier[parent]);
  if (levels == 0) return;
  Condition condition{parent, {level_value(earlier[parent], rng.below(levels))}};
  if (rng.below(2) == 0)
    condition.values.push_back(level_value(earlier[parent], rng.below(levels)));
  child.condition = std::move(condition);
}

double strange_value(CounterRng& rng) {
  switch (rng.below(8)) {
    case 0:
      return std::numeric_limits<double>::quiet_NaN();
    case 1:
      return kInfinity;
    case 2:
      return -kInfinity;
    case 3:
      return 1e300;
    case 4:
      return -1e300;
    case 5:
      return 0.25;
    default:
      return rng.normal();
  }
}

Evaluation random_evaluation(CounterRng& rng, const Problem& problem, std::uint64_t draw,
                             Point point, Outcomes outcomes) {
  Evaluation e;
  e.draw = draw;
  e.name = fmt::format("trial-{}", draw);
  e.state =
      outcomes == Outcomes::kAllFailed ? EvaluationState::kFailed : EvaluationState::kComplete;
  double value = outcomes == Outcomes::kConstant ? 0.5 : smooth_value(problem, point);
  if (outcomes == Outcomes::kEverything) {
    constexpr EvaluationState kStates[] = {EvaluationState::kComplete, EvaluationState::kComplete,
                                           EvaluationState::kStopped, EvaluationState::kFailed,
                                           EvaluationState::kInfeasible};
    e.state = kStates[rng.below(5)];
    value = strange_value(rng);
    e.origin = rng.below(5) == 0 ? Origin::kImported : Origin::kOwn;
    e.excluded = rng.below(6) == 0;
    e.cost = std::fabs(rng.normal());
    e.curve = {{1, value}, {2, strange_value(rng)}};
    if (rng.below(6) == 0)
      point.values[rng.below(point.values.size())] = rng.below(2) == 0 ? kUnknownValue : 1e9;
  }
  const bool measured =
      e.state == EvaluationState::kComplete || e.state == EvaluationState::kStopped;
  if (measured) e.objectives.assign(problem.objectives.size(), value);
  e.constraints.assign(measured ? problem.constraints.size() : 0, rng.normal());
  e.point = std::move(point);
  return e;
}

}  // namespace

Problem random_problem(std::uint64_t seed, const Capabilities& can) {
  CounterRng rng(seed, 0, Purpose::kSample);
  std::vector<Parameter> parameters;
  const std::uint64_t count = 1 + rng.below(7);
  for (std::uint64_t i = 0; i < count; ++i) {
    Parameter parameter = random_parameter(rng, fmt::format("p{}", i), can);
    if (can.conditions) maybe_add_condition(rng, parameters, parameter);
    parameters.push_back(std::move(parameter));
  }
  Problem problem;
  problem.space = *SearchSpace::make(std::move(parameters));
  problem.objectives.push_back({"loss"});
  if (can.several_objectives && rng.below(4) == 0) problem.objectives.push_back({"latency"});
  if (can.constraints && rng.below(4) == 0) problem.constraints.push_back({"memory"});
  problem.parallelism = 1 + rng.below(4);
  if (rng.below(2) == 0) problem.budget_left = rng.below(100);
  return problem;
}

double smooth_value(const Problem& problem, const Point& point) {
  double sum = 0;
  for (const double u : problem.space.to_unit(point))
    sum += std::isnan(u) ? 0.05 : (u - 0.3) * (u - 0.3);
  return sum;
}

Record random_record(const Problem& problem, std::uint64_t seed, std::size_t finished,
                     std::size_t running, Outcomes outcomes) {
  CounterRng rng(seed, 1, Purpose::kSample);
  Record record;
  Point previous;
  for (std::uint64_t draw = 0; draw < finished; ++draw) {
    Point point = sample_point(problem.space, seed, draw, Purpose::kPopulation);
    if (outcomes == Outcomes::kEverything && draw > 0 && rng.below(5) == 0) point = previous;
    previous = point;
    add(record.history, std::make_shared<const Evaluation>(
                            random_evaluation(rng, problem, draw, std::move(point), outcomes)));
  }
  for (std::uint64_t i = 0; i < running; ++i) {
    const std::uint64_t draw = finished + i;
    record.pending.push_back(
        running_evaluation(draw, sample_point(problem.space, seed, draw, Purpose::kPopulation)));
  }
  return record;
}

EvaluationPtr finished_evaluation(std::uint64_t draw, Point point, double value) {
  Evaluation e;
  e.draw = draw;
  e.name = fmt::format("trial-{}", draw);
  e.point = std::move(point);
  e.state = EvaluationState::kComplete;
  e.objectives = {value};
  return std::make_shared<const Evaluation>(std::move(e));
}

EvaluationPtr running_evaluation(std::uint64_t draw, Point point) {
  Evaluation e;
  e.draw = draw;
  e.name = fmt::format("trial-{}", draw);
  e.point = std::move(point);
  return std::make_shared<const Evaluation>(std::move(e));
}

EvaluationPtr drawn_evaluation(std::uint64_t draw, const Proposal& proposal) {
  Evaluation e = *running_evaluation(draw, proposal.point);
  e.fidelity = proposal.fidelity;
  e.parent = proposal.parent;
  e.generation = proposal.generation;
  return std::make_shared<const Evaluation>(std::move(e));
}

EvaluationPtr finished_evaluation(const Evaluation& running, double value) {
  Evaluation e = running;
  e.state = EvaluationState::kComplete;
  e.objectives = {value};
  return std::make_shared<const Evaluation>(std::move(e));
}

void add(History& history, const EvaluationPtr& evaluation) {
  history.insert({static_cast<std::int64_t>(evaluation->draw), evaluation->draw, evaluation->name},
                 evaluation);
}

}  // namespace mizan::testing
