// Joins transform, fit, pending trials and acquisition.
#include "algorithms/bayes/bayesian.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "algorithms/bayes/fit_hyperparameters.h"
#include "algorithms/bayes/local_move.h"
#include "algorithms/bayes/maximize_acquisition.h"
#include "algorithms/bayes/output_transform.h"
#include "algorithms/bayes/sample_hyperparameters.h"
#include "algorithms/startup_design.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kFitRows = 200, kModelRows = 300;  // what the cubic cost allows
constexpr std::size_t kMaxPending = 100;                 // the newest ones are modelled
constexpr std::size_t kIncumbents = 3;
// From so many results on draws take turns among explanations of them, and some step away from the
// best point without a model. Earlier the most probable explanation finds more.
constexpr std::size_t kDoubtFrom = 25, kDoubtUpTo = 128;
constexpr std::size_t kExplanations = 4;
// Up to so many results parameters may act alone; with more, the product of all learns as well and
// costs less.
constexpr std::size_t kAloneUpTo = 200;
constexpr double kLocalShare = 0.1;
// In spaces with conditions: few results in a branch may have misled the model about all of it.
constexpr double kBranchShare = 0.15;
constexpr double kBoundShare = 0.25, kBoundWidth = 1.96;  // of draws by confidence bound
// Below this standard deviation (of 1 for all values) nothing is learnt from a point: look further
// afield.
constexpr double kCertain = 2e-3;
// The same beside pending trials, whose results will tell the rest.
constexpr double kCertainBesidePending = 2e-2;

constexpr std::array<std::string_view, 4> kEstimators = {"GP", "RF", "ET", "GBRT"};
constexpr std::array<std::string_view, 6> kFunctions = {"gp_hedge", "LCB",  "EI",
                                                        "PI",       "EIps", "PIps"};
constexpr std::array<std::string_view, 3> kOptimizers = {"auto", "sampling", "lbfgs"};
constexpr std::array kBayesianSettings = {
    word_setting("base_estimator", kEstimators, "GP",
                 "the model; a Gaussian process whatever is named"),
    int_setting("n_initial_points", 0, 1e6, "", "should be greater than or equal to zero",
                "results before the first model; default: parameters + 1, from 4 to 10"),
    word_setting("acq_func", kFunctions, "gp_hedge",
                 "EI: log expected improvement; LCB: confidence bound; gp_hedge: both in turns"),
    word_setting("acq_optimizer", kOptimizers, "auto",
                 "how the next point is found; always candidates and gradients"),
    seed_setting()};

struct BayesCache final : Cache::Content {
  EvaluationTable table;
  SeenPoints seen;
  SobolSequence sequence{0};
  std::uint64_t fit_space = 0, fit_digest = 0;
  std::size_t fit_count = 0;
  std::vector<Hyperparameters> fits;  // the most probable first, then draws from the posterior
  std::size_t bytes() const override {
    return table.bytes() + seen.bytes() + 128 * sequence.dimensions();
  }
};

struct Data {
  Features x;
  TransformedValues y;
  std::vector<std::size_t> rows;
};

Data gather(const EvaluationTable& table, const FeatureMap& map, std::size_t end,
            std::size_t limit) {
  Data data;
  data.rows = model_rows(table, end, limit);
  data.x.resize(static_cast<Eigen::Index>(data.rows.size()), map.size());
  for (std::size_t i = 0; i < data.rows.size(); ++i)
    data.x.row(static_cast<Eigen::Index>(i)) = map.features(table.unit(data.rows[i])).transpose();
  data.y = transform_values(table, data.rows);
  return data;
}

std::size_t startup_count(const Query& query) {
  if (query.settings.has("n_initial_points"))
    return std::max<std::size_t>(
        1, static_cast<std::size_t>(query.settings.integer("n_initial_points")));
  return std::clamp<std::size_t>(query.problem.space.size() + 1, 4, 10);
}

// The fits that are due for this history.
const std::vector<Hyperparameters>& fitted(const Query& query, const FeatureMap& map,
                                           BayesCache& kept) {
  const std::size_t count = last_fit_count(kept.table.size());
  const std::uint64_t space = hash_of(query.problem.space), digest = query.history.digest(count);
  if (kept.fits.empty() || kept.fit_space != space || kept.fit_count != count ||
      kept.fit_digest != digest) {
    const Data data = gather(kept.table, map, count, kFitRows);
    kept.fits.clear();
    kept.fits.push_back(
        data.rows.size() < 2
            ? default_hyperparameters(map.size())
            : fit_hyperparameters(data.x, data.y.values, map.kinds(),
                                  count <= kAloneUpTo ? map.unconditional() : Additive{}));
    if (data.rows.size() >= kDoubtFrom && count <= kDoubtUpTo) {
      const auto others = sample_hyperparameters(data.x, data.y.values, map.kinds(),
                                                 kept.fits.front(), kExplanations);
      kept.fits.insert(kept.fits.end(), others.begin(), others.end());
    }
    kept.fit_space = space;
    kept.fit_count = count;
    kept.fit_digest = digest;
  }
  return kept.fits;
}

