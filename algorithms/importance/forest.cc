// Trees are kept as their leaves' boxes: every average is a sum over boxes.
#include "algorithms/importance/forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "algorithms/counter_rng.h"

namespace mizan::algorithms {
namespace {

constexpr std::size_t kTrees = 32;
constexpr std::size_t kRowsPerTree = 1000;
constexpr std::size_t kLeafRows = 3;
constexpr int kDepth = 24;
constexpr double kLargest = 1e100;  // squares of it can be summed
constexpr int kThresholds = 3;      // tried for each parameter at each split

// What the trees are grown from: results as rows.
struct Rows {
  std::size_t width = 0;
  std::vector<double> u, y;
  double at(std::size_t row, std::size_t p) const { return u[row * width + p]; }
};

// Values beyond three times the spread of the middle half above it say "bad", not how bad. Some
// way below it a lucky one would hide all differences between the others.
void draw_in(std::vector<double>& y) {
  for (double& value : y) value = std::clamp(value, -kLargest, kLargest);
  std::vector<double> sorted = y;
  std::sort(sorted.begin(), sorted.end());
  const double low = sorted[sorted.size() / 4], high = sorted[3 * sorted.size() / 4];
  const double spread = high - low;
  for (double& value : y) value = std::clamp(value, low - 10 * spread, high + 3 * spread);
}

Rows rows_of(const SearchSpace& space, const EvaluationTable& table) {
  Rows rows;
  rows.width = space.size();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.standing(i) != Standing::kComplete) continue;
    for (const double u : table.unit(i)) rows.u.push_back(std::isnan(u) ? 0.5 : u);
    rows.y.push_back(table.value(i));
  }
  if (!rows.y.empty()) draw_in(rows.y);
  return rows;
}

struct Spread {
  double mean = 0, sd = 0;
};

Spread spread_of(std::span<const double> values) {
  Spread spread;
  for (const double value : values) spread.mean += value;
  spread.mean /= static_cast<double>(values.size());
  for (const double value : values) spread.sd += (value - spread.mean) * (value - spread.mean);
  spread.sd = std::sqrt(spread.sd / static_cast<double>(values.size()));
  return spread;
}

}  // namespace

class MarginalForest::Builder {
 public:
  Builder(const Rows& rows, CounterRng rng) : rows_(rows), rng_(rng) {}

  Tree grow() {
    std::vector<std::uint32_t> chosen;
    const std::size_t n = rows_.y.size(), size = std::min(n, kRowsPerTree);
    for (std::size_t i = 0; i < size; ++i)
      chosen.push_back(static_cast<std::uint32_t>(rng_.below(n)));
    low_.assign(rows_.width, 0);
    high_.assign(rows_.width, 1);
    split(chosen, 0);
    return std::move(tree_);
  }

 private:
  struct Cut {
    std::size_t parameter = 0;
    double at = 0, gain = 0;
  };

  void split(std::span<std::uint32_t> members, int depth) {
    const auto cut =
        members.size() >= 2 * kLeafRows && depth < kDepth ? best_cut(members) : std::nullopt;
    if (!cut) return end(members);
    const auto middle = std::partition(members.begin(), members.end(), [&](std::uint32_t row) {
      return rows_.at(row, cut->parameter) < cut->at;
    });
    const auto left = static_cast<std::size_t>(middle - members.begin());
    const double high = std::exchange(high_[cut->parameter], cut->at);
    split(members.first(left), depth + 1);
    high_[cut->parameter] = high;
    const double low = std::exchange(low_[cut->parameter], cut->at);
    split(members.subspan(left), depth + 1);
    low_[cut->parameter] = low;
  }

  std::optional<Cut> best_cut(std::span<const std::uint32_t> members) {
    std::optional<Cut> best;
    for (std::size_t p = 0; p < rows_.width; ++p) {
      double low = 1, high = 0;
      for (const std::uint32_t row : members) {
        low = std::min(low, rows_.at(row, p));
        high = std::max(high, rows_.at(row, p));
      }
      if (!(low < high)) continue;
      for (int i = 0; i < kThresholds; ++i) {
        const double at = low + (high - low) * rng_.uniform();
        const double gain = gain_of(members, p, at);
        if (gain > 0 && (!best || gain > best->gain)) best = Cut{p, at, gain};
      }
    }
    return best;
  }

  // How much the sum of squares falls; 0 when a side would be too small.
  double gain_of(std::span<const std::uint32_t> members, std::size_t p, double at) const {
    double left = 0, right = 0;
    std::size_t count = 0;
    for (const std::uint32_t row : members) {
      const bool is_left = rows_.at(row, p) < at;
      (is_left ? left : right) += rows_.y[row];
      count += is_left ? 1 : 0;
    }
    const std::size_t rest = members.size() - count;
    if (count < kLeafRows || rest < kLeafRows) return 0;
    const double n = static_cast<double>(members.size());
    const double a = left / static_cast<double>(count), b = right / static_cast<double>(rest);
    return static_cast<double>(count) * static_cast<double>(rest) / n * (a - b) * (a - b);
  }

