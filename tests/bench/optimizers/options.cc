// See options.h.
#include "tests/bench/optimizers/options.h"

#include <algorithm>
#include <charconv>

namespace mizan::bench {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

bool* flag_of(Options& options, std::string_view name) {
  if (name == "--each") return &options.each;
  if (name == "--cost") return &options.costs;
  if (name == "--serve") return &options.serves;
  if (name == "--training") return &options.trains;
  return nullptr;
}

}  // namespace

const std::string_view kHelp =
    R"(usage: optimizers_bench [--algorithms a,b] [--families f,g] [--problems-from SEED] [--seeds N]
                        [--budget N] [--workers N] [--csv FILE] [--each]
  --algorithms     with settings as in tpe:n_startup_trials=5:n_ei_candidates=48
  --problems-from  seed of the problems (default 1). Choose on one, report on another.
  --seeds          runs of every algorithm on every problem (default 5); random search has 4 times as many
  --each           a line for each problem, too
  --csv            appends algorithm,workers,problem,seed,budget,loss
  --peers FILE     rows of such a file in the tables, too; of the same problems and number of workers
  --summary FILE   appends algorithm,workers,family,budget,mean,low,high: what the tables say, for plot.py
  --training       hyperband, pbt and random search on trainings with as many epochs (training.h) instead
  --cost           CPU time of suggestions for histories of up to --budget results instead
  --serve          lends the problems to another program (serve.h) instead
)";

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (bool* const flag = flag_of(options, name)) {
      *flag = true;
      continue;
    }
    if (i + 1 >= argc) return std::nullopt;
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
    } else if (name == "--summary") {
      options.summary = value;
    } else if (name == "--problems-from") {
      options.problems = number;
    } else if (name == "--seeds") {
      options.seeds = std::max<std::size_t>(1, number);
    } else if (name == "--budget") {
      options.budget = std::max<std::size_t>(1, number);
    } else if (name == "--workers") {
      options.workers = std::max<std::size_t>(1, number);
    } else {
      return std::nullopt;
    }
  }
  return options;
}

}  // namespace mizan::bench
