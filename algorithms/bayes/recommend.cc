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

std::optional<Recommendation> recommend(const Problem& problem, const History& history) {
  EvaluationTable table;
  table.update(problem.space, history);
  const std::vector<std::size_t> rows = model_rows(table, table.size(), kRows);
  const std::optional<std::size_t> luckiest = smallest(table);
  if (!luckiest) return std::nullopt;
  const Recommendation plain{*luckiest, std::nullopt, std::nullopt};
  if (rows.size() < kFewest) return plain;
  const FeatureMap map(problem.space);
  Features x(static_cast<Eigen::Index>(rows.size()), map.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    x.row(static_cast<Eigen::Index>(i)) = map.features(table.unit(rows[i])).transpose();
  const TransformedValues y = transform_values(table, rows);
  const Hyperparameters hyper = fit_hyperparameters(x, y.values, map.kinds(), map.unconditional());
  const auto gp = GaussianProcess::make(x, y.values, map.kinds(), hyper);
  if (!gp) return plain;
  const bool is_noisy = std::exp(hyper.log_noise) >= kNoiseShare;
  const Eigen::VectorXd means = gp->fitted();
  Eigen::Index best = -1;
  for (Eigen::Index row = 0; row < means.size(); ++row) {
    const std::size_t i = rows[static_cast<std::size_t>(row)];
    if (table.standing(i) != Standing::kComplete) continue;
    if (is_noisy ? best < 0 || means[row] < means[best] : i == *luckiest) best = row;
  }
  if (best < 0) return plain;
  const Prediction there = gp->predict(Eigen::VectorXd(x.row(best).transpose()));
  Recommendation found{rows[static_cast<std::size_t>(best)], y.centre + y.scale * there.mean,
                       y.scale * there.sd};
  if (!std::isfinite(*found.mean) || !std::isfinite(*found.sd)) found.mean = found.sd = {};
  return found;
}

}  // namespace mizan::algorithms
