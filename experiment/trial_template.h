// Turns a template and one point into the object that runs a trial.
//
// Values are put into the strings of the parsed tree, never into text: quotes, colons and newlines
// can't break anything, and what was put in is not looked at again. Where a whole string is one
// placeholder and the schema of the object wants a number or a boolean there, it becomes one.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "resources/experiment.h"
#include "resources/trial.h"

namespace mizan::experiment {

struct TemplateInput {
  Json spec;  // the template: trialSpec, or what the ConfigMap holds
  std::vector<resources::TrialParameter> parameters;
  std::vector<resources::Parameter> space;  // for inactive values
  std::vector<resources::Assignment> assignments;
  std::string trial_name, trial_ns;
  const Json* schema = nullptr;  // OpenAPI v3 of the object's kind, when it is known
};

/// The object with metadata.name and metadata.namespace of the trial. Pure.
/// Errors: kInvalid with every field that is wrong: a reference to nothing, a placeholder without a
/// trialParameter, a template that is no object with apiVersion and kind, a value that the schema
/// can't take.
Result<Json> render_trial(const TemplateInput& input);

/// The parameters' values, as the placeholders get them. Errors as above.
Result<std::vector<resources::Assignment>> resolve_parameters(const TemplateInput& input);

}  // namespace mizan::experiment
