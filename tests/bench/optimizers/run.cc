// See run.h.
#include "tests/bench/optimizers/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

#include "algorithms/counter_rng.h"
#include "algorithms/recommend.h"

namespace mizan::bench {
namespace {

using namespace algorithms;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Running {
  EvaluationPtr evaluation;
  double ends = 0;
};

EvaluationPtr finished(const BenchProblem& problem, const Running& running, std::uint64_t seed,
                       double& exact) {
  Evaluation e = *running.evaluation;
  const Measurement measured = measure_loss(problem, e.point, seed, e.draw);
  exact = measured.exact;
  const bool fails = !std::isfinite(measured.seen);
  e.state = fails ? EvaluationState::kFailed : EvaluationState::kComplete;
  if (!fails) e.objectives = {measured.seen};
  return std::make_shared<const Evaluation>(std::move(e));
}

}  // namespace

Measurement measure_loss(const BenchProblem& problem, const Point& point, std::uint64_t seed,
                         std::uint64_t draw) {
  CounterRng rng(seed ^ 0xE7A1ULL, draw, Purpose::kAttempt);
  const double exact = problem.loss(point);
  return {exact, exact + problem.noise * rng.normal()};
}

RunResult run(const BenchProblem& problem, const RunPlan& plan) {
  const auto optimizer = plan.algorithm->make();
  Problem stated = problem.problem;
  stated.parallelism = plan.workers;
  History history;
  Cache cache;
  State state;
  std::vector<Running> running;
  std::vector<double> exact;  // by draw
  RunResult result;
  double best = std::numeric_limits<double>::infinity(), now = 0;
  std::uint64_t draw = 0;
  const std::size_t total = plan.budgets.back();
  while (history.size() < total) {
    while (running.size() < plan.workers && draw < total) {
      stated.budget_left = total - draw;
      std::vector<EvaluationPtr> pending;
      for (const Running& r : running) pending.push_back(r.evaluation);
      const double began = cpu_seconds();
      Batch batch = optimizer->suggest(
          {stated, plan.settings, plan.seed, history, std::move(pending), state, draw}, 1, cache);
      result.seconds += cpu_seconds() - began;
      state = std::move(batch.state);
      if (batch.proposals.empty()) break;
      Evaluation e;
      e.draw = draw;
      e.name = fmt::format("trial-{}", draw);
      e.point = batch.proposals[0].point;
      e.fidelity = batch.proposals[0].fidelity;
      CounterRng rng(plan.seed ^ 0xD07AULL, draw, Purpose::kAttempt);
      running.push_back(
          {std::make_shared<const Evaluation>(std::move(e)), now + std::exp(0.5 * rng.normal())});
      exact.push_back(0);
      ++draw;
    }
    if (running.empty()) break;
    const auto first =
        std::min_element(running.begin(), running.end(),
                         [](const auto& a, const auto& b) { return a.ends < b.ends; });
    now = first->ends;
    double& value = exact[first->evaluation->draw];
    EvaluationPtr done = finished(problem, *first, plan.seed, value);
    running.erase(first);
    if (done->state == EvaluationState::kComplete) best = std::min(best, value);
    history.insert({static_cast<std::int64_t>(history.size()), done->draw, done->name}, done);
    if (std::find(plan.budgets.begin(), plan.budgets.end(), history.size()) == plan.budgets.end())
      continue;
    double used = best;
    if (problem.noise > 0) {
      if (const auto found = recommend(stated, history)) used = exact[history[found->index].draw];
    }
    result.losses.push_back(used);
  }
  while (result.losses.size() < plan.budgets.size()) result.losses.push_back(best);
  return result;
}

}  // namespace mizan::bench