// One of a parent's levels, in some draws of spaces with conditions.
std::optional<Branch> branch_for(const Query& query) {
  CounterRng rng(query.seed, query.draw, Purpose::kChoice, 1);
  const SearchSpace& space = query.problem.space;
  if (!space.has_conditions() || rng.uniform() >= kBranchShare) return std::nullopt;
  std::vector<std::size_t> parents;
  for (const std::size_t i : space.roots()) {
    if (!space.branches(i).empty()) parents.push_back(i);
  }
  const std::size_t parent = parents[rng.below(parents.size())];
  return Branch{parent, rng.below(level_count(space[parent]))};
}

// Features of the best known points by the model's mean, best first, and that best mean.
struct Incumbents {
  std::vector<Eigen::VectorXd> points;
  double best = 0;
};

Incumbents incumbents_of(const EvaluationTable& table, const Data& data,
                         const GaussianProcess& gp) {
  const Eigen::VectorXd means = gp.fitted();
  std::vector<std::pair<double, Eigen::Index>> order;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    if (table.standing(data.rows[i]) == Standing::kComplete) order.emplace_back(means[row], row);
  }
  Incumbents result;
  if (order.empty()) return result;
  std::sort(order.begin(), order.end());
  result.best = order.front().first;
  for (std::size_t i = 0; i < std::min(order.size(), kIncumbents); ++i)
    result.points.emplace_back(data.x.row(order[i].second).transpose());
  return result;
}

class Bayesian final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    const SearchSpace& space = query.problem.space;
    auto& kept = cache.as<BayesCache>();
    kept.table.update(space, query.history);
    kept.seen.update(space, query.history, query.pending);
    std::size_t usable = 0;
    for (std::size_t i = 0; i < kept.table.size(); ++i)
      usable += kept.table.standing(i) != Standing::kUnusable ? 1 : 0;
    Proposal proposal;
    if (usable >= startup_count(query)) {
      proposal = modelled(query, kept);
    } else {
      proposal = startup_proposal(query, kept.seen, kept.sequence);
    }
    return {{std::move(proposal)}, Next::kMore, {}};
  }

 private:
  static Proposal modelled(const Query& query, BayesCache& kept) {
    const FeatureMap map(query.problem.space);
    if (kept.sequence.dimensions() != std::min(query.problem.space.size(), kMaxSobolDimensions))
      kept.sequence = SobolSequence(query.problem.space.size());
    const Data data = gather(kept.table, map, kept.table.size(), kModelRows);
    const auto& fits = fitted(query, map, kept);
    auto gp =
        GaussianProcess::make(data.x, data.y.values, map.kinds(), fits[query.draw % fits.size()]);
    if (!gp)
      gp = GaussianProcess::make(data.x, data.y.values, map.kinds(),
                                 default_hyperparameters(map.size()));
    if (!gp) return startup_proposal(query, kept.seen, kept.sequence);
    const Incumbents incumbents = incumbents_of(kept.table, data, *gp);
    if (auto local = stepped(query, map, kept, incumbents)) return *std::move(local);
    const std::size_t pending = query.pending.size();
    for (std::size_t i = pending > kMaxPending ? pending - kMaxPending : 0; i < pending; ++i) {
      if (query.problem.space.contains(query.pending[i]->point))
        gp->believe(map.features(query.pending[i]->point));
    }
    AcquisitionProblem problem{
        query.problem.space, map, *gp,        kept.sequence, kept.seen,
        incumbents.points,   {},  query.seed, query.draw,    branch_for(query)};
    return choose(query, kept, problem, incumbents.best, data.y);
  }

  static std::optional<Proposal> stepped(const Query& query, const FeatureMap& map,
                                         const BayesCache& kept, const Incumbents& incumbents) {
    CounterRng rng(query.seed, query.draw, Purpose::kPopulation);
    if (rng.uniform() >= kLocalShare || kept.table.measured() < kDoubtFrom ||
        incumbents.points.empty())
      return std::nullopt;
    auto point = local_move(query.problem.space, map, kept.seen, incumbents.points.front(), rng);
    if (!point) return std::nullopt;
    Proposal proposal;
    proposal.point = *std::move(point);
    proposal.mechanism = "local-step";
    proposal.reason = "a random step from the best known point, in case the model is wrong there";
    return proposal;
  }

  static void name_branch(const Parameter& parent, std::uint64_t level, Proposal& proposal) {
    proposal.mechanism += "-in-branch";
    proposal.reason +=
        fmt::format(", of the points with {} = {}, about which few results may have misled it",
                    parent.name, value_text(parent, level_value(parent, level)));
  }

  static Proposal choose(const Query& query, const BayesCache& kept, AcquisitionProblem& problem,
                         double best, const TransformedValues& y) {
    const std::string& function = query.settings.text("acq_func");
    CounterRng rng(query.seed, query.draw, Purpose::kChoice);
    const bool bound = function == "LCB" || (function == "gp_hedge" && rng.uniform() < kBoundShare);
    Proposal proposal;
    proposal.mechanism = bound ? "confidence-bound" : "log-ei";
    proposal.reason = bound ? "where the model's optimistic guess is best"
                            : "where the model expects to improve most";
    if (bound) {
      problem.acquisition = [](double mean, double sd) {
        return confidence_bound(mean, sd, kBoundWidth);
      };
    } else {
      problem.acquisition = [best](double mean, double sd) {
        return log_expected_improvement(mean, sd, best);
      };
    }
    auto choice = maximize_acquisition(problem);
    if (!choice && problem.branch) {  // every point of the branch is in use
      problem.branch.reset();
      choice = maximize_acquisition(problem);
    }
    const double prior_sd = std::exp(0.5 * problem.gp.hyperparameters().log_variance);
    const double certain = query.pending.empty() ? kCertain : kCertainBesidePending;
    if (choice && choice->sd < certain * prior_sd) {
      // The model is sure about its favourite: ask for a clear improvement, which only unknown
      // places can give.
      const double target = best - 0.15 - 0.35 * rng.uniform();
      problem.acquisition = [target](double mean, double sd) {
        return log_expected_improvement(mean, sd, target);
      };
      if (auto further = maximize_acquisition(problem)) choice = std::move(further);
      proposal.mechanism = "ambitious-ei";
      proposal.reason =
          "where a clear improvement is most likely, since the model is sure of its favourite";
    }
    if (choice) {
      if (problem.branch)
        name_branch(problem.space[problem.branch->parameter], problem.branch->level, proposal);
      proposal.point = std::move(choice->point);
      proposal.predicted_mean = y.centre + y.scale * choice->mean;
      proposal.predicted_sd = y.scale * choice->sd;
      if (std::isfinite(*proposal.predicted_mean) && std::isfinite(*proposal.predicted_sd))
        return proposal;
      proposal.predicted_mean.reset();
      proposal.predicted_sd.reset();
      return proposal;
    }
    proposal.mechanism = "random";
    proposal.point = problem.space.from_unit(std::vector<double>(problem.space.size(), 0.5));
    proposal.reason = "a repeat, since every point of the space is in use";
    avoid_repeat(query, kept.seen, proposal);
    return proposal;
  }
};

}  // namespace

