// See principal_axes.h.
#include "examples/rag/retrieval/principal_axes.h"

#include <Eigen/Eigenvalues>

namespace mizan::rag {

Eigen::MatrixXf principal_axes(const Eigen::MatrixXd& symmetric, Eigen::Index count) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(symmetric);
  return solved.eigenvectors().rightCols(count).cast<float>();
}

}  // namespace mizan::rag
