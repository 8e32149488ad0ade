// A cursor along the sequence; points that are in use already are passed over.
#include "algorithms/sobol_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "algorithms/random_search.h"

namespace mizan::algorithms {
namespace {

constexpr std::string_view kSobolState = "sobol/1:";
constexpr std::uint64_t kMaxSkips = 64;

constexpr std::array kSobolSettings = {
    seed_setting("seed of the scramble; by default made from the experiment's uid")};

struct SobolCache final : Cache::Content {
  SeenPoints seen;
  SobolSequence sequence{0};
  std::size_t bytes() const override { return seen.bytes() + 128 * sequence.dimensions(); }
};

// Where to go on. A lost state costs nothing but a second look at points that are in use.
std::uint64_t cursor_of(const Query& query) {
  std::uint64_t cursor = 0;
  if (query.state.starts_with(kSobolState))
    std::from_chars(query.state.data() + kSobolState.size(),
                    query.state.data() + query.state.size(), cursor);
  return std::max(cursor, query.draw);
}

class SobolSearch final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    const SearchSpace& space = query.problem.space;
    auto& kept = cache.as<SobolCache>();
    if (kept.sequence.dimensions() != std::min(space.size(), kMaxSobolDimensions))
      kept.sequence = SobolSequence(space.size());
    kept.seen.update(space, query.history, query.pending);

    Proposal proposal;
    proposal.mechanism = "sobol";
    const std::uint64_t first = cursor_of(query);
    std::uint64_t next = first;
    for (; next < first + kMaxSkips; ++next) {
      proposal.point = sobol_point(space, kept.sequence, query.seed, next);
      if (!kept.seen.contains(proposal.point)) break;
    }
    proposal.reason = fmt::format("point {} of a scrambled Sobol sequence", next + 1);
    if (next == first + kMaxSkips) {
      auto fresh = sample_new_point(query, kept.seen);
      proposal.reason = fresh ? "a random one of the points that are left"
                              : "a repeat, since every point is in use";
      if (fresh) proposal.point = *std::move(fresh);
    }
    return {{std::move(proposal)}, Next::kMore, fmt::format("{}{}", kSobolState, next + 1)};
  }
};

}  // namespace

std::span<const SettingSpec> sobol_settings() { return kSobolSettings; }

Capabilities sobol_capabilities() {
  return {.several_objectives = true,
          .constraints = true,
          .conditions = true,
          .fidelity = true,
          .history_free = true};
}

std::unique_ptr<const Optimizer> make_sobol_search() { return std::make_unique<SobolSearch>(); }

std::vector<double> sobol_coordinates(const SearchSpace& space, const SobolSequence& sequence,
                                      std::uint64_t seed, std::uint64_t index) {
  std::vector<double> u = sequence.scrambled(index, seed);
  CounterRng rng(seed, index, Purpose::kScramble);
  while (u.size() < space.size()) u.push_back(rng.uniform());
  return u;
}

Point sobol_point(const SearchSpace& space, const SobolSequence& sequence, std::uint64_t seed,
                  std::uint64_t index) {
  return space.from_unit(sobol_coordinates(space, sequence, seed, index));
}

}  // namespace mizan::algorithms
