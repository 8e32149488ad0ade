// See recommend.h in the folder above.
#include "algorithms/recommend.h"

#include <algorithm>
#include <cmath>

#include "algorithms/bayes/bayesian.h"
#include "algorithms/bayes/feature_map.h"
#include "algorithms/bayes/fit_hyperparameters.h"
#include "algorithms/bayes/gaussian_process.h"
#include "algorithms/bayes/output_transform.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kRows = 200;
constexpr std::size_t kFewest = 5;  // with fewer results noise can't be told from shape
// Below this share of the values' variance what looks like noise may be rounding or a rough shape.
constexpr double kNoiseShare = 1e-3;

std::optional<std::size_t> smallest(const EvaluationTable& table) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.standing(i) == Standing::kComplete && (!best || table.value(i) < table.value(*best)))
      best = i;
  }
  return best;
}

}  // namespace

std::optional<std::size_t> recommend(const Problem& problem, const History& history) {
  EvaluationTable table;
  table.update(problem.space, history);
  const std::vector<std::size_t> rows = model_rows(table, table.size(), kRows);
  const std::optional<std::size_t> luckiest = smallest(table);
  if (!luckiest || rows.size() < kFewest) return luckiest;
  const FeatureMap map(problem.space);
  Features x(static_cast<Eigen::Index>(rows.size()), map.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    x.row(static_cast<Eigen::Index>(i)) = map.features(table.unit(rows[i])).transpose();
  const Eigen::VectorXd y = transform_values(table, rows).values;
  const Hyperparameters hyper = fit_hyperparameters(x, y, map.kinds());
  if (std::exp(hyper.log_noise) < kNoiseShare) return luckiest;
  const auto gp = GaussianProcess::make(x, y, map.kinds(), hyper);
  if (!gp) return luckiest;
  const Eigen::VectorXd means = gp->fitted();
  std::optional<std::size_t> best;
  double best_mean = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (table.standing(rows[i]) != Standing::kComplete) continue;
    const double mean = means[static_cast<Eigen::Index>(i)];
    if (best && !(mean < best_mean)) continue;
    best = rows[i];
    best_mean = mean;
  }
  return best;
}

}  // namespace mizan::algorithms
