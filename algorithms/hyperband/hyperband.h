// Hyperband: many configurations with little of a resource, the best part again with more, and so
// on, at several trade-offs between many and much.
//
// Keeps Katib's settings and does what their names say (Katib's own stops after one bracket). No
// trial is waited for longer than its rung: a failed one ranks last, and while a rung is open the
// next bracket begins.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "algorithms/optimizer.h"
#include "algorithms/registry.h"

namespace mizan::algorithms {

std::span<const SettingSpec> hyperband_settings();
Capabilities hyperband_capabilities();
void check_hyperband(const Problem& problem, const Settings& settings, std::uint64_t total_budget,
                     Findings& findings);
std::unique_ptr<const Optimizer> make_hyperband();

/// The parameter that is the resource: the problem's fidelity parameter, else the one that
/// resource_name names.
std::optional<std::size_t> resource_parameter(const Problem& problem, const Settings& settings);

}  // namespace mizan::algorithms
