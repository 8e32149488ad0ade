// Cells of built-in kinds that no JSONPath can say: "computed:podStatus" and its like in printer
// columns.
#pragma once

#include <string_view>

#include "core/json.h"
#include "core/time.h"

namespace mizan::api {

/// The cell of column `name` (without "computed:") for `object`; null for a name that nobody knows.
Json computed_cell(std::string_view name, const Json& object, Time now);

/// Whether `name` is one of the computed columns.
bool is_computed_column(std::string_view name);

}  // namespace mizan::api
