// See parzen_estimator.h.
#include "algorithms/tpe/parzen_estimator.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/normal.h"

namespace mizan::algorithms {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;

// Beyond this many categories the share of the others stops growing: the prior must not drown the
// data.
constexpr double kSharedCategories = 4;

// Variance of the uniform distribution on [0, 1].
constexpr double kUniformVariance = 1.0 / 12;
constexpr double kNarrowestSpread = 0.02;

// e^-40 is 4e-18: a few hundred such terms beside one of 1 are below what a double shows.
constexpr double kNegligible = -40;

double narrowest(std::size_t rows) { return 1.0 / std::min(100.0, static_cast<double>(rows) + 2); }

// Scott's exponent with a fifth of the range at one observation.
double joint_bandwidth(std::size_t rows, std::size_t dimensions) {
  const double exponent = -1.0 / (static_cast<double>(dimensions) + 4);
  const double wide = 0.2 * std::pow(static_cast<double>(std::max<std::size_t>(rows, 1)), exponent);
  return std::clamp(wide, narrowest(rows), 1.0);
}

std::vector<double> bandwidths_of(const std::vector<double>& centres, std::size_t dimensions,
                                  const ParzenOptions& options) {
  if (!options.joint) return neighbour_bandwidths(centres);
  const bool by_spread = options.by_spread && centres.size() > 1;
  const double width = by_spread ? spread_bandwidth(centres, dimensions)
                                 : joint_bandwidth(centres.size(), dimensions);
  return std::vector<double>(centres.size(), width);
}

std::size_t category_at(double u, std::uint64_t levels) {
  const auto k = static_cast<std::size_t>(u * static_cast<double>(levels));
  return std::min(k, static_cast<std::size_t>(levels - 1));
}

}  // namespace

ParzenDimension parzen_dimension(const Parameter& parameter) {
  return {level_count(parameter), parameter.is_numeric()};
}

double spread_bandwidth(const std::vector<double>& centres, std::size_t dimensions) {
  const auto n = static_cast<double>(centres.size());
  const double mean = std::accumulate(centres.begin(), centres.end(), 0.0) / n;
  double squares = 0;
  for (const double centre : centres) squares += (centre - mean) * (centre - mean);
  const double sd = std::sqrt((squares * n / (n - 1) + kUniformVariance) / (n + 1));
  const double exponent = -1.0 / (static_cast<double>(dimensions) + 4);
  return std::clamp(sd * std::pow(n, exponent), kNarrowestSpread, 1.0);
}

std::vector<double> neighbour_bandwidths(const std::vector<double>& centres) {
  const std::size_t n = centres.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return centres[a] != centres[b] ? centres[a] < centres[b] : a < b;
  });
  std::vector<double> widths(n);
  for (std::size_t at = 0; at < n; ++at) {
    const double here = centres[order[at]];
    const double below = at > 0 ? here - centres[order[at - 1]] : (n == 1 ? here : 0);
    const double above = at + 1 < n ? centres[order[at + 1]] - here : (n == 1 ? 1 - here : 0);
    widths[order[at]] = std::clamp(std::max(below, above), narrowest(n), 1.0);
  }
  return widths;
}

ParzenEstimator::ParzenEstimator(std::vector<ParzenDimension> dimensions, const ParzenRows& rows,
                                 std::span<const double> weights, const ParzenOptions& options)
    : dimensions_(std::move(dimensions)),
      centres_(dimensions_.size()),
      inverse_(dimensions_.size()),
      log_hit_(dimensions_.size()),
      log_miss_(dimensions_.size()) {
  double total = options.prior_weight;
  for (const double weight : weights) total += weight;
  log_weight_.resize(rows.rows());
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    log_weight_[static_cast<Eigen::Index>(i)] = std::log(weights[i] / total);
    cumulative_.push_back(sum += weights[i] / total);
  }
  cumulative_.push_back(1);
  log_prior_ = std::log(options.prior_weight / total);
  for (std::size_t d = 0; d < dimensions_.size(); ++d) {
    if (dimensions_[d].ordered) {
      add_numeric(d, rows, options);
    } else {
      add_categorical(d, rows, options);
    }
  }
}

