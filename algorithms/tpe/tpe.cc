// The split, the two densities of each group, and the choice among candidates.
#include "algorithms/tpe/tpe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "algorithms/evaluation_table.h"
#include "algorithms/startup_design.h"
#include "algorithms/tpe/parzen_estimator.h"
#include "algorithms/unit_interval.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kMaxGood = 25;
// So many of the others are modelled: the newest, and of the older ones every so many-th with a
// larger weight.
constexpr std::size_t kNewestOthers = 48, kMaxOthers = 128;
constexpr std::size_t kFullWeight =
    25;  // so many of the newest have weight 1; older ones less and less
// Share of the draws that are made the other way: `tpe` with joint densities, `multivariate-tpe`
// with separate ones. Measured: either mixture is better than both pure forms, since one follows
// valleys and the other recombines what is good of different points.
constexpr double kTpeJoint = 0.5, kMultivariateSeparate = 0.35;
constexpr std::uint32_t kAttempts = 16;  // to find a point that isn't in use

constexpr SettingSpec kCandidates =
    int_setting("n_ei_candidates", 1, 100000, "", "should be greater than zero",
                "candidates drawn from the density of good points; default 24");
constexpr SettingSpec kStartup =
    int_setting("n_startup_trials", 0, 1e6, "10", "should be greater than or equal to zero",
                "results before the first model; until then scrambled Sobol points");
constexpr SettingSpec kGamma =
    number_setting("gamma", 0, 1, "", "should be in the range of (0, 1)",
                   "ceil(gamma x sqrt(n)) of n results count as good; default: a tenth of them");
constexpr SettingSpec kPriorWeight =
    number_setting("prior_weight", 0, 1e6, "1", "should be greater than zero",
                   "weight of the declared distributions against one result");
constexpr SettingSpec kHyperoptCandidates =
    int_setting("n_EI_candidates", 1, 100000, "", "should be greater than zero",
                "another name of n_ei_candidates, as hyperopt spells it");

constexpr std::array kTpeSettings = {kGamma,      kPriorWeight, kHyperoptCandidates,
                                     kCandidates, kStartup,     seed_setting()};
constexpr std::array kMultivariateSettings = {kCandidates, kStartup, seed_setting(), kGamma,
                                              kPriorWeight};

struct TpeCache final : Cache::Content {
  EvaluationTable table;
  SeenPoints seen;
  SobolSequence sequence{0};
  std::size_t bytes() const override {
    return table.bytes() + seen.bytes() + 128 * sequence.dimensions();
  }
};

// Unit coordinates of all parameters, in the table or of a running trial, with weights.
struct Sample {
  std::vector<std::span<const double>> rows;
  std::vector<double> weights;
};

struct Split {
  Sample good, others;
  std::vector<std::vector<double>> running;  // what `others` has of running trials
};

// By age: 1 for the newest, a ramp from 1/n for those before.
double age_weight(std::size_t at, std::size_t n) {
  if (n <= kFullWeight || at + kFullWeight >= n) return 1;
  const double start = 1.0 / static_cast<double>(n);
  return start + (1 - start) * static_cast<double>(at) / static_cast<double>(n - kFullWeight);
}

void add_row(Sample& sample, std::span<const double> u, double weight) {
  sample.rows.push_back(u);
  sample.weights.push_back(weight);
}

// The best of the measured rows, as indices in order of age. Stopped rows rank behind complete
// ones.
std::vector<std::size_t> good_rows(const EvaluationTable& table, std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (is_measured(table.standing(i))) order.push_back(i);
  }
  count = std::min(count, order.size());
  const auto better = [&](std::size_t a, std::size_t b) {
    if (table.standing(a) != table.standing(b)) return table.standing(a) < table.standing(b);
    return table.value(a) != table.value(b) ? table.value(a) < table.value(b) : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    better);
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

