// What `mizan run` prints, as text from REST's summaries: a bar with the best so far on a terminal,
// plain lines elsewhere, and the table at the end. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/json.h"

namespace mizan::cmd {

/// One line, at most `width` columns: `[██████░░░░] 7/12  2 running  1 failed  best loss=0.2131`.
/// `experiment` is an ExperimentSummary. An experiment without a budget shows a count instead of a
/// bar.
std::string progress_line(const Json& experiment, std::size_t width);

/// One line for a finished trial: `[7/12] xgb-abc Succeeded  loss=0.2131 (best)  eta=0.1
/// max_depth=4`. `trial` is a TrialSummary.
std::string trial_line(const Json& experiment, const Json& trial, bool is_best);

/// The trials by objective, best first, at most `rows` of them, as an aligned table; failed ones
/// are counted below it with their reasons. Then the best trial with its parameters, or why there
/// is none.
std::string result_text(const Json& experiment, const std::vector<Json>& trials, std::size_t rows);

/// Completed in whatever way.
bool is_finished_trial(const Json& trial);
/// Succeeded or Failed.
bool is_finished_experiment(const Json& experiment);

}  // namespace mizan::cmd
