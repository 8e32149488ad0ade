// The point of a mixed space where an acquisition function of a Gaussian process is largest.
//
// Many candidates (scrambled Sobol points, and neighbours of the best known points) are scored at
// once; the best few are improved in turns: gradients move the continuous coordinates, a search
// over neighbours the levels and categories, until neither helps. Work is bounded by counts, never
// by the clock.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "algorithms/bayes/acquisition.h"
#include "algorithms/bayes/feature_map.h"
#include "algorithms/bayes/gaussian_process.h"
#include "algorithms/counter_rng.h"
#include "algorithms/seen_points.h"
#include "algorithms/sobol.h"

namespace mizan::algorithms {

/// The points in which a parameter has one of its levels.
struct Branch {
  std::size_t parameter = 0;
  std::uint64_t level = 0;
};

struct AcquisitionProblem {
  const SearchSpace& space;
  const FeatureMap& map;
  const GaussianProcess& gp;
  const SobolSequence& sequence;
  const SeenPoints& seen;                   // points that must not be chosen
  std::vector<Eigen::VectorXd> incumbents;  // features of the best known points, best first
  std::function<AcquisitionValue(double mean, double sd)> acquisition;
  std::uint64_t seed = 0, draw = 0;
  std::optional<Branch> branch = {};  // look there only
};

struct AcquisitionChoice {
  Point point;
  double value = 0, mean = 0, sd = 0;
};

/// nullopt when every candidate is in use.
std::optional<AcquisitionChoice> maximize_acquisition(const AcquisitionProblem& problem);

}  // namespace mizan::algorithms