void ParzenEstimator::add_numeric(std::size_t d, const ParzenRows& rows,
                                  const ParzenOptions& options) {
  const auto n = rows.rows();
  centres_[d] = rows.col(static_cast<Eigen::Index>(d));
  const std::vector<double> centres(centres_[d].begin(), centres_[d].end());
  const std::vector<double> widths = bandwidths_of(centres, dimensions_.size(), options);
  const double half_cell =
      dimensions_[d].levels > 0 ? 0.5 / static_cast<double>(dimensions_[d].levels) : 0;
  inverse_[d].resize(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto row = static_cast<std::size_t>(i);
    const double width = std::max(widths[row], half_cell);
    inverse_[d][i] = 1 / width;
    const double inside = normal_log_mass(-centres[row] / width, (1 - centres[row]) / width);
    log_weight_[i] -= std::log(width) + kLogSqrtTwoPi + inside;
  }
}

void ParzenEstimator::add_categorical(std::size_t d, const ParzenRows& rows,
                                      const ParzenOptions& options) {
  const auto levels = static_cast<double>(dimensions_[d].levels);
  const double share = options.prior_weight /
                       static_cast<double>(std::max<Eigen::Index>(rows.rows(), 1)) *
                       std::min(1.0, kSharedCategories / levels);
  log_hit_[d] = std::log((1 + share) / (1 + levels * share));
  log_miss_[d] = std::log(share / (1 + levels * share));
  log_prior_ -= std::log(levels);
  centres_[d].resize(rows.rows());
  for (Eigen::Index i = 0; i < rows.rows(); ++i)
    centres_[d][i] = static_cast<double>(
        category_at(rows(i, static_cast<Eigen::Index>(d)), dimensions_[d].levels));
}

double ParzenEstimator::log_density(std::span<const double> u) const {
  Eigen::ArrayXd logs = log_weight_;
  for (std::size_t d = 0; d < dimensions_.size(); ++d) {
    if (dimensions_[d].ordered) {
      logs -= 0.5 * ((u[d] - centres_[d]) * inverse_[d]).square();
    } else {
      const auto category = static_cast<double>(category_at(u[d], dimensions_[d].levels));
      logs += (centres_[d] == category)
                  .select(Eigen::ArrayXd::Constant(logs.size(), log_hit_[d]), log_miss_[d]);
    }
  }
  const double highest = logs.size() == 0 ? log_prior_ : std::max(logs.maxCoeff(), log_prior_);
  // Most kernels are too far away to show in a double: their exponentials are not worth taking.
  Eigen::Index near = 0;
  for (const double log : logs) {
    const double below = log - highest;
    logs[near] = below;
    near += below > kNegligible ? 1 : 0;
  }
  return highest + std::log(logs.head(near).exp().sum() + std::exp(log_prior_ - highest));
}

double ParzenEstimator::sample_coordinate(std::size_t d, std::size_t row, CounterRng& rng) const {
  const bool from_prior = row + 1 == cumulative_.size();
  const double chance = rng.uniform();
  if (!dimensions_[d].ordered) {
    const auto levels = static_cast<double>(dimensions_[d].levels);
    const double hit = from_prior ? 0 : std::exp(log_hit_[d]) - std::exp(log_miss_[d]);
    if (!from_prior && chance < hit)
      return (centres_[d][static_cast<Eigen::Index>(row)] + 0.5) / levels;
    const double rest = (chance - hit) / (1 - hit);
    return (std::floor(rest * levels) + 0.5) / levels;
  }
  if (from_prior) return chance;
  const double centre = centres_[d][static_cast<Eigen::Index>(row)];
  const double inverse = inverse_[d][static_cast<Eigen::Index>(row)];
  const double low = normal_cdf(-centre * inverse), high = normal_cdf((1 - centre) * inverse);
  const double z = normal_quantile(low + chance * (high - low));
  return std::clamp(centre + z / inverse, 0.0, 1.0);
}

std::vector<double> ParzenEstimator::sample(CounterRng& rng) const {
  const double chance = rng.uniform();
  const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end() - 1, chance);
  const auto row = static_cast<std::size_t>(at - cumulative_.begin());
  std::vector<double> u(dimensions_.size());
  for (std::size_t d = 0; d < u.size(); ++d) u[d] = sample_coordinate(d, row, rng);
  return u;
}

}  // namespace mizan::algorithms
