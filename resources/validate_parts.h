// The parts of validate_experiment, one file each. Each adds what it finds to `verdict`.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "resources/validate.h"

namespace mizan::resources {

using Verdict = Admission::Verdict;

inline const std::string kTrialPodsPath = "spec.trialPods";

/// "path: text", as errors are shown.
void warn(Verdict& verdict, std::string_view path, std::string_view text);
/// Whether an error stands at `path` or below.
bool has_error_at(const Verdict& verdict, std::string_view path);
/// "a", "b" and "c": for sentences.
std::string listed(const std::vector<std::string>& words);

void validate_parameters(const Json& spec, Verdict& verdict);   // parameters, nasConfig
void validate_active_when(const Json& spec, Verdict& verdict);  // conditions between parameters
void validate_initial_trials(const Json& spec, Verdict& verdict);
void validate_template(const Json& spec, const ValidationContext& context, Verdict& verdict);
void validate_run_object(const Json& run, const std::string& path, const Json& trial_template,
                         const ValidationContext& context, Verdict& verdict);
void validate_retry(const Json& trial_template, Verdict& verdict);
void validate_collector(const Json& spec, Verdict& verdict);
void validate_trial_pods(const Json& spec, Verdict& verdict);
void validate_sizing(const Json& spec, Verdict& verdict);  // what of trialPods can't have an effect
void validate_update(const Json& experiment, const Json& old, Verdict& verdict);

}  // namespace mizan::resources
