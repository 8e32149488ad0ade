// L-BFGS-B from one start. The library is in one file, for it takes long to compile.
#pragma once

#include <Eigen/Core>
#include <functional>

namespace mizan::algorithms {

struct Descent {
  int memory = 6;             // pairs of steps and gradients that are kept
  double gradient = 1e-4;     // ends below this projected gradient, absolute or relative to |x|
  double improvement = 1e-6;  // ends when a step gains less than this share
  int iterations = 20;
  int line_search = 15;
};

/// `value_of` returns the value at a point within [low, high] and fills in its gradient; whoever
/// wants the best point remembers it there, since a failed line search ends without one. Never
/// throws what the library throws.
void minimize(const std::function<double(const Eigen::VectorXd&, Eigen::VectorXd&)>& value_of,
              Eigen::VectorXd start, const Eigen::VectorXd& low, const Eigen::VectorXd& high,
              const Descent& descent);

}  // namespace mizan::algorithms
