// `mizan confirm`: what is run again. The best configurations of an experiment and the one that
// people would use without it, each with the same fresh seeds, as an experiment of its own. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace mizan::cmd {

using Assignments = std::map<std::string, std::string>;

struct ConfirmRequest {
  std::int64_t top = 3;
  std::int64_t repeats = 5;
  Assignments standard = {};        // the default configuration; empty: chosen by plan_confirmation
  std::string seed_parameter = {};  // a parameter of the experiment; empty: MIZAN_SEED is added
};

struct Configuration {
  std::string origin;  // the trial that it comes from, or what the default is
  Assignments assignments;
};

struct ConfirmPlan {
  Json experiment;  // to be created, without a name
  /// The best first; the default last. Trial `i` of the experiment runs configuration
  /// `i % configurations.size()`, so what is compared is run close together in time.
  std::vector<Configuration> configurations;
  std::int64_t repeats = 0;
};

/// `experiment` is the object, `trials` its TrialSummaries. The default is, in this order: what was
/// asked for, the first of spec.initialTrials, the middle of every range.
/// Errors: kBadRequest, a sentence that says what would be right.
Result<ConfirmPlan> plan_confirmation(const Json& experiment, const std::vector<Json>& trials,
                                      const ConfirmRequest& request);

}  // namespace mizan::cmd
