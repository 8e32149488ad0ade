// See space_maker.h.
#include "tests/bench/optimizers/space_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/random_search.h"
#include "algorithms/unit_interval.h"

namespace mizan::bench {

using namespace algorithms;

Parameter real(std::string name) {
  return *make_double(std::move(name), {"-3", "7", ""}, Distribution::kUniform);
}
Parameter real_log(std::string name, double decades) {
  const std::string low = fmt::format("{:.9f}", std::pow(10.0, -decades));
  return *make_double(std::move(name), {low, "1", ""}, Distribution::kLogUniform);
}
Parameter whole(std::string name, int low, int high) {
  return *make_int(std::move(name), {std::to_string(low), std::to_string(high), ""},
                   Distribution::kUniform);
}
Parameter whole_log(std::string name, int low, int high) {
  return *make_int(std::move(name), {std::to_string(low), std::to_string(high), ""},
                   Distribution::kLogUniform);
}
Parameter choice(std::string name, std::size_t levels) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < levels; ++i) words.push_back(fmt::format("{}{}", name, i));
  return *make_categorical(std::move(name), std::move(words));
}
Parameter numbers(std::string name, std::size_t levels) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < levels; ++i) list.push_back(std::to_string((i + 1) * (i + 2)));
  return *make_discrete(std::move(name), list);
}

Parameter any_numeric(std::string name, CounterRng& rng) {
  switch (rng.below(5)) {
    case 0:
      return real(std::move(name));
    case 1:
      return real_log(std::move(name), 4);
    case 2:
      return whole(std::move(name), 1, 20 + static_cast<int>(rng.below(80)));
    case 3:
      return whole_log(std::move(name), 4, 512);
    default:
      return numbers(std::move(name), 5 + rng.below(8));
  }
}

Problem problem_of(std::vector<Parameter> parameters) {
  Problem problem;
  problem.space = *SearchSpace::make(std::move(parameters));
  problem.objectives.push_back({"loss"});
  return problem;
}

Problem coarse(const Problem& problem) {
  constexpr std::uint64_t kValues = 5;
  std::vector<Parameter> parameters;
  for (const Parameter& fine : problem.space.parameters()) {
    const std::uint64_t levels = level_count(fine);
    parameters.push_back(fine);
    if (!fine.is_numeric() || (levels > 0 && levels <= kValues)) continue;
    std::vector<std::string> list;
    for (std::uint64_t k = 0; k < kValues; ++k) {
      const double u = (static_cast<double>(k) + 0.5) / static_cast<double>(kValues);
      list.push_back(value_text(fine, from_unit(fine, u)));
    }
    parameters.back() = *make_discrete(fine.name, list);
    parameters.back().condition = fine.condition;
  }
  Problem made = problem;
  made.space = *SearchSpace::make(std::move(parameters));
  return made;
}

Eigen::VectorXd unit_of(const SearchSpace& space, const Point& point,
                        const std::vector<std::size_t>& parameters) {
  Eigen::VectorXd u(static_cast<Eigen::Index>(parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::size_t p = parameters[i];
    u[static_cast<Eigen::Index>(i)] = point.is_active(p) ? to_unit(space[p], point.values[p]) : 0.5;
  }
  return u;
}

void snap_unit(const SearchSpace& space, const std::vector<std::size_t>& parameters,
               Eigen::VectorXd& u) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    double& coordinate = u[static_cast<Eigen::Index>(i)];
    const Parameter& p = space[parameters[i]];
    coordinate = to_unit(p, from_unit(p, coordinate));
  }
}

double search_best(const Problem& problem, const std::function<double(const Point&)>& loss,
                   std::uint64_t seed) {
  constexpr std::uint64_t kSpread = 2000, kSteps = 600;
  constexpr std::size_t kKept = 3;
  std::vector<std::pair<double, Point>> found;
  for (std::uint64_t i = 0; i < kSpread; ++i) {
    Point point = sample_point(problem.space, seed, i, Purpose::kSample);
    const double value = loss(point);
    if (std::isfinite(value)) found.emplace_back(value, std::move(point));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  found.resize(std::min(found.size(), kKept));
  CounterRng rng(seed, 1, Purpose::kSample);
  double best = std::numeric_limits<double>::infinity();
  for (auto& [value, point] : found) {
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      std::vector<double> u = problem.space.to_unit(point);
      const double width = std::pow(10.0, -0.5 - 3 * static_cast<double>(step) / kSteps);
      for (std::size_t p = 0; p < u.size(); ++p) {
        if (std::isnan(u[p]) || rng.below(u.size()) > 1) {
          if (std::isnan(u[p])) u[p] = rng.uniform();
          continue;
        }
        u[p] = problem.space[p].is_numeric() ? std::clamp(u[p] + width * rng.normal(), 0.0, 1.0)
                                             : rng.uniform();
      }
      Point moved = problem.space.from_unit(u);
      const double tried = loss(moved);
      if (!(tried < value)) continue;
      value = tried;
      point = std::move(moved);
    }
    best = std::min(best, value);
  }
  return best;
}

}  // namespace mizan::bench
