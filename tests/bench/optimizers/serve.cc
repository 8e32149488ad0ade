// See serve.h.
#include "tests/bench/optimizers/serve.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/bench/optimizers/run.h"

namespace mizan::bench {
namespace {

using namespace algorithms;

std::string_view kind_of(const Parameter& p) {
  switch (p.kind) {
    case ParameterKind::kDouble:
      return "double";
    case ParameterKind::kInt:
      return "int";
    case ParameterKind::kDiscrete:
      return "numbers";
    case ParameterKind::kCategorical:
      break;
  }
  return "categories";
}

std::string description_of(const Parameter& p) {
  std::string when;
  if (p.condition) {
    for (const double value : p.condition->values)
      when += fmt::format("{}{}", when.empty() ? "" : ",", value);
  }
  return fmt::format(
      R"({{"name":"{}","kind":"{}","min":{},"max":{},"log":{},"levels":{},"parent":{},"when":[{}]}})",
      p.name, kind_of(p), p.min, p.max, p.is_log(), level_count(p),
      p.condition ? fmt::format("{}", p.condition->parent) : "null", when);
}

bool is_listed(const Parameter& p) {
  return p.kind == ParameterKind::kDiscrete || p.kind == ParameterKind::kCategorical;
}

}  // namespace

int serve(const std::vector<BenchProblem>& problems) {
  for (const BenchProblem& problem : problems) {
    std::string parameters;
    for (const Parameter& p : problem.problem.space.parameters())
      parameters += (parameters.empty() ? "" : ",") + description_of(p);
    fmt::print(R"({{"name":"{}/{}","noise":{},"best":{:.17g},"parameters":[{}]}})"
               "\n",
               problem.family, problem.name, problem.noise, problem.best, parameters);
  }
  fmt::print("\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::size_t index = 0;
    std::uint64_t seed = 0, draw = 0;
    words >> index >> seed >> draw;
    if (!words || index >= problems.size()) return 2;
    const SearchSpace& space = problems[index].problem.space;
    Point point;
    std::string word;
    while (words >> word) {
      double value = std::stod(word);
      const std::size_t i = point.values.size();
      if (i >= space.size()) return 2;
      if (is_listed(space[i]) && value == value)
        value = level_value(space[i], static_cast<std::uint64_t>(value));
      point.values.push_back(value);
    }
    if (point.values.size() != space.size()) return 2;
    const Measurement m =
        measure_loss(problems[index], space.snapped(std::move(point)), seed, draw);
    fmt::print("{:.17g} {:.17g}\n", m.exact, m.seen);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace mizan::bench
