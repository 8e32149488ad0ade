// Runs algorithms on generated problems and prints relative regrets. `--help` says how.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "tests/bench/optimizers/cost.h"
#include "tests/bench/optimizers/options.h"
#include "tests/bench/optimizers/peers.h"
#include "tests/bench/optimizers/run.h"
#include "tests/bench/optimizers/serve.h"
#include "tests/bench/optimizers/space_maker.h"
#include "tests/bench/optimizers/tables.h"
#include "tests/bench/optimizers/training.h"

namespace mizan::bench {
namespace {

// Of a best value.
constexpr double kUnknown = std::numeric_limits<double>::infinity();

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
    BenchProblem stated = problem;
    if (name == "grid") stated.problem = coarse(problem.problem);
    for (std::size_t seed = 1; seed <= seeds; ++seed) {
      const RunPlan plan{row,
                         algorithms::parse_settings(row->name, row->settings, settings).settings,
                         seed, options.workers, budgets};
      RunResult result = run(stated, plan);
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

// The best value is the known one, or the best that anybody found.
void report(const std::map<std::string, Measured>& all, const Options& options,
            std::vector<BenchProblem>& problems, const std::vector<std::size_t>& budgets) {
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
  if (!options.summary.empty()) append_summary(all, options, problems, budgets);
}

int run_trainings(Options options) {
  const std::vector<std::size_t> budgets = budgets_up_to(options.budget);
  options.algorithms = {"hyperband", "pbt"};
  options.families = {"training"};
  options.workers = 1;
  std::map<std::string, Measured> all;
  std::vector<BenchProblem> problems;
  for (const TrainingProblem& training : make_trainings(options.problems)) {
    problems.push_back({"training", std::string(training.name), {}, nullptr, 0, kUnknown});
    for (const std::string name : {"random", "hyperband", "pbt"}) {
      auto& runs = all[name].losses.emplace_back();
      const std::size_t seeds = name == "random" ? 4 * options.seeds : options.seeds;
      for (std::size_t seed = 1; seed <= seeds; ++seed)
        runs.push_back(run_training(training, name, seed, budgets));
    }
  }
  report(all, options, problems, budgets);
  return 0;
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
  if (options.trains) return run_trainings(std::move(options));
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
  report(all, options, problems, budgets);
  return 0;
}

}  // namespace
}  // namespace mizan::bench

int main(int argc, char** argv) {
  auto options = mizan::bench::read_options(argc, argv);
  if (!options) {
    std::fputs(std::string(mizan::bench::kHelp).c_str(), stderr);
    return 2;
  }
  return mizan::bench::run_all(*std::move(options));
}
