// Generations are read off the evaluations; who continues whom follows from the order of results.
#include "algorithms/pbt/pbt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "algorithms/random_search.h"
#include "algorithms/seen_points.h"
#include "algorithms/startup_design.h"
#include "algorithms/unit_interval.h"

namespace mizan::algorithms {
namespace {

constexpr std::uint32_t kAttempts = 16;
constexpr double kSmallMove = 0.1;  // of the unit range, where a factor changes nothing

constexpr std::array kPbtSettings = {
    SettingSpec{.name = "suggestion_trial_dir",
                .type = SettingType::kText,
                .words = {},
                .otherwise = "",
                .range_text = "",
                .meaning = "where a trial finds its parent's checkpoint and leaves its own",
                .note = ""},
    int_setting("n_population", 5, 100000, "40", "should be >= 5", "trials of one generation"),
    SettingSpec{.name = "truncation_threshold",
                .type = SettingType::kNumber,
                .min = 0,
                .max = 1,
                .words = {},
                .otherwise = "0.2",
                .range_text = "should be between 0 and 1, inclusive",
                .meaning = "this share of the worst goes on from one of this share of the best",
                .note = ""},
    SettingSpec{.name = "resample_probability",
                .type = SettingType::kNumber,
                .min = 0,
                .max = 1,
                .words = {},
                .otherwise = "",
                .range_text = "should be null to perturb at 0.8 or 1.2, or be between 0 and 1, "
                              "inclusive, to resample",
                .meaning = "each value is drawn anew with this chance, and else kept; without it "
                           "each is multiplied by 0.8 or 1.2",
                .note = ""},
    seed_setting(),
};

struct PbtCache final : Cache::Content {
  SeenPoints seen;
  std::size_t bytes() const override { return seen.bytes(); }
};

// The trials of one generation: how many were drawn, and those that ended, in order.
struct Generation {
  std::size_t drawn = 0;
  std::vector<const Evaluation*> ended;
};

bool is_measured(const Evaluation& e) {
  return (e.state == EvaluationState::kComplete || e.state == EvaluationState::kStopped) &&
         !e.objectives.empty() && std::isfinite(e.objectives.front());
}

// Transient failures leave no trace: their places are drawn again.
std::map<std::int64_t, Generation> generations_of(const Query& query) {
  std::map<std::int64_t, Generation> generations;
  for (std::size_t i = 0; i < query.history.size(); ++i) {
    const Evaluation& evaluation = query.history[i];
    if (evaluation.excluded || !query.problem.space.contains(evaluation.point)) continue;
    Generation& generation = generations[evaluation.generation];
    ++generation.drawn;
    generation.ended.push_back(&evaluation);
  }
  for (const EvaluationPtr& evaluation : query.pending) ++generations[evaluation->generation].drawn;
  return generations;
}

// Those with a value, best first; those that were stopped early come after the others.
std::vector<const Evaluation*> ranked(const Generation& generation) {
  std::vector<const Evaluation*> pool;
  for (const Evaluation* evaluation : generation.ended) {
    if (is_measured(*evaluation)) pool.push_back(evaluation);
  }
  const auto key = [](const Evaluation* e) {
    return std::tuple(e->state != EvaluationState::kComplete, e->objectives.front(), e->draw);
  };
  std::sort(pool.begin(), pool.end(),
            [&](const Evaluation* a, const Evaluation* b) { return key(a) < key(b); });
  return pool;
}

Point changed(const Query& query, const Point& from, std::uint32_t attempt) {
  const SearchSpace& space = query.problem.space;
  CounterRng rng(query.seed, query.draw, Purpose::kPopulation, attempt);
  const Point fresh = sample_point(space, query.seed, query.draw, Purpose::kSample, attempt);
  Point point = from;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!query.settings.has("resample_probability")) {
      if (point.is_active(i)) point.values[i] = perturbed(space[i], point.values[i], rng);
    } else if (rng.uniform() < query.settings.number("resample_probability")) {
      point.values[i] = fresh.values[i];
    }
  }
  return space.snapped(std::move(point));
}

