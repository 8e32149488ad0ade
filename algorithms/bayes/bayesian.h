// Bayesian optimization with a Gaussian process, the successor of Katib's `bayesianoptimization` by
// scikit-optimize.
//
// Every proposal is a function of the history alone: hyperparameters are fitted to fixed prefixes
// of it (every result at first, every twentieth part later), from fixed starts. A cache keeps the
// last fit; without it the same fit is made again.
#pragma once

#include <memory>
#include <span>

#include "algorithms/evaluation_table.h"
#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

std::span<const SettingSpec> bayesian_settings();
Capabilities bayesian_capabilities();
void check_bayesian(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
                    Findings& findings);
std::unique_ptr<const Optimizer> make_bayesian();

/// The largest count at which a fit is due that is not above `n`: each up to 20, then every tenth
/// to 100 and every twentieth part beyond.
std::size_t last_fit_count(std::size_t n);

/// At most `limit` usable rows before `end`: the best third, the newest third, and an even sample
/// of the others; ascending.
std::vector<std::size_t> model_rows(const EvaluationTable& table, std::size_t end,
                                    std::size_t limit);

}  // namespace mizan::algorithms
