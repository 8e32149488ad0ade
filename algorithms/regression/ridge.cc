// Normal equations: the columns are few and are brought to one size first.
#include "algorithms/regression/ridge.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace mizan::algorithms {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::VectorXd;

constexpr std::size_t kMostColumns = 64;

Eigen::Map<const VectorXd> vector_of(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

double RidgeFit::predict(std::span<const double> row) const {
  return vector_of(row).dot(vector_of(weights));
}

double RidgeFit::leverage(std::span<const double> row) const {
  const auto n = static_cast<Eigen::Index>(row.size());
  const Eigen::Map<const Matrix> matrix(inverse.data(), n, n);
  return vector_of(row).dot(matrix * vector_of(row));
}

std::optional<RidgeFit> fit_ridge(std::span<const std::vector<double>> rows,
                                  std::span<const double> targets, std::span<const double> scales,
                                  double ridge) {
  if (rows.empty()) return std::nullopt;
  const std::size_t columns = rows.front().size();
  if (columns == 0 || columns > kMostColumns || rows.size() <= columns) return std::nullopt;
  const auto n = static_cast<Eigen::Index>(rows.size()), p = static_cast<Eigen::Index>(columns);
  Matrix x(n, p);
  VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    x.row(i) = vector_of(rows[at]).transpose() / scales[at];
    y(i) = targets[at] / scales[at];
  }
  // A column of zeros stays one, with nothing but the ridge to say what it is worth.
  const VectorXd norms = x.colwise().norm().transpose();
  const VectorXd size = (norms.array() > 1e-150).select(norms, VectorXd::Ones(p));
  const Matrix scaled = x * size.cwiseInverse().asDiagonal();
  Matrix normal = scaled.transpose() * scaled;
  normal.diagonal().array() += ridge;
  const Eigen::LDLT<Eigen::MatrixXd> solver(normal);
  if (solver.info() != Eigen::Success || !solver.isPositive()) return std::nullopt;
  const Eigen::MatrixXd inverse = solver.solve(Eigen::MatrixXd::Identity(p, p));
  if (!inverse.allFinite()) return std::nullopt;
  const VectorXd weights = inverse * (scaled.transpose() * y);

  RidgeFit fit;
  const VectorXd own = size.cwiseInverse().asDiagonal() * weights;
  fit.weights.assign(own.data(), own.data() + p);
  const Matrix unscaled =
      size.cwiseInverse().asDiagonal() * inverse * size.cwiseInverse().asDiagonal();
  fit.inverse.assign(unscaled.data(), unscaled.data() + p * p);
  fit.left_out.reserve(rows.size());
  for (Eigen::Index i = 0; i < n; ++i) {
    const double said = scaled.row(i).dot(weights);
    const double pull = std::min(scaled.row(i).dot(inverse * scaled.row(i).transpose()), 0.999);
    const double without = y(i) - (y(i) - said) / (1 - pull);
    fit.left_out.push_back(without * scales[static_cast<std::size_t>(i)]);
  }
  return fit;
}

}  // namespace mizan::algorithms
