// See maximize_acquisition.h.
#include "algorithms/bayes/maximize_acquisition.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "algorithms/bayes/minimize.h"
#include "algorithms/sobol_search.h"
#include "algorithms/unit_interval.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kSpread = 256;     // candidates all over the space
constexpr std::size_t kNeighbours = 32;  // candidates around each incumbent
// From so many results on a candidate costs more and tells less: half of them will do.
constexpr Eigen::Index kManyResults = 200;
constexpr std::size_t kStarts = 5;
constexpr int kGradientSteps = 20;
constexpr int kTurns = 3;                     // gradient, then levels, and again
constexpr std::uint64_t kSmoothLevels = 16;   // from here on levels are moved by gradients, too
constexpr std::uint64_t kMaxCategories = 32;  // tried exhaustively up to here, a sample beyond

struct Candidate {
  Point point;
  Eigen::VectorXd x;
  double value = -std::numeric_limits<double>::infinity(), mean = 0, sd = 0;
};

class Maximizer {
 public:
  explicit Maximizer(const AcquisitionProblem& problem)
      : p_(problem), rng_(problem.seed, problem.draw, Purpose::kCandidates) {}

  std::optional<AcquisitionChoice> run() {
    std::vector<Candidate> pool = gather();
    score(pool);
    std::sort(pool.begin(), pool.end(),
              [](const Candidate& a, const Candidate& b) { return a.value > b.value; });
    std::vector<Candidate> polished;
    for (const Candidate& start : starts(pool)) polished.push_back(polish(start));
    // Polished points first where they are better; unpolished ones stand in when those are in use.
    polished.insert(polished.end(), pool.begin(), pool.end());
    const Candidate* best = nullptr;
    for (const Candidate& candidate : polished) {
      if (best != nullptr && !(candidate.value > best->value)) continue;
      if (!p_.seen.contains(candidate.point)) best = &candidate;
    }
    if (best == nullptr) return std::nullopt;
    return AcquisitionChoice{best->point, best->value, best->mean, best->sd};
  }

 private:
  Candidate candidate(Point point) const {
    Candidate made;
    made.x = p_.map.features(point);
    made.point = std::move(point);
    return made;
  }

  void evaluate(Candidate& made) const {
    const Prediction prediction = p_.gp.predict(made.x);
    made.mean = prediction.mean;
    made.sd = prediction.sd;
    made.value = p_.acquisition(made.mean, made.sd).value;
  }

  std::vector<Candidate> gather() {
    std::vector<Candidate> pool;
    const std::uint64_t scramble = mix64(p_.seed ^ mix64(p_.draw ^ 0xAC0001ULL));
    const std::size_t share = p_.gp.size() >= kManyResults ? 2 : 1;
    for (std::size_t i = 0; i < kSpread / share; ++i) {
      std::vector<double> u = sobol_coordinates(p_.space, p_.sequence, scramble, i);
      if (p_.branch) u[p_.branch->parameter] = branch_coordinate();
      pool.push_back(candidate(p_.space.from_unit(u)));
    }
    for (const Eigen::VectorXd& centre : p_.incumbents) {
      for (std::size_t i = 0; i < kNeighbours / share; ++i)
        pool.push_back(candidate(neighbour(centre)));
    }
    return pool;
  }

  // Some coordinates moved a little, at least one.
  Point neighbour(const Eigen::VectorXd& centre) {
    Eigen::VectorXd x = centre;
    const auto size = static_cast<double>(x.size());
    const double width = std::pow(10.0, -0.5 - 2 * rng_.uniform());
    const auto sure = static_cast<Eigen::Index>(rng_.below(static_cast<std::uint64_t>(x.size())));
    for (Eigen::Index d = 0; d < x.size(); ++d) {
      if (d != sure && rng_.uniform() > std::min(1.0, 5 / size)) continue;
      const auto i = static_cast<std::size_t>(d);
      if (!p_.map.kinds()[i]) {
        x[d] = std::clamp(x[d] + width * rng_.normal(), 0.0, 1.0);
      } else if (d == sure || rng_.uniform() < 0.3) {
        x[d] = static_cast<double>(rng_.below(level_count(p_.space[i])));
      }
    }
    if (p_.branch) {
      const std::size_t i = p_.branch->parameter;
      x[static_cast<Eigen::Index>(i)] =
          p_.map.kinds()[i] ? static_cast<double>(p_.branch->level) : branch_coordinate();
    }
    return p_.map.point(x);
  }

  bool is_given(std::size_t i) const { return p_.branch && p_.branch->parameter == i; }

  double branch_coordinate() const {
    const Parameter& parameter = p_.space[p_.branch->parameter];
    return to_unit(parameter, level_value(parameter, p_.branch->level));
  }

