// See cost.h.
#include "tests/bench/optimizers/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <numeric>

#include "algorithms/random_search.h"
#include "algorithms/registry.h"
#include "tests/bench/optimizers/landscape.h"
#include "tests/bench/optimizers/space_maker.h"

namespace mizan::bench {
namespace {

using namespace algorithms;

constexpr std::size_t kMostDraws = 250;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class Series {
 public:
  Series(const Algorithm& row, std::size_t dimensions)
      : settings_(parse_settings(row.name, row.settings, {}).settings),
        optimizer_(row.make()),
        landscape_(Shape::kValley, static_cast<Eigen::Index>(dimensions),
                   static_cast<Eigen::Index>(dimensions), true, dimensions) {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < dimensions; ++i) parameters.push_back(real(fmt::format("x{}", i)));
    problem_ = problem_of(std::move(parameters));
  }

  /// CPU seconds of each of the last draws before `n`.
  std::vector<double> run(std::size_t n) {
    const std::size_t measured = std::min(n / 2, kMostDraws);
    History history;
    Cache cache;
    State state;
    std::vector<double> times;
    for (std::uint64_t draw = 0; draw < n; ++draw) {
      Point point;
      if (draw + measured < n) {
        point = sample_point(problem_.space, 1, draw, Purpose::kSample);
      } else {
        const double began = cpu_seconds();
        Batch batch =
            optimizer_->suggest({problem_, settings_, 1, history, {}, state, draw}, 1, cache);
        times.push_back(cpu_seconds() - began);
        state = std::move(batch.state);
        if (batch.proposals.empty()) break;
        point = batch.proposals[0].point;
      }
      tell(history, draw, std::move(point));
    }
    bytes_ = cache.bytes();
    return times;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  void tell(History& history, std::uint64_t draw, Point point) const {
    Evaluation e;
    e.draw = draw;
    e.name = fmt::format("trial-{}", draw);
    const std::vector<double> u = problem_.space.to_unit(point);
    e.objectives = {landscape_.at(
        Eigen::Map<const Eigen::VectorXd>(u.data(), static_cast<Eigen::Index>(u.size())))};
    e.point = std::move(point);
    e.state = EvaluationState::kComplete;
    const History::Key key{static_cast<std::int64_t>(draw), draw, e.name};
    history.insert(key, std::make_shared<const Evaluation>(std::move(e)));
  }

  Settings settings_;
  std::unique_ptr<const Optimizer> optimizer_;
  Landscape landscape_;
  Problem problem_;
  std::size_t bytes_ = 0;
};

}  // namespace

void print_costs(const std::vector<std::string>& algorithms, std::size_t largest) {
  fmt::print("{:<22}{:>6}{:>8}{:>12}{:>12}{:>14}\n", "CPU per suggestion", "dims", "results",
             "mean ms", "p99 ms", "cache KiB");
  for (const std::string& name : algorithms) {
    const Algorithm* row = find_algorithm(name);
    for (const std::size_t dimensions : {std::size_t{5}, std::size_t{20}}) {
      for (const std::size_t n : {100U, 500U, 1000U, 10000U}) {
        if (n > largest) continue;
        Series series(*row, dimensions);
        std::vector<double> times = series.run(n);
        if (times.empty()) continue;
        std::sort(times.begin(), times.end());
        const double mean =
            std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
        fmt::print("{:<22}{:>6}{:>8}{:>12.2f}{:>12.2f}{:>14}\n", name, dimensions, n, 1e3 * mean,
                   1e3 * times[times.size() * 99 / 100], series.bytes() / 1024);
        std::fflush(stdout);
      }
    }
  }
}

}  // namespace mizan::bench
