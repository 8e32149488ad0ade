// See cma_search.h.
#include "algorithms/cmaes/cma_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "algorithms/cmaes/level_margin.h"
#include "algorithms/normal.h"
#include "algorithms/unit_interval.h"

namespace mizan::algorithms {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr std::uint32_t kResamples = 50;  // until a draw lies inside all bounds
constexpr std::size_t kMostPopulation = 1000;
constexpr double kConvergedDeviation = 1e-7;  // of the unit range
constexpr double kConvergedCondition = 1e14;
constexpr double kConvergedSpread = 1e-12;  // of best values, relative to them
constexpr double kCategoryRate = 0.2;       // how far probabilities move in one generation
constexpr double kCategoryMargin = 0.9;     // chance that no category is left to the margin
// Smaller than the tutorial's 4 + 3 ln d, which is made for budgets of thousands: below 300 results
// it is better to learn from fewer and oftener. Restarts make it larger.
std::size_t first_population(std::size_t dimensions) {
  return 4 + static_cast<std::size_t>(
                 std::log(static_cast<double>(std::max<std::size_t>(1, dimensions))));
}

constexpr std::uint32_t kRestartLane = 0xFFFFFF;

bool is_inside(const VectorXd& u) { return u.minCoeff() >= 0 && u.maxCoeff() <= 1; }

}  // namespace

CmaSearch::CmaSearch(const SearchSpace& space, CmaOptions options)
    : space_(space), options_(options), sequence_(0) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    const std::uint64_t levels = level_count(space[i]);
    if (levels == 1) continue;
    if (space[i].is_numeric()) {
      axes_.push_back(i);
    } else {
      categories_.push_back({i, std::vector<double>(levels)});
    }
  }
  sequence_ = SobolSequence(axes_.size());
  first_population_ = std::min(
      kMostPopulation,
      std::max(first_population(axes_.size() + categories_.size()), options.least_population));
  begin(first_population_, options.sigma);
}

void CmaSearch::begin(std::size_t population, double sigma) {
  population_ = population;
  first_sigma_ = sigma;
  bests_.clear();
  for (Category& category : categories_)
    std::fill(category.probabilities.begin(), category.probabilities.end(),
              1 / static_cast<double>(category.probabilities.size()));
  if (axes_.empty()) return;
  VectorXd mean = VectorXd::Constant(static_cast<Index>(axes_.size()), 0.5);
  if (restart_ > 0) {
    CounterRng rng(options_.seed, restart_, Purpose::kPopulation, kRestartLane);
    for (double& coordinate : mean) coordinate = rng.uniform();
  }
  numbers_.emplace(std::move(mean), sigma, population);
  keep_margins();
}

std::vector<double> CmaSearch::sample(std::uint64_t draw, std::uint32_t attempt) const {
  std::vector<double> unit(space_.size(), 0.5);
  CounterRng rng(options_.seed, draw, Purpose::kCandidates, attempt);
  for (const Category& category : categories_) {
    double left = rng.uniform();
    std::size_t k = 0;
    while (k + 1 < category.probabilities.size() && left >= category.probabilities[k])
      left -= category.probabilities[k++];
    unit[category.parameter] =
        (static_cast<double>(k) + 0.5) / static_cast<double>(category.probabilities.size());
  }
  if (!numbers_) return unit;
  VectorXd normal(static_cast<Index>(axes_.size())), u;
  // Draws of one generation cover the distribution evenly: their first attempts are points of one
  // Sobol sequence.
  const std::vector<double> even =
      attempt == 0 ? sequence_.scrambled(draw, options_.seed) : std::vector<double>();
  for (std::uint32_t i = 0; i < kResamples; ++i) {
    for (Index axis = 0; axis < normal.size(); ++axis) {
      const auto at = static_cast<std::size_t>(axis);
      normal[axis] = i == 0 && at < even.size() ? normal_quantile(even[at]) : rng.normal();
    }
    u = numbers_->at(normal);
    if (is_inside(u)) break;
  }
  for (std::size_t axis = 0; axis < axes_.size(); ++axis)
    unit[axes_[axis]] = std::clamp(u[static_cast<Index>(axis)], 0.0, 1.0);
  return unit;
}

void CmaSearch::learn(std::span<const double> unit, const CmaResult& result) {
  open_.push_back({{unit.begin(), unit.end()}, result});
  if (open_.size() >= population_) end_generation();
}

void CmaSearch::end_generation() {
  std::vector<Member> ranked = std::move(open_);
  open_.clear();
  std::sort(ranked.begin(), ranked.end(), [](const Member& a, const Member& b) {
    return std::tie(a.result.rank, a.result.value, a.result.draw) <
           std::tie(b.result.rank, b.result.value, b.result.draw);
  });
  ++generation_;
  (is_small_ ? spent_small_ : spent_large_) += population_;
  const Member& best = ranked.front();
  bests_.push_back(best.result.rank < 2 ? best.result.value
                                        : std::numeric_limits<double>::infinity());
  update_categories(ranked);
  if (numbers_) update_numbers(ranked);
  if (options_.restarts != Restarts::kNone && has_converged()) restart();
}

