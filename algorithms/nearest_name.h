// "Did you mean …": the name that a misspelt one probably stands for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mizan::algorithms {

/// The one of `names` that is at most a third of its letters (and at least one) away from `text`,
/// by the number of letters put in, left out, changed or swapped with a neighbour; the first of
/// equals.
std::optional<std::string_view> nearest_name(std::string_view text,
                                             std::span<const std::string_view> names);

/// ` (did you mean "tpe"?)`, or nothing.
std::string nearest_name_hint(std::string_view text, std::span<const std::string_view> names);

}  // namespace mizan::algorithms
