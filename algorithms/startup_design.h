// The first points of a model-based search: the middle of the space, then scrambled Sobol points.
#pragma once

#include "algorithms/optimizer.h"
#include "algorithms/seen_points.h"
#include "algorithms/sobol.h"

namespace mizan::algorithms {

/// A point for query.draw; new when a new one exists. `sequence` is remade when it doesn't fit the
/// space.
Proposal startup_proposal(const Query& query, const SeenPoints& seen, SobolSequence& sequence);

/// Puts a random new point in place of one that is in use, while there is a new one.
void avoid_repeat(const Query& query, const SeenPoints& seen, Proposal& proposal);

}  // namespace mizan::algorithms
