// A parameter's values as numbers between 0 and 1, and back.
//
// Every algorithm searches u = CDF(x) of the declared distribution, truncated to [min, max]: equal
// steps of u are equally likely a priori, so logarithms, bell shapes and steps need no further
// thought. normal has its mean in the middle and a standard deviation of a sixth of the range;
// logNormal is the same on logarithms. Each level owns the cell between the midpoints to its
// neighbours (the outer cells reach as far out as in, so that the first and last level aren't
// halved); its u is the middle of the cell. Lists give each level the same cell.
#pragma once

#include "algorithms/parameter.h"

namespace mizan::algorithms {

/// In [0, 1]; a level's is the middle of its cell. Values outside are clamped; requires no NaN.
double to_unit(const Parameter& parameter, double value);

/// The value at `u` (clamped to [0, 1]); of levels the one whose cell u is in.
/// from_unit(to_unit(v)) is v for every level, and v up to rounding on a continuum.
double from_unit(const Parameter& parameter, double u);

/// The part of [0, 1] that a level owns.
struct UnitCell {
  double low = 0, high = 1;
};
/// The cell of the level nearest to `value`. Requires level_count(parameter) > 0.
UnitCell unit_cell(const Parameter& parameter, double value);

}  // namespace mizan::algorithms