// Where on this axis the member was before it was rounded to a level, as far as can be told.
double CmaSearch::plausible(Index axis, const Member& member) const {
  const std::size_t p = axes_[static_cast<std::size_t>(axis)];
  const Parameter& parameter = space_[p];
  const double u = member.unit[p];
  if (level_count(parameter) == 0) return u;
  CounterRng rng(options_.seed, member.result.draw, Purpose::kPopulation,
                 static_cast<std::uint32_t>(axis));
  const Marginal now{numbers_->mean()[axis], numbers_->deviation(axis)};
  return within_cell(now, unit_cell(parameter, from_unit(parameter, u)), rng.uniform());
}

void CmaSearch::update_numbers(const std::vector<Member>& ranked) {
  Eigen::MatrixXd points(static_cast<Index>(axes_.size()), static_cast<Index>(ranked.size()));
  for (Index i = 0; i < points.cols(); ++i) {
    for (Index axis = 0; axis < points.rows(); ++axis)
      points(axis, i) = plausible(axis, ranked[static_cast<std::size_t>(i)]);
  }
  numbers_->update(points);
  keep_margins();
}

void CmaSearch::keep_margins() {
  const double alpha =
      std::min(0.25, 1 / static_cast<double>(axes_.size() * std::max<std::size_t>(population_, 1)));
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const auto axis = static_cast<Index>(i);
    const Parameter& parameter = space_[axes_[i]];
    const double mean = std::clamp(numbers_->mean()[axis], 0.0, 1.0);
    Marginal now{mean, numbers_->deviation(axis)};
    if (level_count(parameter) > 0)
      now = with_margin(now, unit_cell(parameter, from_unit(parameter, mean)), alpha);
    numbers_->adjust(axis, now.mean, now.deviation);
  }
}

void CmaSearch::update_categories(const std::vector<Member>& ranked) {
  const std::size_t parents = std::max<std::size_t>(1, ranked.size() / 2);
  std::vector<double> weights(parents);
  double sum = 0;
  for (std::size_t i = 0; i < parents; ++i)
    sum += weights[i] = std::log(0.5 * static_cast<double>(ranked.size() + 1)) -
                        std::log(static_cast<double>(i + 1));
  // With N categorical parameters, all follow their favourite at most 90% of the time.
  const double others = 1 - std::pow(kCategoryMargin, 1 / static_cast<double>(categories_.size()));
  for (Category& category : categories_) {
    const std::size_t count = category.probabilities.size();
    for (double& p : category.probabilities) p *= 1 - kCategoryRate;
    for (std::size_t i = 0; i < parents; ++i) {
      const double u = ranked[i].unit[category.parameter];
      const auto k = std::min(count - 1, static_cast<std::size_t>(u * static_cast<double>(count)));
      category.probabilities[k] += kCategoryRate * (sum > 0 ? weights[i] / sum : 1.0);
    }
    const double least = others / static_cast<double>(count - 1) * 0.5;
    double total = 0;
    for (double& p : category.probabilities) total += p = std::max(p, std::min(least, 1.0));
    for (double& p : category.probabilities) p /= total;
  }
}

bool CmaSearch::has_converged() const {
  const auto n = static_cast<double>(axes_.size() + categories_.size());
  const auto window =
      10 + static_cast<std::size_t>(std::ceil(30 * n / static_cast<double>(population_)));
  if (bests_.size() >= window) {
    const auto [low, high] =
        std::minmax_element(bests_.end() - static_cast<std::ptrdiff_t>(window), bests_.end());
    if (!(*high - *low > kConvergedSpread * std::max(1.0, std::fabs(*low)))) return true;
  }
  if (!numbers_) return false;
  if (numbers_->condition() > kConvergedCondition) return true;
  for (Index axis = 0; axis < numbers_->mean().size(); ++axis) {
    if (numbers_->deviation(axis) > kConvergedDeviation) return false;
  }
  return true;
}

void CmaSearch::restart() {
  ++restart_;
  const auto doubled = [&](std::size_t times) {
    const std::size_t shift = std::min<std::size_t>(times, 16);
    return std::min(kMostPopulation, first_population_ << shift);
  };
  is_small_ = options_.restarts == Restarts::kBipop && spent_small_ < spent_large_ && restart_ > 1;
  if (!is_small_) {
    begin(doubled(++large_), options_.sigma);
    return;
  }
  // Hansen 2009: between the first population and half of the last large one, more often small.
  CounterRng rng(options_.seed, restart_, Purpose::kPopulation, kRestartLane - 1);
  const double a = rng.uniform(), b = rng.uniform();
  const auto first = static_cast<double>(first_population_);
  const double ratio = std::max(1.0, 0.5 * static_cast<double>(doubled(large_)) / first);
  begin(static_cast<std::size_t>(first * std::pow(ratio, a * a)),
        options_.sigma * std::pow(10, -2 * b));
}

std::vector<double> CmaSearch::probabilities(std::size_t parameter) const {
  const auto at = std::find_if(categories_.begin(), categories_.end(),
                               [&](const Category& c) { return c.parameter == parameter; });
  return at == categories_.end() ? std::vector<double>() : at->probabilities;
}

}  // namespace mizan::algorithms