  void score(std::vector<Candidate>& pool) const {
    Features points(static_cast<Eigen::Index>(pool.size()), p_.map.size());
    for (std::size_t i = 0; i < pool.size(); ++i)
      points.row(static_cast<Eigen::Index>(i)) = pool[i].x.transpose();
    Eigen::VectorXd means, sds;
    p_.gp.predict(points, means, sds);
    for (std::size_t i = 0; i < pool.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      pool[i].mean = means[row];
      pool[i].sd = sds[row];
      pool[i].value = p_.acquisition(means[row], sds[row]).value;
    }
  }

  // The best, without those that sit next to a better one.
  std::vector<Candidate> starts(const std::vector<Candidate>& pool) const {
    std::vector<Candidate> chosen;
    for (const Candidate& made : pool) {
      if (chosen.size() == kStarts) break;
      const bool is_close = std::any_of(chosen.begin(), chosen.end(), [&](const Candidate& other) {
        return (made.x - other.x).cwiseAbs().maxCoeff() < 0.02;
      });
      if (!is_close) chosen.push_back(made);
    }
    return chosen;
  }

  Candidate polish(Candidate start) {
    for (int turn = 0; turn < kTurns; ++turn) {
      const double before = start.value;
      climb(start);
      move_levels(start);
      if (!(start.value > before + 1e-6)) break;
    }
    return start;
  }

  bool is_smooth(std::size_t i, const Point& point) const {
    const std::uint64_t levels = level_count(p_.space[i]);
    return !is_given(i) && point.is_active(i) && !p_.map.kinds()[i] &&
           (levels == 0 || levels > kSmoothLevels);
  }

  // Gradient ascent over the continuous coordinates within [0, 1].
  void climb(Candidate& at) const {
    std::vector<Eigen::Index> free;
    for (std::size_t i = 0; i < p_.space.size(); ++i) {
      if (is_smooth(i, at.point)) free.push_back(static_cast<Eigen::Index>(i));
    }
    if (free.empty()) return;
    const auto size = static_cast<Eigen::Index>(free.size());
    Eigen::VectorXd best = at.x, x = at.x;
    double best_value = at.value;
    auto negated = [&](const Eigen::VectorXd& moved, Eigen::VectorXd& gradient) {
      for (Eigen::Index k = 0; k < size; ++k) x[free[static_cast<std::size_t>(k)]] = moved[k];
      const Prediction prediction = p_.gp.predict(x);
      const AcquisitionValue value = p_.acquisition(prediction.mean, prediction.sd);
      for (Eigen::Index k = 0; k < size; ++k) {
        const Eigen::Index d = free[static_cast<std::size_t>(k)];
        gradient[k] =
            -value.by_mean * prediction.mean_slope[d] - value.by_sd * prediction.sd_slope[d];
      }
      if (value.value > best_value) {
        best_value = value.value;
        best = x;
      }
      return std::isfinite(value.value) ? -value.value : 1e10;
    };
    Eigen::VectorXd moved(size);
    for (Eigen::Index k = 0; k < size; ++k) moved[k] = at.x[free[static_cast<std::size_t>(k)]];
    minimize(negated, std::move(moved), Eigen::VectorXd::Zero(size), Eigen::VectorXd::Ones(size),
             {.iterations = kGradientSteps});
    Candidate climbed = candidate(p_.map.point(best));
    evaluate(climbed);
    if (climbed.value > at.value) at = std::move(climbed);
  }

  // One parameter after the other: neighbouring levels, or other categories.
  void move_levels(Candidate& at) {
    for (std::size_t i = 0; i < p_.space.size(); ++i) {
      const std::uint64_t levels = level_count(p_.space[i]);
      if (levels < 2 || is_given(i) || !at.point.is_active(i)) continue;
      for (const std::uint64_t level : moves(i, at.point, levels)) {
        Point moved = at.point;
        moved.values[i] = level_value(p_.space[i], level);
        Candidate tried = candidate(p_.space.snapped(std::move(moved)));
        evaluate(tried);
        if (tried.value > at.value) at = std::move(tried);
      }
    }
  }

  std::vector<std::uint64_t> moves(std::size_t i, const Point& point, std::uint64_t levels) {
    const std::uint64_t here = level_of(p_.space[i], point.values[i]).value_or(0);
    std::vector<std::uint64_t> moves;
    if (p_.map.kinds()[i]) {
      for (std::uint64_t k = 0; k < std::min(levels, kMaxCategories); ++k)
        moves.push_back(levels <= kMaxCategories ? k : rng_.below(levels));
    } else if (levels <= kSmoothLevels) {
      for (std::uint64_t k = 0; k < levels; ++k) moves.push_back(k);
    } else {
      if (here > 0) moves.push_back(here - 1);
      if (here + 1 < levels) moves.push_back(here + 1);
    }
    std::erase(moves, here);
    return moves;
  }

  const AcquisitionProblem& p_;
  CounterRng rng_;
};

}  // namespace

std::optional<AcquisitionChoice> maximize_acquisition(const AcquisitionProblem& problem) {
  return Maximizer(problem).run();
}

}  // namespace mizan::algorithms
