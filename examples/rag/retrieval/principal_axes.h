// The directions in which rows differ most. In one file, for Eigen's solver takes long to compile.
#pragma once

#include <Eigen/Core>

namespace mizan::rag {

/// The eigenvectors of the `count` greatest eigenvalues of a symmetric matrix, as columns, the
/// greatest last.
Eigen::MatrixXf principal_axes(const Eigen::MatrixXd& symmetric, Eigen::Index count);

}  // namespace mizan::rag
