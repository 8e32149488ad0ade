// Grid search: every combination once, then it says that it is done.
//
// Order: lexicographic, the last parameter fastest, values ascending (categories as listed);
// children of a conditional parameter vary within the level that switches them on. With
// random_state a fixed shuffle of that order. Points that were evaluated or are pending anyway
// (initial or imported trials) are passed over. The grid is never written out: a position is turned
// into a point by arithmetic.
#pragma once

#include <memory>
#include <span>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

std::span<const SettingSpec> grid_settings();
Capabilities grid_capabilities();
void check_grid(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
                Findings& findings);
std::unique_ptr<const Optimizer> make_grid_search();

}  // namespace mizan::algorithms
