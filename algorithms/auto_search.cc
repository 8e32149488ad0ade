// See auto_search.h.
#include "algorithms/auto_search.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "algorithms/bayes/bayesian.h"
#include "algorithms/bayes/feature_map.h"
#include "algorithms/bayes/fit_hyperparameters.h"
#include "algorithms/bayes/output_transform.h"
#include "algorithms/random_search.h"
#include "algorithms/seen_points.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kManyParameters = 60, kManyResults = 1000, kNoiseRows = 60;
constexpr std::size_t kNoiseFrom = 20;
constexpr std::uint64_t kManyWorkers = 8;
constexpr double kMuchNoise = 0.1;

constexpr std::array kAutoSettings = {seed_setting()};

struct AutoCache final : Cache::Content {
  EvaluationTable table;
  std::array<Cache, 2> inner;  // of Bayesian optimization, and of the others
  double noise = 0;
  std::uint64_t noise_space = 0, noise_digest = 0;
  std::size_t noise_count = 0;
  std::size_t bytes() const override { return table.bytes() + inner[0].bytes() + inner[1].bytes(); }
};

// Known at the counts where models are fitted, so that it is the same with and without a cache.
double noise_of(const Query& query, AutoCache& kept) {
  kept.table.update(query.problem.space, query.history);
  const std::size_t count = last_fit_count(query.history.size());
  const std::uint64_t space = hash_of(query.problem.space), digest = query.history.digest(count);
  if (kept.noise_space != space || kept.noise_count != count || kept.noise_digest != digest) {
    kept.noise = noise_share(query.problem.space, kept.table, count);
    kept.noise_space = space;
    kept.noise_count = count;
    kept.noise_digest = digest;
  }
  return kept.noise;
}

class Auto final : public Optimizer {
 protected:
  Batch suggest_one(const Query& query, Cache& cache) const override {
    auto& kept = cache.as<AutoCache>();
    const double noise = noise_of(query, kept);
    const AutoChoice choice =
        choose_for_draw(query.problem, query.draw, query.history.size(), noise);
    const Algorithm& row = *find_algorithm(choice.algorithm);
    const Settings settings = parse_settings(row.name, row.settings, {}).settings;
    Query inner{query.problem, settings, query.seed, query.history, query.pending, {}, query.draw};
    Cache& own = kept.inner[choice.algorithm == "bayesianoptimization" ? 0 : 1];
    Batch batch = row.make()->suggest(std::move(inner), 1, own);
    for (Proposal& proposal : batch.proposals) {
      proposal.mechanism = fmt::format("{}/{}", choice.algorithm, proposal.mechanism);
      proposal.reason += fmt::format(" ({} since {})", choice.algorithm, choice.because);
    }
    batch.state = {};
    return batch;
  }
};

}  // namespace

std::span<const SettingSpec> auto_settings() { return kAutoSettings; }

Capabilities auto_capabilities() {
  Capabilities can = random_capabilities();
  can.history_free = false;
  return can;
}

std::unique_ptr<const Optimizer> make_auto() { return std::make_unique<Auto>(); }

AutoChoice choose_for_draw(const Problem& problem, std::uint64_t draw, std::size_t results,
                           double noise) {
  if (problem.objectives.size() > 1) return {"random", "there are several objectives"};
  if (!problem.constraints.empty()) return {"random", "there are constraints"};
  if (problem.fidelity_parameter) return {"random", "a parameter buys precision"};
  if (problem.space.size() > kManyParameters) return {"tpe", "there are many parameters"};
  if (results > kManyResults && draw % 2 == 1) return {"tpe", "there are many results"};
  if (noise > kMuchNoise && draw % 2 == 1) return {"multivariate-tpe", "the results are noisy"};
  if (problem.parallelism >= kManyWorkers && draw % 3 == 2)
    return {"multivariate-tpe", "many trials run at once"};
  return {"bayesianoptimization", "a model of so few results is worth its time"};
}

double noise_share(const SearchSpace& space, const EvaluationTable& table, std::size_t count) {
  const std::vector<std::size_t> rows = model_rows(table, count, kNoiseRows);
  if (rows.size() < kNoiseFrom) return 0;
  const FeatureMap map(space);
  Features x(static_cast<Eigen::Index>(rows.size()), map.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    x.row(static_cast<Eigen::Index>(i)) = map.features(table.unit(rows[i])).transpose();
  const Eigen::VectorXd y = transform_values(table, rows).values;
  const Hyperparameters fit = fit_hyperparameters(x, y, map.kinds());
  const double noise = std::exp(fit.log_noise), signal = std::exp(fit.log_variance);
  return noise / (noise + signal);
}

}  // namespace mizan::algorithms
