// See textbook.h. Source of the first three: Surjanovic & Bingham, Virtual Library of Simulation
// Experiments.
#include "tests/bench/optimizers/textbook.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "algorithms/counter_rng.h"
#include "tests/bench/optimizers/space_maker.h"

namespace mizan::bench {
namespace {

using algorithms::CounterRng;
using algorithms::Parameter;
using algorithms::Point;
using algorithms::Purpose;
using Eigen::Index;
using Eigen::VectorXd;

// A function on the unit cube under other names: parameter i is coordinate order[i], maybe from the
// other end.
BenchProblem in_its_own_place(std::string name, std::size_t dimensions, double best,
                              std::uint64_t seed,
                              const std::function<double(const VectorXd&)>& function) {
  CounterRng rng(seed, 0, Purpose::kSample);
  std::vector<std::size_t> order(dimensions);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<bool> mirrored(dimensions);
  std::vector<Parameter> parameters;
  for (std::size_t i = dimensions; i > 0; --i) {
    std::swap(order[i - 1], order[rng.below(i)]);
    mirrored[i - 1] = rng.below(2) == 0;
    const std::string label = fmt::format("x{}", i);
    parameters.push_back(rng.below(3) == 0 ? real_log(label, 3) : real(label));
  }
  BenchProblem made{"textbook", std::move(name), problem_of(std::move(parameters)), nullptr, 0,
                    best};
  std::vector<std::size_t> all(dimensions);
  std::iota(all.begin(), all.end(), std::size_t{0});
  made.loss = [=, space = made.problem.space](const Point& p) {
    const VectorXd u = unit_of(space, p, all);
    VectorXd x(u.size());
    for (std::size_t i = 0; i < dimensions; ++i) {
      const double here = u[static_cast<Index>(i)];
      x[static_cast<Index>(order[i])] = mirrored[i] ? 1 - here : here;
    }
    return function(x);
  };
  return made;
}

}  // namespace

BenchProblem branin(std::uint64_t seed) {
  return in_its_own_place("branin", 2, 0.397887, seed, [](const VectorXd& u) {
    const double a = 15 * u[0] - 5, b = 15 * u[1], pi = std::numbers::pi;
    const double bend = b - 5.1 / (4 * pi * pi) * a * a + 5 / pi * a - 6;
    return bend * bend + 10 * (1 - 1 / (8 * pi)) * std::cos(a) + 10;
  });
}

BenchProblem hartmann(std::uint64_t seed) {
  using Row = std::array<double, 6>;
  static constexpr std::array<double, 4> kDepths = {1.0, 1.2, 3.0, 3.2};
  static constexpr std::array<Row, 4> kSteepness = {
      Row{10, 3, 17, 3.5, 1.7, 8}, Row{0.05, 10, 17, 0.1, 8, 14}, Row{3, 3.5, 1.7, 10, 17, 8},
      Row{17, 8, 0.05, 10, 0.1, 14}};
  static constexpr std::array<Row, 4> kPlaces = {
      Row{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
      Row{0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
      Row{0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
      Row{0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  return in_its_own_place("hartmann", 6, -3.32237, seed, [](const VectorXd& u) {
    double sum = 0;
    for (std::size_t i = 0; i < kDepths.size(); ++i) {
      double squares = 0;
      for (std::size_t d = 0; d < 6; ++d)
        squares += kSteepness[i][d] * std::pow(u[static_cast<Index>(d)] - kPlaces[i][d], 2);
      sum -= kDepths[i] * std::exp(-squares);
    }
    return sum;
  });
}

BenchProblem michalewicz(std::uint64_t seed) {
  return in_its_own_place("michalewicz", 4, -3.698857, seed, [](const VectorXd& u) {
    double sum = 0;
    for (Index d = 0; d < u.size(); ++d) {
      const double x = std::numbers::pi * u[d];
      sum -= std::sin(x) *
             std::pow(std::sin(static_cast<double>(d + 1) * x * x / std::numbers::pi), 20);
    }
    return sum;
  });
}

BenchProblem best_in_a_corner(std::uint64_t seed) {
  CounterRng rng(seed, 1, Purpose::kSample);
  VectorXd slopes(6);
  for (double& slope : slopes) slope = 0.1 + rng.uniform();
  return in_its_own_place("best in a corner", 6, 0, seed, [slopes](const VectorXd& u) {
    const double along = slopes.dot(u);
    return along + along * along + u[0] * (1 - u[1]) + 2 * std::sqrt(u[2] + u[3] * u[4]);
  });
}

}  // namespace mizan::bench
