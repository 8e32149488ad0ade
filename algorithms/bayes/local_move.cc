// See local_move.h.
#include "algorithms/bayes/local_move.h"

#include <algorithm>
#include <cmath>

namespace mizan::algorithms {
namespace {

constexpr int kAttempts = 20;
constexpr double kMovedCoordinates = 2;

}  // namespace

std::optional<Point> local_move(const SearchSpace& space, const FeatureMap& map,
                                const SeenPoints& seen, const Eigen::VectorXd& centre,
                                CounterRng& rng) {
  const auto size = static_cast<double>(centre.size());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Eigen::VectorXd x = centre;
    const double width = std::pow(10.0, -0.5 - 2 * rng.uniform());
    const auto sure = static_cast<Eigen::Index>(rng.below(space.size()));
    for (Eigen::Index d = 0; d < x.size(); ++d) {
      if (d != sure && rng.uniform() > kMovedCoordinates / size) continue;
      const auto i = static_cast<std::size_t>(d);
      x[d] = map.kinds()[i] ? static_cast<double>(rng.below(level_count(space[i])))
                            : std::clamp(x[d] + width * rng.normal(), 0.0, 1.0);
    }
    Point point = map.point(x);
    if (!seen.contains(point)) return point;
  }
  return std::nullopt;
}

}  // namespace mizan::algorithms
