// Weighted least squares with a little ridge, and what it would have said of each row had it not
// known it: honest errors for the price of one fit.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace mizan::algorithms {

struct RidgeFit {
  std::vector<double> weights;
  std::vector<double> left_out;  // for each row the prediction of a fit without it
  std::vector<double> inverse;   // of the normal matrix, row by row

  double predict(std::span<const double> row) const;
  /// How far `row` is from those of the fit: about columns / rows for one among them, above 1 for
  /// an extrapolation.
  double leverage(std::span<const double> row) const;
};

/// `rows` are all of one length, which is at most 64; `targets` and `scales` have one entry for
/// each; an error counts by its ratio to the scale (above 0). nullopt when there are no more rows
/// than columns, or the columns are no basis. Thread: any; pure.
std::optional<RidgeFit> fit_ridge(std::span<const std::vector<double>> rows,
                                  std::span<const double> targets, std::span<const double> scales,
                                  double ridge = 1e-6);

}  // namespace mizan::algorithms
