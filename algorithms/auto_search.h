// `auto`: the algorithm that runs when none is named. It picks one of the others for every draw, by
// what the problem is and what its results look like, and says which and why.
//
//   several objectives, constraints or a fidelity    random
//   more than 60 parameters                          tpe
//   more than 1,000 results                          bayesianoptimization and tpe in turns
//   results that are mostly noise                    bayesianoptimization and multivariate-tpe
//                                                    in turns
//   eight or more trials at once                     every third draw by multivariate-tpe
//   else                                             bayesianoptimization
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "algorithms/evaluation_table.h"
#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

std::span<const SettingSpec> auto_settings();
Capabilities auto_capabilities();
std::unique_ptr<const Optimizer> make_auto();

struct AutoChoice {
  std::string_view algorithm;  // the registry's name
  std::string_view because;    // a clause: "the results are noisy"
};

/// What makes draw `draw` after `results` results of which `noise` of the variance is noise (0 to
/// 1).
AutoChoice choose_for_draw(const Problem& problem, std::uint64_t draw, std::size_t results,
                           double noise);

/// The share of the first `count` results' variance (as transformed for models) that a Gaussian
/// process takes for noise; 0 for fewer than 20 results. Looks at 60 of them at most.
double noise_share(const SearchSpace& space, const EvaluationTable& table, std::size_t count);

}  // namespace mizan::algorithms
