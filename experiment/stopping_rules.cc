// StoppingRules: a count and a flag per rule.
#include "experiment/stopping_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "experiment/observation.h"

namespace mizan::experiment {
namespace {

bool holds(const std::string& comparison, double value, double bound) {
  if (comparison == "less") return value < bound;
  if (comparison == "greater") return value > bound;
  return comparison == "equal" && value == bound;
}

}  // namespace

StoppingRules::StoppingRules(const resources::Trial& trial)
    : objective_(trial.objective.metric),
      maximize_(trial.objective.type == resources::ObjectiveType::kMaximize) {
  for (const resources::EarlyStoppingRule& rule : trial.stopping_rules) {
    // A bound that is no number can't hold: the trial is never stopped by these rules.
    rules_.push_back(
        {rule, parse_metric_value(rule.value).value_or(std::numeric_limits<double>::quiet_NaN()), 0,
         false});
  }
}

void StoppingRules::add(const store::Measurement& row) {
  if (rules_.empty() || !verdict_.empty()) return;
  const std::optional<double> number = parse_metric_value(row.value);
  if (!number || std::isnan(*number)) return;
  double value = *number;
  if (row.metric == objective_) {
    best_ = !best_ ? value : maximize_ ? std::max(*best_, value) : std::min(*best_, value);
    value = *best_;
  }
  for (Rule& rule : rules_) {
    if (rule.held || rule.rule.name != row.metric) continue;
    if (++rule.seen < rule.rule.start_step || !holds(rule.rule.comparison, value, rule.bound))
      continue;
    rule.held = true;
    if (!std::ranges::all_of(rules_, &Rule::held)) return;
    verdict_ = fmt::format("{} is {} at report {}, which is {} than {} (earlyStoppingRules)",
                           row.metric, value, rule.seen, rule.rule.comparison, rule.rule.value);
    if (rule.rule.comparison == "equal")
      verdict_ = fmt::format("{} is {} at report {} (earlyStoppingRules)", row.metric,
                             rule.rule.value, rule.seen);
  }
}

}  // namespace mizan::experiment
