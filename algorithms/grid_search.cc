// A cursor over positions. The cursor is in the state so that a restart need not walk the grid
// again; without it the walk starts at the beginning and passes over what is in use, to the same
// answer.
#include "algorithms/grid_search.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "algorithms/permutation.h"
#include "algorithms/seen_points.h"

namespace mizan::algorithms {
namespace {

constexpr std::string_view kGridState = "grid/1:";

constexpr std::array kGridSettings = {seed_setting(
    "shuffles the grid with this seed; by default points come in lexicographic order")};

struct GridCache final : Cache::Content {
  SeenPoints seen;
  std::size_t bytes() const override { return seen.bytes(); }
};

std::uint64_t cursor_in(const State& state) {
  if (!state.starts_with(kGridState)) return 0;
  std::uint64_t cursor = 0;
  std::from_chars(state.data() + kGridState.size(), state.data() + state.size(), cursor);
  return cursor;
}

class GridSearch final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    const SearchSpace& space = query.problem.space;
    const std::uint64_t size = space.cardinality().value_or(0);
    SeenPoints& seen = cache.as<GridCache>().seen;
    seen.update(space, query.history, query.pending);
    std::uint64_t cursor = cursor_in(query.state);
    for (; cursor < size; ++cursor) {
      Point point = space.at_position(place_of(cursor, size, query.settings));
      if (seen.contains(point)) continue;
      Proposal proposal;
      proposal.point = std::move(point);
      proposal.mechanism = "grid";
      proposal.reason = size < SearchSpace::kManyPoints
                            ? fmt::format("point {} of the grid's {}", cursor + 1, size)
                            : fmt::format("point {} of the grid", cursor + 1);
      const Next next = cursor + 1 < size ? Next::kMore : Next::kExhausted;
      return {{std::move(proposal)}, next, fmt::format("{}{}", kGridState, cursor + 1)};
    }
    return {{}, Next::kExhausted, query.state};
  }

 private:
  static std::uint64_t place_of(std::uint64_t cursor, std::uint64_t size,
                                const Settings& settings) {
    if (!settings.has("random_state")) return cursor;
    return Permutation(size, static_cast<std::uint64_t>(settings.integer("random_state")))(cursor);
  }
};

}  // namespace

std::span<const SettingSpec> grid_settings() { return kGridSettings; }

Capabilities grid_capabilities() {
  return {.several_objectives = true,
          .constraints = true,
          .conditions = true,
          .fidelity = true,
          .continuous = false,
          .history_free = true};
}

void check_grid(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
                Findings& findings) {
  const std::uint64_t size = problem.space.cardinality().value_or(0);
  if (size == SearchSpace::kManyPoints && settings.has("random_state")) {
    findings.errors.push_back(
        {"random_state",
         "random_state can't shuffle a grid of 2^62 or more points; leave it out, or use "
         "algorithm random, which draws such a grid without repeats"});
  }
  if (total_budget > size) {
    findings.warnings.push_back(
        fmt::format("Max Trial Count: {} > all possible search combinations: {}; the experiment "
                    "ends when the grid is used up",
                    total_budget, size));
  }
}

std::unique_ptr<const Optimizer> make_grid_search() { return std::make_unique<GridSearch>(); }

}  // namespace mizan::algorithms