  void end(std::span<const std::uint32_t> members) {
    Leaf leaf{0, 1, low_, high_};
    for (const std::uint32_t row : members) leaf.value += rows_.y[row];
    leaf.value /= static_cast<double>(members.size());
    for (std::size_t p = 0; p < rows_.width; ++p) leaf.volume *= high_[p] - low_[p];
    tree_.push_back(std::move(leaf));
  }

  const Rows& rows_;
  CounterRng rng_;
  Tree tree_;
  std::vector<double> low_, high_;  // the box of the node at hand
};

std::optional<MarginalForest> MarginalForest::make(const SearchSpace& space,
                                                   const EvaluationTable& table,
                                                   std::uint64_t seed) {
  const Rows rows = rows_of(space, table);
  if (rows.y.size() < kLeastForImportance) return std::nullopt;
  MarginalForest forest;
  forest.dimensions_ = space.size();
  forest.results_ = rows.y.size();
  for (std::size_t i = 0; i < kTrees; ++i)
    forest.trees_.push_back(Builder(rows, CounterRng(seed, i, Purpose::kModel, 1)).grow());
  return forest;
}

Importance MarginalForest::main_effects(double& interactions) const {
  std::vector<std::vector<double>> shares(dimensions_);
  std::vector<double> rest;
  for (const Tree& tree : trees_) {
    double mean = 0, total = 0;
    for (const Leaf& leaf : tree) mean += leaf.volume * leaf.value;
    for (const Leaf& leaf : tree) total += leaf.volume * (leaf.value - mean) * (leaf.value - mean);
    if (!(total > 0)) continue;  // a tree of one leaf: it saw no difference
    double alone = 0;
    for (std::size_t p = 0; p < dimensions_; ++p) {
      // Steps of the average along p: where it changes, and by how much.
      std::vector<std::pair<double, double>> steps;
      for (const Leaf& leaf : tree) {
        const double weight = leaf.value * leaf.volume / (leaf.high[p] - leaf.low[p]);
        steps.emplace_back(leaf.low[p], weight);
        steps.emplace_back(leaf.high[p], -weight);
      }
      std::sort(steps.begin(), steps.end());
      double average = 0, from = 0, variance = 0;
      for (const auto& [at, change] : steps) {
        variance += (at - from) * (average - mean) * (average - mean);
        average += change;
        from = at;
      }
      shares[p].push_back(variance / total);
      alone += variance / total;
    }
    rest.push_back(std::max(0.0, 1 - alone));
  }
  Importance found{std::vector<double>(dimensions_, 0), std::vector<double>(dimensions_, 0),
                   results_};
  interactions = 0;
  if (rest.empty()) return found;
  for (std::size_t p = 0; p < dimensions_; ++p) {
    const Spread spread = spread_of(shares[p]);
    found.share[p] = spread.mean;
    found.sd[p] = spread.sd;
  }
  interactions = spread_of(rest).mean;
  return found;
}

Average MarginalForest::along(std::size_t parameter, std::span<const double> u) const {
  Average average;
  std::vector<double> by_tree(trees_.size());
  for (const double at : u) {
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      by_tree[t] = 0;
      for (const Leaf& leaf : trees_[t]) {
        const double low = leaf.low[parameter], high = leaf.high[parameter];
        if (at < low || (at >= high && high < 1)) continue;
        by_tree[t] += leaf.value * leaf.volume / (high - low);
      }
    }
    const Spread spread = spread_of(by_tree);
    average.mean.push_back(spread.mean);
    average.sd.push_back(spread.sd);
  }
  return average;
}

Average MarginalForest::across(std::size_t parameter_x, std::span<const double> x,
                               std::size_t parameter_y, std::span<const double> y) const {
  const std::size_t cells = x.size() * y.size();
  std::vector<double> sums(cells, 0), squares(cells, 0), one(cells);
  const auto covers = [](const Leaf& leaf, std::size_t p, double at) {
    return at >= leaf.low[p] && (at < leaf.high[p] || leaf.high[p] >= 1);
  };
  for (const Tree& tree : trees_) {
    std::fill(one.begin(), one.end(), 0.0);
    for (const Leaf& leaf : tree) {
      const double area = (leaf.high[parameter_x] - leaf.low[parameter_x]) *
                          (leaf.high[parameter_y] - leaf.low[parameter_y]);
      const double weight = leaf.value * leaf.volume / area;
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (!covers(leaf, parameter_x, x[i])) continue;
        for (std::size_t j = 0; j < y.size(); ++j) {
          if (covers(leaf, parameter_y, y[j])) one[i * y.size() + j] += weight;
        }
      }
    }
    for (std::size_t c = 0; c < cells; ++c) {
      sums[c] += one[c];
      squares[c] += one[c] * one[c];
    }
  }
  Average average;
  const auto count = static_cast<double>(trees_.size());
  for (std::size_t c = 0; c < cells; ++c) {
    const double mean = sums[c] / count;
    average.mean.push_back(mean);
    average.sd.push_back(std::sqrt(std::max(0.0, squares[c] / count - mean * mean)));
  }
  return average;
}

}  // namespace mizan::algorithms
