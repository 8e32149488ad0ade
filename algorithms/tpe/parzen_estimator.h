// A density made of one kernel per observation and the prior, over some of a space's parameters.
//
// Everything is in unit coordinates, where the declared distribution is flat: the prior component
// is the uniform density. Numeric kernels are normals truncated to [0, 1]; levels are treated by
// the density at their cell's middle, with kernels no narrower than half a cell. Categorical
// kernels put most of their mass on the observed category and share the rest. With several
// parameters the kernels are products: one mixture over joint points.
//
// Source: Bergstra et al. 2011 (NeurIPS 24), "Algorithms for hyper-parameter optimization"; the
// joint form as in Falkner et al. 2018 (arXiv:1807.01774); the bandwidth rules as surveyed by
// Watanabe 2023 (arXiv:2304.11127).
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/counter_rng.h"
#include "algorithms/parameter.h"

namespace mizan::algorithms {

/// One parameter as the estimator sees it.
struct ParzenDimension {
  std::uint64_t levels = 0;  // 0: a continuum
  bool ordered = true;       // false: categories
};

ParzenDimension parzen_dimension(const Parameter& parameter);

/// Observations by dimensions: unit coordinates, all finite.
using ParzenRows = Eigen::ArrayXXd;

struct ParzenOptions {
  double prior_weight = 1;  // of the uniform component, where an observation has 1
  bool joint = false;  // bandwidths for joint points (one per parameter) instead of by neighbours
  bool by_spread = false;  // joint ones as wide as the rows' own spread asks, so that they narrow
                           // down as good points gather
};

class ParzenEstimator {
 public:
  /// `weights`: one per row, positive.
  ParzenEstimator(std::vector<ParzenDimension> dimensions, const ParzenRows& rows,
                  std::span<const double> weights, const ParzenOptions& options);

  /// Log of the density (of the mass, in categorical dimensions) at `u`. Finite everywhere in [0,
  /// 1]. Cost: O(rows x dimensions).
  double log_density(std::span<const double> u) const;

  /// A draw; numeric coordinates are not snapped to levels.
  std::vector<double> sample(CounterRng& rng) const;

  /// Bandwidth of row `i` in dimension `d`; for tests.
  double bandwidth(std::size_t i, std::size_t d) const {
    return 1 / inverse_[d][static_cast<Eigen::Index>(i)];
  }

 private:
  void add_numeric(std::size_t d, const ParzenRows& rows, const ParzenOptions& options);
  void add_categorical(std::size_t d, const ParzenRows& rows, const ParzenOptions& options);
  double sample_coordinate(std::size_t d, std::size_t row, CounterRng& rng) const;

  std::vector<ParzenDimension> dimensions_;
  std::vector<Eigen::ArrayXd> centres_;  // by dimension: of each row; categories: the index
  std::vector<Eigen::ArrayXd>
      inverse_;  // by dimension: 1 / bandwidth of each row; categories: unused
  std::vector<double> log_hit_, log_miss_;  // by dimension: of categories
  Eigen::ArrayXd log_weight_;               // by row: weight and all normalisers
  std::vector<double> cumulative_;          // of weights, rows then prior; ends at 1
  double log_prior_ = 0;                    // weight of the prior and its masses
};

/// One bandwidth for joint kernels in one of `dimensions` dimensions: Scott's rule on the standard
/// deviation of the centres, which one uniformly spread observation is added to. At least 0.02.
/// Requires two centres.
double spread_bandwidth(const std::vector<double>& centres, std::size_t dimensions);

/// Bandwidths of sorted-neighbour kernels in one dimension: the larger distance to the neighbours
/// (the ends of the interval count as neighbours of a lone point only), clipped to [1 / min(100, n
/// + 2), 1].
std::vector<double> neighbour_bandwidths(const std::vector<double>& centres);

}  // namespace mizan::algorithms
