// See stopping_choice.h.
#include "suggestion/stopping_choice.h"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/nearest_name.h"
#include "suggestion/problem.h"

namespace mizan::suggestion {
namespace {

constexpr std::string_view kPath = "spec.earlyStopping";

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : std::string("(no number)");
}

}  // namespace

StoppingChoice choose_stopping(const resources::Experiment& experiment) {
  StoppingChoice choice;
  if (!experiment.early_stopping || experiment.early_stopping->name.empty()) return choice;
  const resources::Algorithm& named = *experiment.early_stopping;
  choice.row = algorithms::find_stopping_algorithm(named.name);
  if (choice.row == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& row : algorithms::stopping_algorithms()) names.push_back(row.name);
    choice.errors.push_back(
        {FieldReason::kNotSupported, fmt::format("{}.algorithmName", kPath),
         fmt::format("unknown early stopping algorithm {}{}; there are {}", named.name,
                     algorithms::nearest_name_hint(named.name, names), fmt::join(names, ", "))});
    return choice;
  }
  std::vector<algorithms::NamedText> given;
  for (const resources::NamedSetting& setting : named.settings)
    given.push_back({setting.name, setting.value});
  auto parsed = algorithms::parse_settings(choice.row->name, choice.row->settings, given);
  for (auto& fault : parsed.errors)
    choice.errors.push_back({fault.at_name ? FieldReason::kNotSupported : FieldReason::kInvalid,
                             fmt::format("{}.algorithmSettings[{}].{}", kPath, fault.index,
                                         fault.at_name ? "name" : "value"),
                             std::move(fault.message)});
  choice.settings = std::move(parsed.settings);
  choice.warnings = std::move(parsed.warnings);
  return choice;
}

std::string why_stopped(const resources::Objective& objective, std::string_view rule,
                        const algorithms::StoppingVerdict& verdict) {
  const double sign = loss_sign(objective);
  return fmt::format("{} {} at step {:g} is worse than {}, {} {} {} ({})", objective.metric,
                     number(sign * verdict.value), verdict.step, number(sign * verdict.bound),
                     verdict.bound_is, verdict.peers, verdict.peers == 1 ? "other" : "others",
                     rule);
}

}  // namespace mizan::suggestion
