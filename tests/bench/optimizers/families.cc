// The families: which spaces, shapes, noise and cuts go together.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "algorithms/counter_rng.h"
#include "tests/bench/optimizers/bench_problem.h"
#include "tests/bench/optimizers/landscape.h"
#include "tests/bench/optimizers/space_maker.h"
#include "tests/bench/optimizers/textbook.h"
#include "tests/bench/optimizers/tuned_models.h"

namespace mizan::bench {
namespace {

using algorithms::CounterRng;
using algorithms::mix64;
using algorithms::Parameter;
using algorithms::Point;
using algorithms::Purpose;
using Eigen::Index;

constexpr std::size_t kVariants = 4;

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Shape shape_at(std::uint64_t k) {
  return static_cast<Shape>(k % static_cast<std::uint64_t>(Shape::kCount));
}

// A landscape over some parameters of a space, smallest where the parameters have a value.
struct Part {
  std::vector<std::size_t> parameters;
  std::shared_ptr<const Landscape> landscape;

  Part(const algorithms::SearchSpace& space, std::vector<std::size_t> own, Shape shape,
       Index relevant, bool rotated, std::uint64_t seed)
      : parameters(std::move(own)) {
    Landscape made(shape, static_cast<Index>(parameters.size()), relevant, rotated, seed);
    snap_unit(space, parameters, made.optimum());
    landscape = std::make_shared<const Landscape>(std::move(made));
  }
  double at(const algorithms::SearchSpace& space, const Point& point) const {
    return landscape->at(unit_of(space, point, parameters));
  }
};

BenchProblem with_part(std::string family, std::string name, std::vector<Parameter> parameters,
                       Shape shape, Index relevant, bool rotated, std::uint64_t seed) {
  BenchProblem made{
      std::move(family), std::move(name), problem_of(std::move(parameters)), nullptr, 0, 0};
  const Part part(made.problem.space, all_of(made.problem.space.size()), shape, relevant, rotated,
                  seed);
  made.loss = [part, space = made.problem.space](const Point& p) { return part.at(space, p); };
  return made;
}

std::vector<Parameter> reals(std::size_t count, CounterRng& rng) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < count; ++i)
    parameters.push_back(rng.below(3) == 0 ? real_log(fmt::format("x{}", i), 5)
                                           : real(fmt::format("x{}", i)));
  return parameters;
}

BenchProblem smooth(std::size_t variant, std::uint64_t seed) {
  CounterRng rng(seed, 0, Purpose::kSample);
  constexpr std::array<std::size_t, kVariants> kSizes = {2, 4, 6, 9};
  const std::size_t size = kSizes[variant];
  const Shape shape = shape_at(rng.below(6) + variant);
  return with_part("smooth", fmt::format("shape {} in {}", static_cast<int>(shape), size),
                   reals(size, rng), shape, static_cast<Index>(size), rng.below(2) == 0, seed);
}

BenchProblem wide(std::size_t variant, std::uint64_t seed) {
  CounterRng rng(seed, 0, Purpose::kSample);
  const std::size_t size = variant % 2 == 0 ? 12 : 20;
  const auto relevant = variant < 2 ? static_cast<Index>(size) : Index{4};
  const Shape shape = shape_at(rng.below(4));
  return with_part("wide",
                   fmt::format("shape {} in {}, {} count", static_cast<int>(shape), size, relevant),
                   reals(size, rng), shape, relevant, variant == 1, seed);
}

// Numbers of all kinds beside categories; a category adds to the loss and moves the optimum.
BenchProblem mixed(std::size_t variant, std::uint64_t seed) {
  CounterRng rng(seed, 0, Purpose::kSample);
  const std::size_t categories = 1 + variant % 3, size = 3 + variant;
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < size; ++i)
    parameters.push_back(any_numeric(fmt::format("x{}", i), rng));
  for (std::size_t i = 0; i < categories; ++i)
    parameters.push_back(choice(fmt::format("c{}", i), 2 + rng.below(5)));
  BenchProblem made{"mixed",
                    fmt::format("{} numbers, {} choices", size, categories),
                    problem_of(std::move(parameters)),
                    nullptr,
                    0,
                    0};
  std::vector<std::vector<double>> penalties;
  for (std::size_t i = 0; i < categories; ++i) {
    std::vector<double> table(level_count(made.problem.space[size + i]));
    for (double& penalty : table) penalty = 0.1 + 0.6 * rng.uniform();
    table[rng.below(table.size())] = 0;
    penalties.push_back(std::move(table));
  }
  const Part part(made.problem.space, all_of(size), shape_at(rng.below(6)),
                  static_cast<Index>(size), variant % 2 == 1, seed);
  made.loss = [=, space = made.problem.space](const Point& p) {
    Eigen::VectorXd u = unit_of(space, p, part.parameters);
    double sum = 0;
    for (std::size_t i = 0; i < penalties.size(); ++i) {
      const auto level = static_cast<std::size_t>(p.values[size + i]);
      const double penalty = penalties[i][level];
      sum += penalty;
      // Another category, another place of the optimum.
      if (penalty > 0)
        u[static_cast<Index>(i)] += 0.25 * std::sin(9.0 * static_cast<double>(level) + 1);
    }
    return sum + part.landscape->at(u);
  };
  return made;
}