class Pbt final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    SeenPoints& seen = cache.as<PbtCache>().seen;
    seen.update(query.problem.space, query.history, query.pending);
    const auto size = static_cast<std::size_t>(query.settings.integer("n_population"));
    const auto generations = generations_of(query);
    std::int64_t open = 0;
    const auto drawn = [&](std::int64_t g) {
      const auto at = generations.find(g);
      return at == generations.end() ? 0 : at->second.drawn;
    };
    while (drawn(open) >= size) ++open;

    Proposal proposal;
    proposal.mechanism = "pbt";
    proposal.generation = open;
    if (open == 0) {
      begin(query, seen, proposal);
    } else if (!descend(query, seen, generations.at(open - 1), size, drawn(open), proposal)) {
      return {{}, Next::kWaitForResults, {}};
    }
    proposal.labels.emplace_back(kPbtGenerationLabel, fmt::format("{}", open));
    if (!proposal.parent.empty()) proposal.labels.emplace_back(kPbtParentLabel, proposal.parent);
    return {{std::move(proposal)}, Next::kMore, {}};
  }

 private:
  static void begin(const Query& query, const SeenPoints& seen, Proposal& proposal) {
    const auto fresh = sample_new_point(query, seen);
    proposal.point =
        fresh ? *fresh
              : sample_point(query.problem.space, query.seed, query.draw, Purpose::kSample);
    proposal.reason = fmt::format("a random member of generation {}", proposal.generation);
  }

  // The `place`-th member: false when it is not yet known whom it continues.
  static bool descend(const Query& query, const SeenPoints& seen, const Generation& before,
                      std::size_t size, std::size_t place, Proposal& proposal) {
    const std::vector<const Evaluation*> pool = ranked(before);
    const bool whole = before.ended.size() >= before.drawn;
    // With half of the generation known, its best and worst are known well enough to go on.
    if (!whole && (place >= before.ended.size() || 2 * pool.size() < size)) return false;
    if (pool.empty()) {
      begin(query, seen, proposal);
      proposal.reason += ", since all of the one before failed";
      return true;
    }
    const double share = query.settings.number("truncation_threshold");
    const auto count = static_cast<double>(pool.size());
    const auto best = std::max<std::size_t>(1, static_cast<std::size_t>(share * count));
    const auto keep = pool.size() - static_cast<std::size_t>(share * count);
    const Evaluation* own = before.ended[place % before.ended.size()];
    const auto rank =
        static_cast<std::size_t>(std::find(pool.begin(), pool.end(), own) - pool.begin());
    const Evaluation* parent = own;
    if (rank >= keep) {  // among the worst, or failed
      CounterRng rng(query.seed, query.draw, Purpose::kChoice);
      parent = pool[rng.below(best)];
    }
    proposal.parent = parent->name;
    proposal.reason = fmt::format(
        "generation {}: goes on from {}{} with changed values", proposal.generation, parent->name,
        rank >= keep ? fmt::format(", one of the best {}, instead of {}", best, own->name) : "");
    for (std::uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
      proposal.point = changed(query, parent->point, attempt);
      if (!seen.contains(proposal.point)) break;
    }
    avoid_repeat(query, seen, proposal);
    return true;
  }
};

}  // namespace

std::span<const SettingSpec> pbt_settings() { return kPbtSettings; }

Capabilities pbt_capabilities() { return {.conditions = true, .elastic = false}; }

void check_pbt(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
               Findings& findings) {
  const auto size = static_cast<std::uint64_t>(settings.integer("n_population"));
  if (!settings.has("suggestion_trial_dir"))
    findings.warnings.emplace_back(
        "algorithm pbt: without suggestion_trial_dir trials don't know where their parent's "
        "checkpoint is; each starts from nothing");
  if (total_budget > 0 && total_budget <= size)
    findings.warnings.push_back(fmt::format(
        "algorithm pbt: maxTrialCount {} ends within the first generation of {} random trials",
        total_budget, size));
  if (problem.parallelism > size)
    findings.warnings.push_back(
        fmt::format("algorithm pbt: parallelTrialCount {} is more than n_population {}; the trials "
                    "beyond it wait",
                    problem.parallelism, size));
}

std::unique_ptr<const Optimizer> make_pbt() { return std::make_unique<Pbt>(); }

double perturbed(const Parameter& parameter, double value, CounterRng& rng) {
  const bool up = rng.below(2) == 1;
  const std::uint64_t levels = level_count(parameter);
  if (levels == 1) return value;
  const bool is_list = !parameter.texts.empty();
  if (!is_list) {
    const double next = snap(parameter, value * (up ? 1.2 : 0.8));
    if (next != value) return next;
  }
  if (levels == 0) {
    const double u = to_unit(parameter, value);
    const bool forward = u < kSmallMove || (up && u <= 1 - kSmallMove);
    return from_unit(parameter, forward ? u + kSmallMove : u - kSmallMove);
  }
  const std::uint64_t k = level_of(parameter, snap(parameter, value)).value_or(0);
  if (!parameter.is_numeric()) return level_value(parameter, (k + (up ? 1 : levels - 1)) % levels);
  const bool forward = k == 0 || (up && k + 1 < levels);
  return level_value(parameter, forward ? k + 1 : k - 1);
}

}  // namespace mizan::algorithms
