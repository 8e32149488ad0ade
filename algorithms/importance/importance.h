// How much each parameter matters for the objective, from the results that there are.
//
// Pure; a second at most for 10,000 results of 20 parameters. Two answers, since each is blind
// where the other sees: ped_anova asks what sets good results apart (robust, wants few results);
// forest.h asks what the objective varies with (fANOVA, also gives curves and surfaces).
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/evaluation_table.h"
#include "algorithms/search_space.h"

namespace mizan::algorithms {

struct Importance {
  std::vector<double> share;  // by parameter; all sum to 1 (to 0 when nothing could be said)
  std::vector<double> sd;     // how far a share may be off
  std::size_t results = 0;    // how many were used
};

/// Fewer completed results than this: nothing is said.
inline constexpr std::size_t kLeastForImportance = 10;

/// For each parameter, how differently the best tenth (at least five) of the completed results are
/// spread over it from all of them, as a Pearson divergence. The uncertainty is that of drawing the
/// results again (bootstrap, by `seed`).
/// Source: Watanabe, Bansal, Hutter 2023, "PED-ANOVA", arXiv:2304.10255.
Importance ped_anova(const SearchSpace& space, const EvaluationTable& table, std::uint64_t seed);

}  // namespace mizan::algorithms
