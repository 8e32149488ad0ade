// Hyperparameters drawn from their posterior: what else could explain the results.
//
// From few results many explanations are possible, and the most probable one is often
// overconfident. Draws that each believe another explanation keep looking where one of them would.
// Source: Murray, Adams and MacKay 2010, "Elliptical slice sampling", arXiv:1001.0175; for the use,
// Snoek, Larochelle and Adams 2012, arXiv:1206.2944.
#pragma once

#include <vector>

#include "algorithms/bayes/kernel.h"

namespace mizan::algorithms {

/// `count` draws, from a chain that begins at `start` (the most probable hyperparameters). A pure
/// function of its arguments. Requires standardised y and at least two rows. Cost: about 25 x count
/// factorisations of the covariance.
std::vector<Hyperparameters> sample_hyperparameters(const Features& x, const Eigen::VectorXd& y,
                                                    const FeatureKinds& is_category,
                                                    const Hyperparameters& start,
                                                    std::size_t count);

}  // namespace mizan::algorithms
