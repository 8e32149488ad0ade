// A step away from the best known point that asks no model.
//
// Now and then such a step is taken among the modelled ones: where the model is wrong (a loss with
// cliffs, a chosen branch that only looked good) it goes on finding improvements.
#pragma once

#include <optional>

#include "algorithms/bayes/feature_map.h"
#include "algorithms/counter_rng.h"
#include "algorithms/seen_points.h"

namespace mizan::algorithms {

/// About two coordinates of `centre` (features) moved, by anything from a third to a three
/// hundredth of the range; categories drawn anew. nullopt: every attempt hit a point in use.
std::optional<Point> local_move(const SearchSpace& space, const FeatureMap& map,
                                const SeenPoints& seen, const Eigen::VectorXd& centre,
                                CounterRng& rng);

}  // namespace mizan::algorithms
