// An algorithm's settings as a Markdown table: what docs/algorithms shows, made from the rows that
// parse them.
#pragma once

#include <span>
#include <string>

#include "algorithms/settings.h"

namespace mizan::algorithms {

/// Name, values, default, meaning; one line for each setting, in the table's order. Without
/// settings a sentence.
std::string settings_table(std::span<const SettingSpec> specs);

}  // namespace mizan::algorithms
