// See ladder.h.
#include "algorithms/hyperband/ladder.h"

#include <algorithm>
#include <cmath>

namespace mizan::algorithms {
namespace {

// ln 9 / ln 3 must be 2 also after rounding.
constexpr double kRounding = 1e-9;
constexpr std::size_t kMostRungs = 32;

}  // namespace

std::vector<double> rung_values(const Parameter& resource, double r_l, std::uint64_t eta) {
  const auto factor = static_cast<double>(eta);
  std::size_t steps = 0;
  if (r_l > 1) steps = static_cast<std::size_t>(std::log(r_l) / std::log(factor) + kRounding);
  steps = std::min(steps, kMostRungs - 1);
  std::vector<double> rungs;
  for (std::size_t k = steps + 1; k-- > 0;) {
    double amount = r_l * std::pow(factor, -static_cast<double>(k));
    if (resource.kind == ParameterKind::kInt) amount = std::floor(amount + kRounding);
    const double value = snap(resource, amount);
    if (rungs.empty() || value > rungs.back()) rungs.push_back(value);
  }
  return rungs;
}

BracketPlan bracket_plan(std::size_t index, std::size_t rungs, std::uint64_t eta) {
  const std::size_t most = rungs - 1;  // s_max of the paper
  const std::size_t s = most - index % rungs;
  const auto factor = static_cast<double>(eta);
  const double n = std::ceil(static_cast<double>(most + 1) / static_cast<double>(s + 1) *
                                 std::pow(factor, static_cast<double>(s)) -
                             kRounding);
  BracketPlan plan{most - s, {}};
  for (std::size_t i = 0; i <= s; ++i) {
    const double size = std::floor(n * std::pow(factor, -static_cast<double>(i)) + kRounding);
    plan.sizes.push_back(static_cast<std::size_t>(std::clamp(size, 1.0, 1e9)));
  }
  return plan;
}

}  // namespace mizan::algorithms
