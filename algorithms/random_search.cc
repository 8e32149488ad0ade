// Draws by rejection; on the last points of a finite space by picking among the unused positions.
#include "algorithms/random_search.h"

#include <algorithm>
#include <array>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

constexpr std::uint32_t kAttempts = 32;

constexpr std::array kRandomSettings = {seed_setting()};

struct RandomCache final : Cache::Content {
  SeenPoints seen;
  std::size_t bytes() const override { return seen.bytes(); }
};

// Positions of the points in use, ascending, each once.
std::vector<std::uint64_t> used_positions(const Query& query) {
  std::vector<std::uint64_t> used;
  const auto add = [&](const Evaluation& evaluation) {
    if (const auto position = query.problem.space.position_of(evaluation.point))
      used.push_back(*position);
  };
  for (std::size_t i = 0; i < query.history.size(); ++i) add(query.history[i]);
  for (const EvaluationPtr& evaluation : query.pending) add(*evaluation);
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  return used;
}

std::optional<Point> sample_unused(const Query& query) {
  const SearchSpace& space = query.problem.space;
  if (!space.is_finite() || *space.cardinality() == SearchSpace::kManyPoints) return std::nullopt;
  const std::vector<std::uint64_t> used = used_positions(query);
  const std::uint64_t left = *space.cardinality() - used.size();
  if (left == 0) return std::nullopt;
  CounterRng rng(query.seed, query.draw, Purpose::kFallback);
  std::uint64_t position = rng.below(left);
  for (const std::uint64_t taken : used) {  // the position-th of those that aren't used
    if (taken > position) break;
    ++position;
  }
  return space.at_position(position);
}

class RandomSearch final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    SeenPoints& seen = cache.as<RandomCache>().seen;
    seen.update(query.problem.space, query.history, query.pending);
    Proposal proposal;
    proposal.mechanism = "random";
    proposal.reason = "drawn at random from the declared distributions";
    if (auto fresh = sample_new_point(query, seen)) {
      proposal.point = std::move(*fresh);
    } else {
      proposal.point = sample_point(query.problem.space, query.seed, query.draw, Purpose::kSample);
      proposal.reason = "drawn at random; a repeat, since every point of the space is in use";
    }
    return {{std::move(proposal)}, Next::kMore, query.state};
  }
};

}  // namespace

std::span<const SettingSpec> random_settings() { return kRandomSettings; }

Capabilities random_capabilities() {
  return {.several_objectives = true,
          .constraints = true,
          .conditions = true,
          .fidelity = true,
          .history_free = true};
}

std::unique_ptr<const Optimizer> make_random_search() { return std::make_unique<RandomSearch>(); }

Point sample_point(const SearchSpace& space, std::uint64_t seed, std::uint64_t draw,
                   Purpose purpose, std::uint32_t lane) {
  CounterRng rng(seed, draw, purpose, lane);
  std::vector<double> u(space.size());
  for (double& coordinate : u) coordinate = rng.uniform();
  return space.from_unit(u);
}

std::optional<Point> sample_new_point(const Query& query, const SeenPoints& seen) {
  const SearchSpace& space = query.problem.space;
  if (!space.is_finite() || seen.size() < *space.cardinality()) {
    for (std::uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
      const Purpose purpose = attempt == 0 ? Purpose::kSample : Purpose::kAttempt;
      Point point = sample_point(space, query.seed, query.draw, purpose, attempt);
      if (!seen.contains(point)) return point;
    }
    if (auto unused = sample_unused(query)) return unused;
    // A continuum of a handful of doubles, or endless bad luck: a repeat is all that is left.
  }
  return std::nullopt;
}

}  // namespace mizan::algorithms
