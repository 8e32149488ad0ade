// The margin of integer parameters: a normal distribution over levels must not settle on one level
// for good, or the search stops there.
//
// Source: Hamano, Saito, Nomura, Shirakawa, "CMA-ES with margin", GECCO 2022, arXiv:2205.13482.
#pragma once

#include "algorithms/unit_interval.h"

namespace mizan::algorithms {

struct Marginal {
  double mean = 0, deviation = 1;
};

/// `now` with at least `alpha` of its mass off the cell that its mean is in: alpha on the one side
/// of an outermost cell of [0, 1], alpha / 2 on each side of another. Requires 0 < alpha < 0.5,
/// deviation > 0, low < high, the mean in [low, high].
Marginal with_margin(Marginal now, UnitCell cell, double alpha);

/// A number of the cell, distributed as `now` is inside it, for a uniform number in (0, 1): where a
/// normal draw that was rounded to this cell may have been.
double within_cell(Marginal now, UnitCell cell, double uniform);

}  // namespace mizan::algorithms
