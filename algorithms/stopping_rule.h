// The interface of early stopping: should this running trial go on?
//
// Pure like Optimizer, and without a cache: a judgement looks at one curve and at those of its
// peers.
#pragma once

#include <string>

#include "algorithms/evaluation.h"
#include "algorithms/history.h"
#include "algorithms/problem.h"
#include "algorithms/settings.h"

namespace mizan::algorithms {

struct StoppingQuery {
  const Problem& problem;
  const Settings& settings;
  const History& history;              // finished trials with their curves
  std::vector<EvaluationPtr> running;  // the other running trials with their curves so far
  const Evaluation& candidate;         // the trial to judge; its newest value is curve.back()
};

struct StoppingVerdict {
  bool stop = false;
  std::string why;  // one sentence when it stops
};

/// Without state; safe to use from any thread.
class StoppingRule {
 public:
  virtual ~StoppingRule() = default;
  virtual StoppingVerdict judge(const StoppingQuery& query) const = 0;
};

}  // namespace mizan::algorithms
