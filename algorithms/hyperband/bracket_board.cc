// See bracket_board.h.
#include "algorithms/hyperband/bracket_board.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

bool is_finished(const Evaluation& e) { return e.state != EvaluationState::kRunning; }

// Completed ones by value, then those that were stopped, then the rest: these never go on.
std::tuple<int, double, std::uint64_t> standing_of(const Evaluation& e) {
  const bool measured =
      !e.excluded && !e.objectives.empty() && std::isfinite(e.objectives.front()) &&
      (e.state == EvaluationState::kComplete || e.state == EvaluationState::kStopped);
  if (!measured) return {2, 0, e.draw};
  return {e.state == EvaluationState::kComplete ? 0 : 1, e.objectives.front(), e.draw};
}

}  // namespace

BracketBoard::BracketBoard(std::size_t resource, std::vector<double> rungs, std::uint64_t eta)
    : resource_(resource), rungs_(std::move(rungs)), eta_(eta), open_(rungs_.size(), 0) {}

BracketBoard::Configuration BracketBoard::configuration(const Point& point) const {
  Configuration hash = mix64(point.values.size());
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    if (i == resource_) continue;
    const double value = point.is_active(i) ? point.values[i] : kInactive;
    hash = mix64(hash ^ std::bit_cast<std::uint64_t>(value));
  }
  return hash;
}

std::optional<std::size_t> BracketBoard::rung_of(const Evaluation& evaluation) const {
  if (evaluation.point.values.size() <= resource_) return std::nullopt;
  const auto at = std::find(rungs_.begin(), rungs_.end(), evaluation.point.values[resource_]);
  if (at == rungs_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - rungs_.begin());
}

void BracketBoard::read(const SearchSpace& space, const History& history,
                        const std::vector<EvaluationPtr>& pending) {
  std::vector<const Evaluation*> all;
  all.reserve(history.size() + pending.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (space.contains(history[i].point)) all.push_back(&history[i]);
  }
  for (const EvaluationPtr& evaluation : pending) all.push_back(evaluation.get());
  const auto is_earlier = [](const Evaluation* a, const Evaluation* b) {
    return a->draw != b->draw ? a->draw < b->draw : a->name < b->name;
  };
  // Results come nearly in the order of draws.
  if (!std::is_sorted(all.begin(), all.end(), is_earlier))
    std::sort(all.begin(), all.end(), is_earlier);
  owner_.reserve(all.size());
  results_.reserve(all.size());
  for (const Evaluation* evaluation : all) place(*evaluation);
}

void BracketBoard::place(const Evaluation& evaluation) {
  const auto rung = rung_of(evaluation);
  if (!rung) return;
  const Configuration key = configuration(evaluation.point);
  const Evaluation*& known = results_[mix64(key + *rung)];
  // Of two results at one place the better counts: a repeat after a transient failure.
  if (known == nullptr || (is_finished(evaluation) && is_finished(*known) &&
                           standing_of(evaluation) < standing_of(*known)))
    known = &evaluation;
  if (owner_.contains(key)) return;
  const std::size_t bracket = bracket_with_room(*rung);
  brackets_[bracket].members.push_back(key);
  owner_.emplace(key, bracket);
}

std::size_t BracketBoard::bracket_with_room(std::size_t first_rung) {
  for (std::size_t& index = open_[first_rung];; ++index) {
    if (index == brackets_.size())
      brackets_.push_back({bracket_plan(index, rungs_.size(), eta_), {}});
    const Bracket& bracket = brackets_[index];
    if (bracket.plan.first == first_rung && bracket.members.size() < bracket.plan.sizes.front())
      return index;
  }
}

const Evaluation* BracketBoard::at(Configuration configuration, std::size_t rung) const {
  const auto found = results_.find(mix64(configuration + rung));
  return found == results_.end() ? nullptr : found->second;
}

std::optional<NextMove> BracketBoard::promotion(std::size_t index) const {
  const Bracket& bracket = brackets_[index];
  std::vector<Configuration> members = bracket.members;
  if (members.size() < bracket.plan.sizes.front()) return std::nullopt;
  for (std::size_t i = 0; i + 1 < bracket.plan.sizes.size(); ++i) {
    const std::size_t rung = bracket.plan.first + i;
    std::vector<std::pair<const Evaluation*, Configuration>> ranked;
    for (const Configuration member : members) {
      const Evaluation* result = at(member, rung);
      if (result == nullptr || !is_finished(*result)) return std::nullopt;  // the rung is open
      if (std::get<0>(standing_of(*result)) < 2) ranked.emplace_back(result, member);
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return standing_of(*a.first) < standing_of(*b.first);
    });
    const std::size_t of = members.size();
    ranked.resize(std::min(ranked.size(), bracket.plan.sizes[i + 1]));
    members.clear();
    for (std::size_t k = 0; k < ranked.size(); ++k) {
      members.push_back(ranked[k].second);
      if (at(ranked[k].second, rung + 1) == nullptr)
        return NextMove{index, rung + 1, ranked[k].first, k + 1, ranked.size(), of};
    }
    if (members.empty()) return std::nullopt;  // all failed: the bracket ends
  }
  return std::nullopt;
}

NextMove BracketBoard::next() const {
  for (std::size_t index = 0; index < brackets_.size(); ++index) {
    if (const auto move = promotion(index)) return *move;
    const Bracket& bracket = brackets_[index];
    if (bracket.members.size() < bracket.plan.sizes.front())
      return {index, bracket.plan.first, nullptr, 0, 0, bracket.plan.sizes.front()};
  }
  const BracketPlan plan = bracket_plan(brackets_.size(), rungs_.size(), eta_);
  return {brackets_.size(), plan.first, nullptr, 0, 0, plan.sizes.front()};
}

}  // namespace mizan::algorithms
