// Population based training: trials are short, each goes on from the checkpoint of an earlier one,
// and hyperparameters change on the way.
//
// Keeps Katib's settings and labels. A population of n trials is one generation; each trial of the
// next one continues one of them: its own predecessor with changed values, or, for the worst, one
// of the best (Jaderberg et al. 2017, arXiv:1711.09846).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "algorithms/counter_rng.h"
#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

// Labels of its trials, as Katib names them. `parent` is the trial whose checkpoint it goes on
// from.
inline constexpr std::string_view kPbtGenerationLabel =
    "pbt.suggestion.katib.kubeflow.org/generation";
inline constexpr std::string_view kPbtParentLabel = "pbt.suggestion.katib.kubeflow.org/parent";

std::span<const SettingSpec> pbt_settings();
Capabilities pbt_capabilities();
void check_pbt(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
               Findings& findings);
std::unique_ptr<const Optimizer> make_pbt();

/// Another value nearby: a number times 0.8 or 1.2 within its range, and at least one step away;
/// the neighbour of a listed value (the first and last are neighbours in categories).
double perturbed(const Parameter& parameter, double value, CounterRng& rng);

}  // namespace mizan::algorithms
