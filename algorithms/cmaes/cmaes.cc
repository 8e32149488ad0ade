// The search is brought up to the history, from the cache where it fits, and sampled.
#include "algorithms/cmaes/cmaes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "algorithms/cmaes/cma_search.h"
#include "algorithms/evaluation_table.h"
#include "algorithms/random_search.h"
#include "algorithms/seen_points.h"
#include "algorithms/startup_design.h"

namespace mizan::algorithms {
namespace {

constexpr std::uint32_t kAttempts = 16;
constexpr std::array<std::string_view, 4> kRestartWords = {"none", "None", "ipop", "bipop"};

constexpr std::array kCmaesSettings = {
    seed_setting(),
    number_setting("sigma", 0, 1e6, "0.17", "should be greater than zero",
                   "first standard deviation, where 1 is the whole range of a parameter"),
    word_setting("restart_strategy", kRestartWords, "ipop",
                 "once converged: stay (none), start again with twice the population (ipop), or by "
                 "turns with a large and a small one (bipop)"),
};

struct CmaesCache final : Cache::Content {
  EvaluationTable table;
  SeenPoints seen;
  std::optional<CmaSearch> search;
  std::size_t learnt = 0;  // rows of the history that the search knows
  std::uint64_t digest = 0, world = 0;
  std::size_t bytes() const override { return table.bytes() + seen.bytes() + 64 * 1024; }
};

CmaOptions options_of(const Query& query) {
  const std::string& word = query.settings.text("restart_strategy");
  CmaOptions options;
  options.sigma = query.settings.number("sigma");
  options.restarts = word == "ipop"    ? Restarts::kIpop
                     : word == "bipop" ? Restarts::kBipop
                                       : Restarts::kNone;
  options.least_population = static_cast<std::size_t>(query.problem.parallelism);
  options.seed = query.seed;
  return options;
}

// Everything but the history that the search depends on.
std::uint64_t world_of(const Query& query) {
  return mix64(mix64(hash_of(query.problem.space) ^ query.settings.hash()) ^
               mix64(query.seed ^ mix64(query.problem.parallelism)));
}

void bring_up(const Query& query, CmaesCache& kept) {
  kept.table.update(query.problem.space, query.history);
  kept.seen.update(query.problem.space, query.history, query.pending);
  const std::uint64_t world = world_of(query);
  const bool extends = kept.search && kept.world == world && kept.learnt <= query.history.size() &&
                       query.history.digest(kept.learnt) == kept.digest;
  if (!extends) {
    kept.search.emplace(query.problem.space, options_of(query));
    kept.learnt = 0;
    kept.world = world;
  }
  for (; kept.learnt < kept.table.size(); ++kept.learnt) {
    const Standing standing = kept.table.standing(kept.learnt);
    if (standing == Standing::kUnusable) continue;
    const bool measured = standing != Standing::kBad;
    const int rank = standing == Standing::kComplete ? 0 : measured ? 1 : 2;
    kept.search->learn(
        kept.table.unit(kept.learnt),
        {query.history[kept.learnt].draw, rank, measured ? kept.table.value(kept.learnt) : 0});
  }
  kept.digest = query.history.digest();
}

class Cmaes final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    const SearchSpace& space = query.problem.space;
    auto& kept = cache.as<CmaesCache>();
    bring_up(query, kept);
    Proposal proposal;
    proposal.mechanism = "cmaes";
    const std::size_t restarts = kept.search->restarts();
    proposal.reason =
        fmt::format("drawn from generation {} of the distribution{}", kept.search->generation() + 1,
                    restarts == 0 ? "" : fmt::format(", after {} restart(s)", restarts));
    if (query.draw == 0 && query.history.empty()) {
      proposal.point = space.from_unit(std::vector<double>(space.size(), 0.5));
      proposal.reason = "the middle of the space, where the first distribution has its mean";
    } else {
      proposal.point = space.from_unit(kept.search->sample(query.draw, 0));
    }
    for (std::uint32_t i = 1; i < kAttempts && kept.seen.contains(proposal.point); ++i)
      proposal.point = space.from_unit(kept.search->sample(query.draw, i));
    avoid_repeat(query, kept.seen, proposal);
    return {{std::move(proposal)}, Next::kMore, {}};
  }
};

}  // namespace

std::span<const SettingSpec> cmaes_settings() { return kCmaesSettings; }

Capabilities cmaes_capabilities() { return {.elastic = false}; }

void check_cmaes(const Problem& problem, const Settings&, std::uint64_t, Findings& findings) {
  const auto parameters = problem.space.parameters();
  const auto is_number = [](const Parameter& p) { return p.is_numeric(); };
  if (std::none_of(parameters.begin(), parameters.end(), is_number))
    findings.warnings.emplace_back(
        "algorithm cmaes: without a numeric parameter it only learns how often to try each "
        "category; tpe is made for such spaces");
}

std::unique_ptr<const Optimizer> make_cmaes() { return std::make_unique<Cmaes>(); }

}  // namespace mizan::algorithms