BenchProblem tuned(std::size_t variant, std::uint64_t seed) {
  switch (variant) {
    case 0:
      return kernel_regression(seed);
    case 1:
      return gradient_descent(seed);
    case 2:
      return nearest_neighbours(seed);
    default:
      return small_network(seed);
  }
}

BenchProblem textbook(std::size_t variant, std::uint64_t seed) {
  switch (variant) {
    case 0:
      return branin(seed);
    case 1:
      return hartmann(seed);
    case 2:
      return michalewicz(seed);
    default:
      return best_in_a_corner(seed);
  }
}

BenchProblem noisy(std::size_t variant, std::uint64_t seed) {
  constexpr std::array<double, kVariants> kNoise = {0.05, 0.2, 0.1, 0.3};
  BenchProblem made = variant < 2 ? smooth(variant + 1, seed) : mixed(variant - 1, seed);
  made.family = "noisy";
  made.noise = kNoise[variant];
  made.name += fmt::format(", noise {}", made.noise);
  return made;
}

// Losses that explode, or trials that fail, over a part of the space.
BenchProblem diverging(std::size_t variant, std::uint64_t seed) {
  BenchProblem made = variant < 2 ? smooth(1 + variant, seed) : mixed(variant - 1, seed);
  CounterRng rng(seed, 3, Purpose::kSample);
  made.family = "diverging";
  Eigen::VectorXd direction(static_cast<Index>(made.problem.space.size()));
  for (double& d : direction) d = rng.normal();
  direction.normalize();
  const auto all = all_of(made.problem.space.size());
  // The best point of a rough search lies inside; the border cuts off the share of the space
  // beyond it.
  double best = std::numeric_limits<double>::infinity(), inside = 0;
  std::vector<double> sides;
  for (int i = 0; i < 2000; ++i) {
    Eigen::VectorXd u(direction.size());
    for (double& c : u) c = rng.uniform();
    const Point p =
        made.problem.space.from_unit(std::vector<double>(u.data(), u.data() + u.size()));
    const double side = direction.dot(unit_of(made.problem.space, p, all));
    sides.push_back(side);
    if (const double value = made.loss(p); value < best) {
      best = value;
      inside = side;
    }
  }
  std::sort(sides.begin(), sides.end());
  const double border = std::max(sides[1000 + 100 * variant], inside + 0.1);
  const bool fails = variant % 2 == 1;
  made.name += fails ? ", fails" : ", explodes";
  made.loss = [=, loss = made.loss, space = made.problem.space](const Point& p) {
    const double beyond = direction.dot(unit_of(space, p, all)) - border;
    if (beyond <= 0) return loss(p);
    if (fails) return std::numeric_limits<double>::quiet_NaN();
    return loss(p) + std::pow(10.0, 1 + 20 * std::min(beyond, 0.4));
  };
  made.best = search_best(made.problem, made.loss, seed);
  return made;
}

