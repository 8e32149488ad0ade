// See minimize.h.
#include "algorithms/bayes/minimize.h"

#include <LBFGSB.h>

namespace mizan::algorithms {

void minimize(const std::function<double(const Eigen::VectorXd&, Eigen::VectorXd&)>& value_of,
              Eigen::VectorXd start, const Eigen::VectorXd& low, const Eigen::VectorXd& high,
              const Descent& descent) {
  LBFGSpp::LBFGSBParam<double> parameters;
  parameters.m = descent.memory;
  parameters.epsilon = descent.gradient;
  parameters.epsilon_rel = descent.gradient;
  parameters.past = 1;
  parameters.delta = descent.improvement;
  parameters.max_iterations = descent.iterations;
  parameters.max_linesearch = descent.line_search;
  double value = 0;
  try {
    LBFGSpp::LBFGSBSolver<double> solver(parameters);
    solver.minimize(value_of, start, value, low, high);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The library throws when a line search ends nowhere, which is how it says that it is done.
  }
}

}  // namespace mizan::algorithms
