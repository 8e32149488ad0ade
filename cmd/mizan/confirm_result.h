// `mizan confirm`: what came out. Each configuration against the default, repeat by repeat, so that
// what the repeats have in common (the seed, the hour) doesn't count. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/mizan/confirm_plan.h"

namespace mizan::cmd {

/// The mean of paired differences, and where it lies with a confidence of 95 % (Student's t).
struct PairedInterval {
  std::size_t pairs = 0;
  double mean = 0, low = 0, high = 0;
};
/// nullopt for fewer than two.
std::optional<PairedInterval> paired_interval(const std::vector<double>& differences);

struct Compared {
  Configuration configuration;
  std::vector<double> values;  // of the repeats that gave one
  double mean = 0, deviation = 0;
  std::optional<PairedInterval> against_default;  // this minus the default; none for the default
};
/// `trials`: TrialSummaries of the plan's experiment.
std::vector<Compared> compare(const ConfirmPlan& plan, const std::vector<Json>& trials);

/// "better", "worse", "no clear difference".
std::string verdict_of(const Compared& compared, bool maximize);

/// A table for people, the default last.
std::string confirmation_text(const std::vector<Compared>& all, const std::string& metric,
                              bool maximize);
Json confirmation_json(const std::vector<Compared>& all, const std::string& metric, bool maximize);

}  // namespace mizan::cmd