Split split(const SearchSpace& space, const EvaluationTable& table,
            const std::vector<EvaluationPtr>& pending, std::optional<double> gamma) {
  Split split;
  const std::vector<std::size_t> good = good_rows(table, good_count(table.measured(), gamma));
  for (std::size_t k = 0; k < good.size(); ++k)
    add_row(split.good, table.unit(good[k]), age_weight(k, good.size()));

  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.standing(i) != Standing::kUnusable &&
        !std::binary_search(good.begin(), good.end(), i))
      others.push_back(i);
  }
  const std::size_t older = others.size() > kMaxOthers ? others.size() - kNewestOthers : 0;
  const std::size_t stride =
      older == 0 ? 1 : (older + kMaxOthers - kNewestOthers - 1) / (kMaxOthers - kNewestOthers);
  for (std::size_t k = 0; k < others.size(); ++k) {
    const bool thinned = k < older;
    if (thinned && others[k] % stride != 0) continue;
    add_row(split.others, table.unit(others[k]),
            age_weight(k, others.size()) * (thinned ? static_cast<double>(stride) : 1.0));
  }
  for (const EvaluationPtr& running : pending) {
    if (!space.contains(running->point)) continue;
    split.running.push_back(space.to_unit(running->point));
    add_row(split.others, split.running.back(), 1);
  }
  return split;
}

struct GroupSample {
  ParzenRows rows;
  std::vector<double> weights;
};

// The rows in which every parameter of the group was active, with the group's coordinates alone.
GroupSample restricted(const Sample& sample, const std::vector<std::size_t>& group) {
  GroupSample part{ParzenRows(std::ssize(sample.rows), std::ssize(group)), {}};
  part.weights.reserve(sample.rows.size());
  Eigen::Index kept = 0;
  for (std::size_t i = 0; i < sample.rows.size(); ++i) {
    for (std::size_t d = 0; d < group.size(); ++d)
      part.rows(kept, static_cast<Eigen::Index>(d)) = sample.rows[i][group[d]];
    if (part.rows.row(kept).isNaN().any()) continue;
    ++kept;
    part.weights.push_back(sample.weights[i]);
  }
  part.rows.conservativeResize(kept, Eigen::NoChange);
  return part;
}