std::span<const SettingSpec> bayesian_settings() { return kBayesianSettings; }
Capabilities bayesian_capabilities() { return {.conditions = true}; }
std::unique_ptr<const Optimizer> make_bayesian() { return std::make_unique<Bayesian>(); }

void check_bayesian(const Problem&, const Settings& settings, std::uint64_t, Findings& findings) {
  const auto warn_unless = [&](std::string_view setting,
                               std::initializer_list<std::string_view> honoured,
                               std::string_view instead) {
    const std::string& value = settings.text(setting);
    if (std::find(honoured.begin(), honoured.end(), value) != honoured.end()) return;
    findings.warnings.push_back(
        fmt::format("setting {}: {} isn't followed; {}", setting, value, instead));
  };
  warn_unless("base_estimator", {"GP"}, "the model is a Gaussian process");
  warn_unless("acq_func", {"gp_hedge", "EI", "LCB"}, "the log of the expected improvement runs");
  warn_unless("acq_optimizer", {"auto", "lbfgs"}, "candidates are improved by gradients");
}

std::size_t last_fit_count(std::size_t n) {
  std::size_t count = std::min<std::size_t>(n, 20);
  if (count < 20) return count;
  for (;;) {
    const std::size_t step = count < 100 ? count / 10 : count / 20;
    if (count + step > n) return count;
    count += step;
  }
}

std::vector<std::size_t> model_rows(const EvaluationTable& table, std::size_t end,
                                    std::size_t limit) {
  std::vector<std::size_t> usable;
  for (std::size_t i = 0; i < end; ++i) {
    if (table.standing(i) != Standing::kUnusable) usable.push_back(i);
  }
  if (usable.size() <= limit) return usable;
  const auto third = static_cast<std::ptrdiff_t>(limit / 3);
  std::vector<std::size_t> chosen(usable.end() - third, usable.end());
  std::vector<std::size_t> rest(usable.begin(), usable.end() - third);
  const auto better = [&](std::size_t a, std::size_t b) {
    if (table.standing(a) != table.standing(b)) return table.standing(a) < table.standing(b);
    return table.standing(a) != Standing::kBad && table.value(a) != table.value(b)
               ? table.value(a) < table.value(b)
               : a < b;
  };
  std::partial_sort(rest.begin(), rest.begin() + third, rest.end(), better);
  chosen.insert(chosen.end(), rest.begin(), rest.begin() + third);
  std::vector<std::size_t> others(rest.begin() + third, rest.end());
  std::sort(others.begin(), others.end());
  const std::size_t places = limit - chosen.size();
  for (std::size_t k = 0; k < places && !others.empty(); ++k)
    chosen.push_back(others[k * others.size() / places]);
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace mizan::algorithms
