// See feature_map.h.
#include "algorithms/bayes/feature_map.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace mizan::algorithms {

FeatureMap::FeatureMap(const SearchSpace& space) : space_(space) {
  for (const Parameter& parameter : space.parameters()) {
    if (!parameter.condition) unconditional_.push_back(static_cast<Eigen::Index>(kinds_.size()));
    kinds_.push_back(!parameter.is_numeric());
  }
}

Eigen::VectorXd FeatureMap::features(std::span<const double> unit) const {
  Eigen::VectorXd x(size());
  for (std::size_t i = 0; i < unit.size(); ++i) {
    double& feature = x[static_cast<Eigen::Index>(i)];
    if (!kinds_[i]) {
      feature = std::isnan(unit[i]) ? 0.5 : unit[i];
    } else if (std::isnan(unit[i])) {
      feature = -1;
    } else {
      const auto levels = static_cast<double>(level_count(space_[i]));
      feature = std::min(std::floor(unit[i] * levels), levels - 1);
    }
  }
  return x;
}

Point FeatureMap::point(const Eigen::VectorXd& x) const {
  std::vector<double> u(kinds_.size());
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double feature = x[static_cast<Eigen::Index>(i)];
    u[i] = kinds_[i] ? (std::max(feature, 0.0) + 0.5) / static_cast<double>(level_count(space_[i]))
                     : feature;
  }
  return space_.from_unit(u);
}

}  // namespace mizan::algorithms
