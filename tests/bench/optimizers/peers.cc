// See peers.h.
#include "tests/bench/optimizers/peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace mizan::bench {
namespace {

struct Row {
  std::string peer, problem;
  std::size_t workers = 0, seed = 0, budget = 0;
  double loss = 0;
};

bool parse(const std::string& line, Row& row) {
  std::istringstream text(line);
  std::vector<std::string> fields;
  // A problem's name may have commas: two fields before it, three behind.
  for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
  if (fields.size() < 6) return false;
  const std::size_t last = fields.size() - 1;
  row.peer = fields[0];
  row.workers = std::stoul(fields[1]);
  row.problem = fields[2];
  for (std::size_t i = 3; i + 3 <= last; ++i) row.problem += "," + fields[i];
  row.seed = std::stoul(fields[last - 2]);
  row.budget = std::stoul(fields[last - 1]);
  row.loss = std::stod(fields[last]);
  return true;
}

bool is_complete(const Measured& measured) {
  return std::all_of(measured.losses.begin(), measured.losses.end(), [](const auto& runs) {
    return !runs.empty() && std::all_of(runs.begin(), runs.end(), [](const auto& losses) {
      return std::all_of(losses.begin(), losses.end(), [](double loss) { return loss == loss; });
    });
  });
}

}  // namespace

std::map<std::string, Measured> read_peers(const std::string& path, std::size_t workers,
                                           const std::vector<BenchProblem>& problems,
                                           const std::vector<std::size_t>& budgets) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(fmt::format("{} can't be read", path));
  std::map<std::string, Measured> peers;
  Row row;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#' || !parse(line, row) || row.workers != workers) continue;
    const auto problem = std::find_if(problems.begin(), problems.end(), [&](const BenchProblem& p) {
      return p.family + "/" + p.name == row.problem;
    });
    const auto budget = std::find(budgets.begin(), budgets.end(), row.budget);
    if (problem == problems.end() || budget == budgets.end() || row.seed == 0) continue;
    auto& losses = peers[row.peer].losses;
    losses.resize(problems.size());
    auto& runs = losses[static_cast<std::size_t>(problem - problems.begin())];
    const std::vector<double> unknown(budgets.size(), std::numeric_limits<double>::quiet_NaN());
    if (runs.size() < row.seed) runs.resize(row.seed, unknown);
    runs[row.seed - 1][static_cast<std::size_t>(budget - budgets.begin())] = row.loss;
  }
  for (auto at = peers.begin(); at != peers.end();) {
    if (is_complete(at->second)) {
      ++at;
      continue;
    }
    fmt::print(stderr, "{} lacks some of these problems in {}\n", at->first, path);
    at = peers.erase(at);
  }
  return peers;
}

}  // namespace mizan::bench
