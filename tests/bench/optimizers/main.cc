// Runs algorithms on generated problems and prints relative regrets. `--help` says how.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "tests/bench/optimizers/cost.h"
#include "tests/bench/optimizers/peers.h"
#include "tests/bench/optimizers/run.h"
#include "tests/bench/optimizers/serve.h"
#include "tests/bench/optimizers/statistics.h"

namespace mizan::bench {
namespace {

constexpr std::string_view kHelp =
    R"(usage: optimizers_bench [--algorithms a,b] [--families f,g] [--problems-from SEED] [--seeds N]
                        [--budget N] [--workers N] [--csv FILE] [--each]
  --algorithms     with settings as in tpe:n_startup_trials=5:n_ei_candidates=48
  --problems-from  seed of the problems (default 1). Choose on one, report on another.
  --seeds          runs of every algorithm on every problem (default 5); random search has 4 times as many
  --each           a line for each problem, too
  --csv            appends algorithm,workers,problem,seed,budget,loss
  --peers FILE     rows of such a file in the tables, too; of the same problems and number of workers
  --cost           CPU time of suggestions for histories of up to --budget results instead
  --serve          lends the problems to another program (serve.h) instead
)";

struct Options {
  std::vector<std::string> algorithms = {"sobol", "tpe", "multivariate-tpe", "bayesianoptimization",
                                         "auto"};
  std::vector<std::string> families;
  std::uint64_t problems = 1;
  std::size_t seeds = 5, budget = 100, workers = 1;
  std::string csv, peers;
  bool each = false, serves = false, costs = false;
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--each") {
      options.each = true;
      continue;
    }
    if (name == "--cost") {
      options.costs = true;
      continue;
    }
    if (name == "--serve") {
      options.serves = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    const std::string_view value = argv[++i];
    std::uint64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    if (name == "--algorithms") {
      options.algorithms = split(value);
    } else if (name == "--families") {
      options.families = split(value);
    } else if (name == "--csv") {
      options.csv = value;
    } else if (name == "--peers") {
      options.peers = value;
    } else if (name == "--problems-from") {
      options.problems = number;
    } else if (name == "--seeds") {
      options.seeds = std::max<std::size_t>(1, number);
    } else if (name == "--budget") {
      options.budget = std::max<std::size_t>(1, number);
    } else if (name == "--workers") {
      options.workers = std::max<std::size_t>(1, number);
    } else {
      return false;
    }
  }
  return true;
}

std::vector<std::size_t> budgets_up_to(std::size_t budget) {
  std::vector<std::size_t> budgets;
  for (const std::size_t at : {std::size_t{25}, std::size_t{50}, std::size_t{100}}) {
    if (at < budget) budgets.push_back(at);
  }
  budgets.push_back(budget);
  return budgets;
}

void write_csv(std::FILE* file, const std::string& algorithm, const Options& options,
               const std::string& problem, std::size_t seed,
               const std::vector<std::size_t>& budgets, const RunResult& result) {
  for (std::size_t b = 0; b < budgets.size(); ++b)
    fmt::print(file, "{},{},{},{},{},{:.9g}\n", algorithm, options.workers, problem, seed,
               budgets[b], result.losses[b]);
}

struct Contender {
  const algorithms::Algorithm* row = nullptr;  // null: there is no such algorithm
  std::vector<algorithms::NamedText> settings;
};

Contender contender(std::string_view text) {
  Contender one{algorithms::find_algorithm(text.substr(0, text.find(':'))), {}};
  for (std::size_t at = text.find(':'); at < text.size();) {
    const std::size_t end = std::min(text.find(':', at + 1), text.size());
    const std::string_view part = text.substr(at + 1, end - at - 1);
    const std::size_t is = std::min(part.find('='), part.size());
    one.settings.push_back(
        {std::string(part.substr(0, is)), std::string(part.substr(std::min(is + 1, part.size())))});
    at = end;
  }
  return one;
}

Measured measure(const std::string& name, const std::vector<BenchProblem>& problems,
                 const Options& options, const std::vector<std::size_t>& budgets) {
  const auto [row, settings] = contender(name);
  Measured measured;
  std::FILE* csv = options.csv.empty() ? nullptr : std::fopen(options.csv.c_str(), "a");
  const std::size_t seeds = name == "random" ? 4 * options.seeds : options.seeds;
  for (const BenchProblem& problem : problems) {
    measured.losses.emplace_back();
    for (std::size_t seed = 1; seed <= seeds; ++seed) {
      const RunPlan plan{row,
                         algorithms::parse_settings(row->name, row->settings, settings).settings,
                         seed, options.workers, budgets};
      RunResult result = run(problem, plan);
      if (csv != nullptr)
        write_csv(csv, name, options, problem.family + "/" + problem.name, seed, budgets, result);
      measured.seconds += result.seconds;
      measured.suggestions += budgets.back();
      measured.losses.back().push_back(std::move(result.losses));
    }
  }
  if (csv != nullptr) std::fclose(csv);
  return measured;
}

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

int run_all(Options options) {
  for (const std::string& name : options.algorithms) {
    const auto [row, settings] = contender(name);
    if (row == nullptr) {
      fmt::print(stderr, "no algorithm is called {}\n", name);
      return 2;
    }
    const auto read = algorithms::parse_settings(row->name, row->settings, settings);
    for (const auto& error : read.errors) fmt::print(stderr, "{}: {}\n", name, error.message);
    if (!read.errors.empty()) return 2;
    if (options.costs && !settings.empty()) {
      fmt::print(stderr, "{}: --cost measures the defaults only\n", name);
      return 2;
    }
  }
  if (options.costs) {
    print_costs(options.algorithms, options.budget);
    return 0;
  }
  if (options.families.empty()) {
    for (const std::string_view name : family_names()) options.families.emplace_back(name);
  }
  std::vector<BenchProblem> problems;
  for (const std::string& family : options.families) {
    for (BenchProblem& problem : make_family(family, options.problems))
      problems.push_back(std::move(problem));
  }
  if (options.serves) return serve(problems);
  const std::vector<std::size_t> budgets = budgets_up_to(options.budget);
  std::map<std::string, Measured> all;
  all.emplace("random", measure("random", problems, options, budgets));
  for (const std::string& name : options.algorithms) {
    if (!all.contains(name)) all.emplace(name, measure(name, problems, options, budgets));
  }
  if (!options.peers.empty()) {
    for (auto& [name, measured] : read_peers(options.peers, options.workers, problems, budgets)) {
      options.algorithms.push_back(name);
      all.emplace(name, std::move(measured));
    }
  }
  // The best value is the known one, or the best that anybody found.
  for (const auto& [name, measured] : all) {
    for (std::size_t p = 0; p < problems.size(); ++p) {
      for (const auto& run : measured.losses[p])
        for (const double loss : run) problems[p].best = std::min(problems[p].best, loss);
    }
  }
  if (options.each) print_each(all, options, problems, budgets);
  fmt::print(
      "relative regret (random search is 1), problems from seed {}, {} runs each, {} at once\n",
      options.problems, options.seeds, options.workers);
  print_tables(all, options, problems, budgets);
  return 0;
}

}  // namespace
}  // namespace mizan::bench

int main(int argc, char** argv) {
  mizan::bench::Options options;
  if (!mizan::bench::read(argc, argv, options)) {
    std::fputs(std::string(mizan::bench::kHelp).c_str(), stderr);
    return 2;
  }
  return mizan::bench::run_all(std::move(options));
}