class Tpe final : public Optimizer {
 public:
  explicit Tpe(bool joint) : joint_(joint) {}

 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    const SearchSpace& space = query.problem.space;
    auto& kept = cache.as<TpeCache>();
    kept.table.update(space, query.history);
    kept.seen.update(space, query.history, query.pending);
    std::size_t usable = 0;
    for (std::size_t i = 0; i < kept.table.size(); ++i)
      usable += kept.table.standing(i) != Standing::kUnusable ? 1 : 0;
    Proposal proposal =
        usable < static_cast<std::size_t>(query.settings.integer("n_startup_trials"))
            ? startup_proposal(query, kept.seen, kept.sequence)
            : modelled(query, kept);
    return {{std::move(proposal)}, Next::kMore, {}};
  }

 private:
  Proposal modelled(const Query& query, const TpeCache& kept) const {
    const SearchSpace& space = query.problem.space;
    const Settings& settings = query.settings;
    const auto gamma =
        settings.has("gamma") ? std::optional(settings.number("gamma")) : std::nullopt;
    const Split known = split(space, kept.table, query.pending, gamma);
    const bool joint = draws_jointly(query);
    const auto groups = parameter_groups(space, joint);
    std::vector<std::optional<Densities>> densities(groups.size());
    Proposal proposal;
    proposal.mechanism = joint_ ? "multivariate-tpe" : "tpe";
    proposal.reason = fmt::format("like the best {} of {} results and unlike the others, {}",
                                  known.good.rows.size(), kept.table.measured(),
                                  joint ? "parameters together" : "each parameter by itself");
    for (std::uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
      CounterRng rng(query.seed, query.draw, Purpose::kCandidates, attempt);
      proposal.point = assemble(query, known, joint, groups, densities, rng);
      if (!kept.seen.contains(proposal.point)) return proposal;
    }
    avoid_repeat(query, kept.seen, proposal);
    return proposal;
  }

  struct Densities {
    ParzenEstimator good, others;
  };

  bool draws_jointly(const Query& query) const {
    CounterRng rng(query.seed, query.draw, Purpose::kChoice);
    return joint_ ? rng.uniform() >= kMultivariateSeparate : rng.uniform() < kTpeJoint;
  }

  static Densities make_densities(const Query& query, const Split& known, bool joint,
                                  const std::vector<std::size_t>& group) {
    std::vector<ParzenDimension> dimensions;
    for (const std::size_t p : group)
      dimensions.push_back(parzen_dimension(query.problem.space[p]));
    const double prior = query.settings.number("prior_weight");
    const GroupSample good = restricted(known.good, group),
                      others = restricted(known.others, group);
    return {ParzenEstimator(dimensions, good.rows, good.weights, {prior, joint, true}),
            ParzenEstimator(dimensions, others.rows, others.weights, {prior, joint, false})};
  }

  // Group after group, parents first; densities are made when a group is first switched on.
  static Point assemble(const Query& query, const Split& known, bool joint,
                        const std::vector<std::vector<std::size_t>>& groups,
                        std::vector<std::optional<Densities>>& densities, CounterRng& rng) {
    const SearchSpace& space = query.problem.space;
    Point point{std::vector<double>(space.size(), kInactive)};
    for (std::size_t k = 0; k < groups.size(); ++k) {
      const std::vector<std::size_t>& group = groups[k];
      if (!space.is_switched_on(group.front(), point)) continue;
      if (!densities[k]) densities[k] = make_densities(query, known, joint, group);
      const std::vector<double> best = best_candidate(query, group, *densities[k], rng);
      for (std::size_t d = 0; d < group.size(); ++d)
        point.values[group[d]] = from_unit(space[group[d]], best[d]);
    }
    return point;
  }

  static std::size_t candidate_count(const Settings& settings) {
    for (const char* name : {"n_ei_candidates", "n_EI_candidates"}) {
      if (settings.has(name)) return static_cast<std::size_t>(settings.integer(name));
    }
    return 24;
  }

  // Of draws from the good density the one where good : others is largest.
  static std::vector<double> best_candidate(const Query& query,
                                            const std::vector<std::size_t>& group,
                                            const Densities& densities, CounterRng& rng) {
    const SearchSpace& space = query.problem.space;
    std::vector<double> best;
    double best_score = 0;
    const std::size_t count = candidate_count(query.settings);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<double> u = densities.good.sample(rng);
      for (std::size_t d = 0; d < u.size(); ++d) {
        const Parameter& parameter = space[group[d]];
        if (level_count(parameter) > 0) u[d] = to_unit(parameter, from_unit(parameter, u[d]));
      }
      const double score = densities.good.log_density(u) - densities.others.log_density(u);
      if (!best.empty() && !(score > best_score)) continue;
      best_score = score;
      best = std::move(u);
    }
    return best;
  }

  bool joint_;
};

}  // namespace

std::span<const SettingSpec> tpe_settings() { return kTpeSettings; }
std::span<const SettingSpec> multivariate_tpe_settings() { return kMultivariateSettings; }
Capabilities tpe_capabilities() { return {.conditions = true}; }
std::unique_ptr<const Optimizer> make_tpe() { return std::make_unique<Tpe>(false); }
std::unique_ptr<const Optimizer> make_multivariate_tpe() { return std::make_unique<Tpe>(true); }

std::vector<std::vector<std::size_t>> parameter_groups(const SearchSpace& space, bool joint) {
  std::vector<std::vector<std::size_t>> groups;
  for (const std::size_t i : space.parents_first()) {
    const auto same =
        std::find_if(groups.begin(), groups.end(), [&](const std::vector<std::size_t>& group) {
          return joint && space[group.front()].condition == space[i].condition;
        });
    if (same == groups.end()) {
      groups.push_back({i});
    } else {
      same->push_back(i);
    }
  }
  return groups;
}

std::size_t good_count(std::size_t n, std::optional<double> gamma) {
  const auto size = static_cast<double>(n);
  const double share = gamma ? *gamma * std::sqrt(size) : 0.1 * size;
  return std::min({kMaxGood, static_cast<std::size_t>(std::ceil(share)), n});
}

}  // namespace mizan::algorithms
