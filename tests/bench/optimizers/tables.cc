// See tables.h.
#include "tests/bench/optimizers/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "tests/bench/optimizers/statistics.h"

namespace mizan::bench {
namespace {

Regrets regrets_of(const Measured& measured, const std::vector<BenchProblem>& problems,
                   std::string_view family, std::size_t budget) {
  Regrets regrets;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    if (!family.empty() && problems[p].family != family) continue;
    regrets.emplace_back();
    for (const auto& run : measured.losses[p])
      regrets.back().push_back(std::max(0.0, run[budget] - problems[p].best));
  }
  return regrets;
}

}  // namespace

void print_tables(const std::map<std::string, Measured>& all, const Options& options,
                  const std::vector<BenchProblem>& problems,
                  const std::vector<std::size_t>& budgets) {
  const Measured& random = all.at("random");
  for (std::size_t b = 0; b < budgets.size(); ++b) {
    fmt::print("\n{:<22}", fmt::format("at {}", budgets[b]));
    fmt::print("{:>20}", "all");
    for (const std::string& family : options.families) fmt::print("{:>13}", family);
    fmt::print("{:>9}\n", "ms/ask");
    for (const std::string& name : options.algorithms) {
      const Measured& own = all.at(name);
      const Interval interval = mean_relative_regret(regrets_of(own, problems, "", b),
                                                     regrets_of(random, problems, "", b));
      fmt::print("{:<22}{:>7.3f} [{:.3f} {:.3f}]", name, interval.mean, interval.low,
                 interval.high);
      for (const std::string& family : options.families)
        fmt::print("{:>13.3f}", mean_relative_regret(regrets_of(own, problems, family, b),
                                                     regrets_of(random, problems, family, b))
                                    .mean);
      const double milliseconds = 1e3 * own.seconds / static_cast<double>(own.suggestions);
      fmt::print("{:>9}\n", own.suggestions > 0 ? fmt::format("{:.2f}", milliseconds) : "-");
    }
  }
}

void print_each(const std::map<std::string, Measured>& all, const Options& options,
                const std::vector<BenchProblem>& problems,
                const std::vector<std::size_t>& budgets) {
  for (std::size_t p = 0; p < problems.size(); ++p) {
    fmt::print("{:<12}{:<38}", problems[p].family, problems[p].name);
    for (std::size_t b = 0; b < budgets.size(); ++b) {
      const auto of = [&](const std::string& name) {
        return regrets_of(all.at(name), problems, "", b)[p];
      };
      for (const std::string& name : options.algorithms)
        fmt::print("{:>8.3f}", relative_regret(of(name), of("random")));
      std::fputs(b + 1 < budgets.size() ? " |" : "\n", stdout);
    }
  }
}

void append_summary(const std::map<std::string, Measured>& all, const Options& options,
                    const std::vector<BenchProblem>& problems,
                    const std::vector<std::size_t>& budgets) {
  std::FILE* file = std::fopen(options.summary.c_str(), "a");
  if (file == nullptr) {
    fmt::print(stderr, "can't write {}\n", options.summary);
    return;
  }
  std::vector<std::string> families = options.families;
  families.insert(families.begin(), "");
  for (const std::string& name : options.algorithms) {
    for (const std::string& family : families) {
      for (std::size_t b = 0; b < budgets.size(); ++b) {
        const Interval interval =
            mean_relative_regret(regrets_of(all.at(name), problems, family, b),
                                 regrets_of(all.at("random"), problems, family, b));
        fmt::print(file, "{},{},{},{},{:.4f},{:.4f},{:.4f}\n", name, options.workers,
                   family.empty() ? "all" : family, budgets[b], interval.mean, interval.low,
                   interval.high);
      }
    }
  }
  std::fclose(file);
}

}  // namespace mizan::bench
