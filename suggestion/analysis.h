// What an Experiment's results say of its parameters: their importance, and the objective's average
// along one or two of them. For people; nothing is decided by it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "controller/informer.h"
#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::suggestion {

/// Thread: io; the numbers are worked out on the pool, in at most a second for 10,000 results.
/// Errors: kNotFound (no such experiment), kInvalid (no such parameter or method, or parameters
/// that form no space).
class Analysis {
 public:
  struct World {
    controller::Informer<resources::Experiment>& experiments;
    controller::Informer<resources::Trial>& trials;  // indexed by "namespace/experiment"
    boost::asio::any_io_executor numbers;
  };

  explicit Analysis(World world) : world_(std::move(world)) {}

  /// `method`: "ped-anova" (also ""), or "fanova". {method, objective, results, parameters: [{name,
  /// importance, sd}] from the most important on, interactions (fanova)}. With too few results
  /// `parameters` is empty.
  Task<Result<Json>> importance(std::string ns, std::string experiment, std::string method);

  /// {objective, results, x: {name, values}, y: {name, values}, mean, sd}; mean[i][j] belongs to
  /// x.values[i] and y.values[j]. Without `y` mean[i] belongs to x.values[i]. With too few results
  /// mean and sd are empty.
  Task<Result<Json>> surface(std::string ns, std::string experiment, std::string x, std::string y);

  /// {name, assignments, mean, sd} of the trial to use, best on average where results are noisy;
  /// mean and sd of the objective may be null. null when no trial succeeded.
  Task<Result<Json>> recommended(std::string ns, std::string experiment);

 private:
  struct Input;
  Result<Input> input(const std::string& ns, const std::string& experiment) const;

  World world_;
};

}  // namespace mizan::suggestion
