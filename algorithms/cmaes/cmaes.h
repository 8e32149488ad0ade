// CMA-ES, the successor of Katib's `cmaes` by goptuna and optuna: with a margin for integers,
// learnt categories, restarts, and never a wait for the last trial of a generation.
#pragma once

#include <memory>
#include <span>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

std::span<const SettingSpec> cmaes_settings();
Capabilities cmaes_capabilities();
void check_cmaes(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
                 Findings& findings);
std::unique_ptr<const Optimizer> make_cmaes();

}  // namespace mizan::algorithms
