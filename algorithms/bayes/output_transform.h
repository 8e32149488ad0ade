// Losses as a Gaussian process wants them: standardised, with the bad half's outliers tamed.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "algorithms/evaluation_table.h"

namespace mizan::algorithms {

/// The transformed value of each given row, mean 0 and variance 1 (all 0 when nothing differs),
/// smaller is better.
///
/// The better half keeps its shape. The worse half is replaced by normal quantiles of its ranks, on
/// the spread of the better half: a loss of 1e9 is just bad, and the differences that matter stay
/// visible (the half-rank warping of Vizier, arXiv:2408.11527). Rows that stopped early are at best
/// the median; failed rows are worse than all others.
struct TransformedValues {
  Eigen::VectorXd values;        // by given row
  double centre = 0, scale = 1;  // of the better half: transformed value v is centre + scale * v on
                                 // the loss's scale
};
TransformedValues transform_values(const EvaluationTable& table,
                                   const std::vector<std::size_t>& rows);

}  // namespace mizan::algorithms
