// What a plain YAML 1.1 scalar means.
#pragma once

#include <optional>
#include <string_view>

#include "core/json.h"

namespace mizan::resources {

/// Booleans, null, integers (decimal, 0x, 0o, 0b, leading 0 for octal, `_` anywhere), floats; else
/// the text itself. nullopt for infinities and NaN, which JSON cannot hold.
std::optional<Json> resolve_plain_scalar(std::string_view text);

}  // namespace mizan::resources
