// See evaluation_table.h.
#include "algorithms/evaluation_table.h"

#include <cmath>

#include "algorithms/seen_points.h"

namespace mizan::algorithms {
namespace {

Standing standing_of(const SearchSpace& space, const Evaluation& e) {
  if (e.excluded || !space.contains(e.point)) return Standing::kUnusable;
  if (e.state == EvaluationState::kFailed || e.state == EvaluationState::kInfeasible)
    return Standing::kBad;
  if (e.objectives.empty() || !std::isfinite(e.objectives.front())) return Standing::kBad;
  return e.state == EvaluationState::kStopped ? Standing::kStopped : Standing::kComplete;
}

}  // namespace

void EvaluationTable::update(const SearchSpace& space, const History& history) {
  cut_to(read_.keep_common(hash_of(space), history));
  width_ = space.size();
  for (std::size_t i = size(); i < history.size(); ++i) append(space, history[i]);
  read_.extend_to(history);
}

void EvaluationTable::cut_to(std::size_t rows) {
  for (std::size_t i = rows; i < size(); ++i) measured_ -= is_measured(standings_[i]) ? 1 : 0;
  standings_.resize(rows);
  values_.resize(rows);
  units_.resize(rows * width_);
}

void EvaluationTable::append(const SearchSpace& space, const Evaluation& evaluation) {
  const Standing standing = standing_of(space, evaluation);
  const bool measured = is_measured(standing);
  standings_.push_back(standing);
  values_.push_back(measured ? evaluation.objectives.front() : kInactive);
  measured_ += measured ? 1 : 0;
  if (standing == Standing::kUnusable) {
    units_.insert(units_.end(), width_, kInactive);
  } else {
    const std::vector<double> u = space.to_unit(evaluation.point);
    units_.insert(units_.end(), u.begin(), u.end());
  }
}

}  // namespace mizan::algorithms
