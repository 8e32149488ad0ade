// Random parameters of every kind, and the unit coordinates of points for losses made of them.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <string>
#include <vector>

#include "algorithms/counter_rng.h"
#include "algorithms/problem.h"

namespace mizan::bench {

algorithms::Parameter real(std::string name);  // uniform on some range
algorithms::Parameter real_log(std::string name, double decades);
algorithms::Parameter whole(std::string name, int low, int high);
algorithms::Parameter whole_log(std::string name, int low, int high);
algorithms::Parameter choice(std::string name, std::size_t levels);
algorithms::Parameter numbers(std::string name, std::size_t levels);  // a discrete list
/// An int or double, plain or logarithmic, or a list of numbers.
algorithms::Parameter any_numeric(std::string name, algorithms::CounterRng& rng);

algorithms::Problem problem_of(std::vector<algorithms::Parameter> parameters);

/// The same problem with five values for each number that has more, as a grid needs.
algorithms::Problem coarse(const algorithms::Problem& problem);

/// Unit coordinates of the given parameters, 0.5 where inactive.
Eigen::VectorXd unit_of(const algorithms::SearchSpace& space, const algorithms::Point& point,
                        const std::vector<std::size_t>& parameters);
/// Moves each coordinate to where the parameter has a value.
void snap_unit(const algorithms::SearchSpace& space, const std::vector<std::size_t>& parameters,
               Eigen::VectorXd& u);

/// The smallest loss that a long random and local search finds; for losses whose best value nobody
/// knows.
double search_best(const algorithms::Problem& problem,
                   const std::function<double(const algorithms::Point&)>& loss, std::uint64_t seed);

}  // namespace mizan::bench
