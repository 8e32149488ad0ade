// Experiments and Trials as JSON, short enough to be read in a test.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::testing {

/// {"name": name, "parameterType": "double", "feasibleSpace": {...}}; an empty step is left out.
Json double_parameter(const std::string& name, const std::string& min, const std::string& max,
                      const std::string& step = "");
Json int_parameter(const std::string& name, const std::string& min, const std::string& max);
Json list_parameter(const std::string& name, const std::string& type,
                    const std::vector<std::string>& list);

/// namespace default, uid "uid-1", minimising `loss`, three trials at once.
Json experiment_json(const std::string& name, const std::vector<Json>& parameters,
                     const std::string& algorithm = "random", const Json& settings = Json::array());

/// A Trial of that experiment; `suggestedFrom.draw` is set, `assignments` is {"lr": "0.1"}.
Json trial_json(const std::string& experiment, const std::string& name, std::uint64_t draw,
                const Json& assignments);
/// The same trial, ended at `second` past 2026-11-23T20:00:00Z with `loss` in its observation (none
/// when empty).
Json ended_trial(Json trial, resources::TrialState state, int second, const std::string& loss);

}  // namespace mizan::testing
