// What is known of one draw: its point, how far it got, and what was measured.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/point.h"

namespace mizan::algorithms {

enum class EvaluationState {
  kRunning,  // also: drawn and not started
  kComplete,
  kStopped,  // stopped early: its values are those of an unfinished run
  kFailed,
  kInfeasible,  // the point can't be evaluated, whoever tries; `reason` says why
};

enum class Origin { kOwn, kImported };

struct CurvePoint {
  double step = 0, value = 0;  // value of the first objective, minimised
  bool operator==(const CurvePoint&) const = default;
};

struct Evaluation {
  std::uint64_t draw = 0;
  std::string name;  // the trial's, for messages and lineage
  Point point;       // may lie outside the space when that was edited: ask SearchSpace::contains
  EvaluationState state = EvaluationState::kRunning;
  std::string reason;  // of kInfeasible and kFailed
  std::vector<double>
      objectives;  // minimised, by Problem::objectives; empty when nothing was measured
  std::vector<double> constraints;  // by Problem::constraints, held at <= 0
  std::vector<CurvePoint> curve;    // by step
  std::optional<double> fidelity;   // the value of the fidelity parameter that was reached
  std::optional<double> cost;       // seconds
  Origin origin = Origin::kOwn;
  std::string parent;  // name of the trial that this one descends from
  std::int64_t generation = 0;
  bool excluded = false;  // must not enter a model: a transient failure, or the user's wish
  bool operator==(const Evaluation&) const = default;
};

/// Evaluations are shared between histories and never change.
using EvaluationPtr = std::shared_ptr<const Evaluation>;

/// A hash of everything in it that can change a proposal; the same on every machine.
std::uint64_t hash_of(const Evaluation& evaluation);

}  // namespace mizan::algorithms