// A choice of models, each with parameters of its own, beside some that all share.
BenchProblem conditional(std::size_t variant, std::uint64_t seed) {
  CounterRng rng(seed, 0, Purpose::kSample);
  const std::size_t models = 2 + variant, shared = 1 + variant % 2;
  std::vector<Parameter> parameters = {choice("model", models)};
  std::vector<std::vector<std::size_t>> own(models);
  for (std::size_t i = 0; i < shared; ++i)
    parameters.push_back(any_numeric(fmt::format("shared{}", i), rng));
  for (std::size_t m = 0; m < models; ++m) {
    const std::size_t count = 1 + rng.below(3);
    for (std::size_t i = 0; i < count; ++i) {
      Parameter p = any_numeric(fmt::format("m{}x{}", m, i), rng);
      p.condition = algorithms::Condition{0, {static_cast<double>(m)}};
      own[m].push_back(parameters.size());
      parameters.push_back(std::move(p));
    }
  }
  BenchProblem made{"conditional",
                    fmt::format("{} models, {} shared", models, shared),
                    problem_of(std::move(parameters)),
                    nullptr,
                    0,
                    0};
  std::vector<Part> parts;
  std::vector<double> offsets;
  for (std::size_t m = 0; m < models; ++m) {
    std::vector<std::size_t> uses = own[m];
    for (std::size_t i = 0; i < shared; ++i) uses.push_back(1 + i);
    const auto size = static_cast<Index>(uses.size());
    parts.emplace_back(made.problem.space, std::move(uses), shape_at(rng.below(5)), size,
                       rng.below(2) == 0, mix64(seed + m));
    offsets.push_back(0.02 + 0.3 * rng.uniform());
  }
  offsets[rng.below(models)] = 0;
  made.loss = [=, space = made.problem.space](const Point& p) {
    const auto m = static_cast<std::size_t>(p.values[0]);
    return offsets[m] + parts[m].at(space, p);
  };
  return made;
}

// Countable values: long lists of categories, steps in the loss, small ranges of whole numbers.
BenchProblem lists(std::size_t variant, std::uint64_t seed) {
  CounterRng rng(seed, 0, Purpose::kSample);
  std::vector<Parameter> parameters;
  if (variant == 0) {  // a plateau at every height, as accuracies on small sets have
    for (int i = 0; i < 5; ++i) parameters.push_back(any_numeric(fmt::format("x{}", i), rng));
    BenchProblem made = with_part("lists", "steps in 5", std::move(parameters),
                                  shape_at(rng.below(4)), 5, false, seed);
    made.loss = [loss = made.loss](const Point& p) { return std::floor(loss(p) * 25) / 25; };
    return made;
  }
  const std::size_t categories = variant == 1 ? 1 : variant == 2 ? 5 : 2;
  const std::size_t levels = variant == 1 ? 60 : variant == 2 ? 5 : 16;
  const std::size_t size = variant == 2 ? 2 : 3;
  for (std::size_t i = 0; i < size; ++i)
    parameters.push_back(variant == 3 ? whole(fmt::format("x{}", i), 0, 12)
                                      : any_numeric(fmt::format("x{}", i), rng));
  for (std::size_t i = 0; i < categories; ++i)
    parameters.push_back(choice(fmt::format("c{}", i), levels));
  BenchProblem made{"lists",
                    fmt::format("{} lists of {}", categories, levels),
                    problem_of(std::move(parameters)),
                    nullptr,
                    0,
                    0};
  std::vector<std::vector<double>> tables(categories, std::vector<double>(levels));
  for (auto& table : tables) {
    for (double& value : table) value = std::pow(rng.uniform(), 2) + 0.02;
    table[rng.below(levels)] = 0;
  }
  const Part part(made.problem.space, all_of(size), shape_at(rng.below(4)),
                  static_cast<Index>(size), false, seed);
  made.loss = [=, space = made.problem.space](const Point& p) {
    double sum = part.at(space, p);
    for (std::size_t i = 0; i < tables.size(); ++i)
      sum += tables[i][static_cast<std::size_t>(p.values[size + i])];
    return sum;
  };
  return made;
}

struct Family {
  std::string_view name;
  BenchProblem (*make)(std::size_t variant, std::uint64_t seed);
};
constexpr std::array kFamilies = {
    Family{"smooth", smooth},     Family{"wide", wide},
    Family{"mixed", mixed},       Family{"tuned", tuned},
    Family{"noisy", noisy},       Family{"diverging", diverging},
    Family{"lists", lists},       Family{"conditional", conditional},
    Family{"textbook", textbook},
};

}  // namespace

std::vector<std::string_view> family_names() {
  std::vector<std::string_view> names;
  for (const Family& family : kFamilies) names.push_back(family.name);
  return names;
}

std::vector<BenchProblem> make_family(std::string_view family, std::uint64_t seed) {
  const auto at = std::find_if(kFamilies.begin(), kFamilies.end(),
                               [&](const Family& f) { return f.name == family; });
  if (at == kFamilies.end()) throw std::invalid_argument(fmt::format("no family {}", family));
  std::vector<BenchProblem> problems;
  for (std::size_t variant = 0; variant < kVariants; ++variant) {
    const auto index = static_cast<std::uint64_t>(at - kFamilies.begin()) * kVariants + variant;
    problems.push_back(at->make(variant, mix64(seed ^ mix64(index + 1))));
  }
  return problems;
}

}  // namespace mizan::bench
