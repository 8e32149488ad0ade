// What clients say of their trials, read and judged: the bodies of `:report` and `:tell`. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "resources/trial.h"
#include "store/observation_log.h"

namespace mizan::api {

/// Python's json writes NaN and Infinity, which JSON doesn't have: bare, they are read as null.
/// Else as parse_json.
Result<Json> parse_metrics_json(std::string_view text);

struct Report {
  std::vector<store::Measurement> rows;
};
/// {"step": 3, "metrics": {"loss": 0.41}}. Errors: kInvalid naming what is wrong, as unknown
/// metrics.
Result<Report> read_report(const Json& body, const resources::Objective& objective, Time now);

/// {"metrics": {"loss": 0.31}} or {"state": "Failed", "reason": "…", "message": "…"}. What is told
/// is the observation; without a finite objective a success becomes MetricsUnavailable. Errors:
/// kInvalid.
Result<resources::TrialOutcome> read_tell(const Json& body, const resources::Objective& objective);

/// Whether a trial that has ended did so as `outcome` says: the same tell again.
bool ended_as(const resources::Trial& trial, const resources::TrialOutcome& outcome);

/// Whether `rules` say stop, given all that was reported in order of arrival. A rule holds once
/// enough values of its metric are there (start_step) and one compares as it says; for the
/// objective the best so far is compared.
bool should_stop(const std::vector<resources::EarlyStoppingRule>& rules,
                 const resources::Objective& objective,
                 const std::vector<store::Measurement>& reported);

}  // namespace mizan::api
